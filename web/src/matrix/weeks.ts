/* weeks.ts - days and weeks as text. Air days are plain dates; they never go through a time zone.
 *
 * How:  a "2026-10-12" is read as UTC midnight only to do calendar arithmetic. Pure. */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_MS = 86_400_000;

function utc(day: string): Date {
    return new Date(`${day}T00:00:00Z`);
}

/** The day `count` days after `day`. */
export function addDays(day: string, count: number): string {
    return new Date(utc(day).getTime() + count * DAY_MS).toISOString().slice(0, 10);
}

/** "Oct 12" */
export function shortDay(day: string): string {
    const date = utc(day);
    return `${MONTHS[date.getUTCMonth()] ?? ""} ${date.getUTCDate()}`;
}

/** "Mon Oct 12, 2026" */
export function longDay(day: string): string {
    const date = utc(day);
    return `${WEEKDAYS[date.getUTCDay()] ?? ""} ${shortDay(day)}, ${date.getUTCFullYear()}`;
}

/** "Oct 12 – 26, 2026", with as much repeated as is needed; either end may be unknown. */
export function dayRange(from: string | null | undefined, to: string | null | undefined): string {
    if (!from || !to) return from || to ? longDay((from ?? to) as string) : "no dates";
    if (from === to) return longDay(from);
    const sameYear = from.slice(0, 4) === to.slice(0, 4);
    const sameMonth = from.slice(0, 7) === to.slice(0, 7);
    const start = sameYear ? shortDay(from) : `${shortDay(from)}, ${from.slice(0, 4)}`;
    const end = sameMonth ? String(utc(to).getUTCDate()) : shortDay(to);
    return `${start} – ${end}, ${to.slice(0, 4)}`;
}

/** Whether `day` lies in the seven days that begin with `week`. */
export function inWeek(week: string, day: string): boolean {
    return week <= day && day < addDays(week, 7);
}

/** The local date of an instant in a time zone; an unknown zone counts as UTC. */
export function localDay(at: Date, tz: string): string {
    const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
    try {
        // Put together here: the order of the parts in a locale's text differs between versions of its data.
        const found = new Intl.DateTimeFormat("en-US", { timeZone: tz, ...parts }).formatToParts(at);
        const part = (type: string): string => found.find((p) => p.type === type)?.value ?? "";
        return `${part("year")}-${part("month")}-${part("day")}`;
    } catch {
        return at.toISOString().slice(0, 10);
    }
}
