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
