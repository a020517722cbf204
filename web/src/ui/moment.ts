/* moment.ts - an instant in a campaign's time zone, as text and back.
 *
 * Why:  "as known on Tuesday 10:00" is meant in the campaign's zone, wherever the reader sits.
 * How:  Intl tells the local parts of an instant; the way back guesses with the zone's offset and corrects once.
 *       A local time that does not exist is the first instant after the gap; one that occurs twice is the earlier.
 *       An unknown zone counts as UTC. Pure. */
import { longDay } from "../matrix/weeks.ts";

interface Parts {
    day: string;
    time: string;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(tz: string): Intl.DateTimeFormat {
    const known = FORMATS.get(tz);
    if (known) return known;
    const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
    const all = { ...parts, second: "2-digit", hourCycle: "h23" } as const;
    let made: Intl.DateTimeFormat;
    try {
        made = new Intl.DateTimeFormat("en-US", { timeZone: tz, ...all });
    } catch {
        made = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...all });
    }
    FORMATS.set(tz, made);
    return made;
}

function partsOf(ms: number, tz: string): Parts {
    const found = formatOf(tz).formatToParts(new Date(ms));
    const part = (type: string): string => found.find((each) => each.type === type)?.value ?? "00";
    const day = `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
    return { day, time: `${part("hour")}:${part("minute")}:${part("second")}` };
}

/** "2026-11-03T09:59:00", what a date-time input holds. */
export function localText(ms: number, tz: string): string {
    const { day, time } = partsOf(ms, tz);
    return `${day}T${time}`;
}

/* How far the zone's clock is ahead of UTC at an instant. */
function offsetMs(ms: number, tz: string): number {
    const whole = Math.floor(ms / 1000) * 1000;
    return Date.parse(`${localText(whole, tz)}Z`) - whole;
}

/** The instant of a date-time input's text; null if it is none. */
export function momentOf(text: string, tz: string): number | null {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return null;
    const wall = Date.parse(`${text}Z`);
    if (!Number.isFinite(wall)) return null;
    /* The offset a day before and a day after: one of both holds, except in a gap. */
    const offsets = [offsetMs(wall - 86_400_000, tz), offsetMs(wall + 86_400_000, tz)];
    const fits = offsets.map((offset) => wall - offset).filter((ms) => ms + offsetMs(ms, tz) === wall);
    if (fits.length > 0) return Math.min(...fits);
    return firstAfterGap(wall, tz);
}

function firstAfterGap(wall: number, tz: string): number {
    let before = wall - 86_400_000 - offsetMs(wall - 86_400_000, tz);
    let after = wall + 86_400_000 - offsetMs(wall + 86_400_000, tz);
    while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        if (middle + offsetMs(middle, tz) < wall) before = middle;
        else after = middle;
    }
    return after;
}

function zoneName(ms: number, tz: string): string {
    try {
        const format = new Intl.DateTimeFormat("en-US", { timeZone: tz, timeZoneName: "short" });
        return format.formatToParts(new Date(ms)).find((each) => each.type === "timeZoneName")?.value ?? "";
    } catch {
        return "UTC";
    }
}

/** "Tue Nov 3, 2026 09:59:00 EST" */
export function momentText(ms: number | null | undefined, tz: string): string {
    if (ms === null || ms === undefined) return "unknown";
    const { day, time } = partsOf(ms, tz);
    return `${longDay(day)} ${time} ${zoneName(ms, tz)}`.trim();
}
