/* changes.ts - which cells differ between two matrices of the same view, so that they can flash.
 *
 * How:  rows with the same identity are equal; others are compared week by week, by name, because rows and
 *       weeks may have come or gone. A row or week that is new flashes too. Pure. */
import type { Cents, Matrix, MatrixRow } from "../api/shapes.ts";

export const TOTAL = "total";
export const TOTALS_ROW = "totals";

/** Row key (or TOTALS_ROW) → column names: weeks and TOTAL. */
export type Changes = Map<string, string[]>;

interface Line {
    total_cents: Cents;
    cells: Cents[];
}

function compare(before: Line | undefined, after: Line, was: Map<string, number>, weeks: string[]): string[] {
    const changed = weeks.filter((week, column) => {
        const old = was.get(week);
        const value = old === undefined || before === undefined ? null : (before.cells[old] ?? null);
        return value !== (after.cells[column] ?? null);
    });
    if ((before?.total_cents ?? null) !== after.total_cents) changed.push(TOTAL);
    return changed;
}

export function changesBetween(before: Matrix, after: Matrix): Changes {
    const changes: Changes = new Map();
    const was = new Map(before.weeks.map((week, index) => [week, index]));
    const rows = new Map<string, MatrixRow>(before.rows.map((row) => [row.key, row]));
    for (const row of after.rows) {
        const old = rows.get(row.key);
        if (old === row) continue;
        const columns = compare(old, row, was, after.weeks);
        if (columns.length > 0) changes.set(row.key, columns);
    }
    const columns = compare(before.totals, after.totals, was, after.weeks);
    if (columns.length > 0) changes.set(TOTALS_ROW, columns);
    return changes;
}
