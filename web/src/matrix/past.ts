/* past.ts - a matrix as it was known against the matrix as it is known now.
 *
 * How:  rows and weeks are compared by name, because both may have come or gone since. Pure. */
import type { Cents, Matrix } from "../api/shapes.ts";
import { cellKey } from "./fold.ts";
import { formatCents, formatChange } from "./money.ts";

export interface Since {
    then: Cents;
    now: Cents;
}

/** Leaf cells that differ, by key; cells that did not exist then are among them. */
export function sinceThen(then: Matrix, now: Matrix): Map<string, Since> {
    const found = new Map<string, Since>();
    const weeks = new Set([...then.weeks, ...now.weeks]);
    const cellsOf = (matrix: Matrix) => {
        const columns = new Map(matrix.weeks.map((week, index) => [week, index]));
        const rows = new Map(matrix.rows.filter((row) => row.kind === "leaf").map((row) => [row.key, row.cells]));
        return (row: string, week: string): Cents => rows.get(row)?.[columns.get(week) ?? -1] ?? null;
    };
    const before = cellsOf(then);
    const after = cellsOf(now);
    const rows = new Set([...then.rows, ...now.rows].filter((row) => row.kind === "leaf").map((row) => row.key));
    for (const row of rows) {
        for (const week of weeks) {
            const since = { then: before(row, week), now: after(row, week) };
            if (since.then !== since.now) found.set(cellKey(row, week), since);
        }
    }
    return found;
}

/** "now $42,000.00 (−$8,000.00 since)" */
export function sinceText({ then, now }: Since): string {
    if (now === null) return `now nothing (${formatChange(-(then ?? 0))} since)`;
    if (then === null) return `now ${formatCents(now)}, then nothing was known`;
    return `now ${formatCents(now)} (${formatChange(now - then)} since)`;
}
