/* money.ts - integer cents as text.
 *
 * Why:  amounts are exact to the cent; a division by 100 would go through a binary fraction.
 * How:  only the decimal digits of the integer are moved about. Pure. */
import type { Cents } from "../api/shapes.ts";

export const EMPTY = "–"; /* nothing known; a known zero is "$0.00" */
const MINUS = "−";

function grouped(digits: string): string {
    return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "$1,234.50", "−$0.05"; null is EMPTY. Anything but a safe integer is a programmer's mistake. */
export function formatCents(cents: Cents | undefined): string {
    if (cents === null || cents === undefined) return EMPTY;
    if (!Number.isSafeInteger(cents)) throw new RangeError(`not an integer amount of cents: ${cents}`);
    const digits = String(cents < 0 ? -cents : cents).padStart(3, "0");
    const text = `$${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
    return cents < 0 ? MINUS + text : text;
}

/** Sum that keeps "nothing known": null plus null is null, null plus a number is the number. */
export function addCents(a: Cents, b: Cents): Cents {
    if (a === null) return b;
    return b === null ? a : a + b;
}

export function sumCents(cells: readonly Cents[]): Cents {
    return cells.reduce(addCents, null);
}

/** Differences carry their sign: "+$8,000.00", "−$8,000.00", "$0.00". */
export function formatChange(cents: Cents | undefined): string {
    return cents !== null && cents !== undefined && cents > 0 ? `+${formatCents(cents)}` : formatCents(cents);
}

const DOLLARS_DIGITS_MAX = 13;

/** What a person typed as dollars, in cents; null if it is no amount. Takes the grid's own text, marks included;
 *  "12k" and "1.5m" are thousands and millions. More than two decimals are refused, never rounded. */
export function parseCents(text: string): number | null {
    const plain = text.replace(/[⚑✎✱Δ\s$]/g, "").replace(/^[−–](?=.)/, "-");
    const match = /^([-+]?|\()(\d{1,3}(?:,\d{3})+|\d*)(?:\.(\d*))?([km]?)(\)?)$/i.exec(plain);
    if (!match) return null;
    const [, sign = "", whole = "", fraction = "", unit = "", end = ""] = match;
    if (whole + fraction === "" || (sign === "(") !== (end === ")")) return null;
    const places = unit === "" ? 2 : unit.toLowerCase() === "k" ? 5 : 8;
    const decimals = fraction.replace(/0+$/, "");
    if (decimals.length > places) return null;
    const digits = (whole.replaceAll(",", "") + decimals.padEnd(places, "0")).replace(/^0+(?=\d)/, "");
    if (digits.length > DOLLARS_DIGITS_MAX + 2) return null;
    const cents = Number(digits);
    return sign === "-" || sign === "(" ? (cents === 0 ? 0 : -cents) : cents;
}
