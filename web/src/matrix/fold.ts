/* fold.ts - a matrix plus the deltas that came after it.
 *
 * Why:  the server sends only the leaf cells a change touched; the screen shows sums of them too. Sums made
 *       here must equal the server's to the cent, and the screen must know when it cannot make them.
 * How:  versions are applied in order, each exactly once. A touched week's column is summed again from the
 *       leaves in one pass: rows come with each subtotal after its group, so every level has one running sum
 *       that its subtotal row takes and clears. Rows that do not change keep their identity. Pure. */
import type { Basis, Cents, Delta, DeltaCell, Matrix, MatrixRow, RowKind } from "../api/shapes.ts";
import { addCents, sumCents } from "./money.ts";

export interface Folded {
    matrix: Matrix;
    /** False: a version is missing or a row or week is not known here; only a new matrix can tell. */
    complete: boolean;
}

/** Subtotal kinds from the inmost outwards; the order in which their rows follow a group. */
const LEVELS: readonly RowKind[] = ["medium", "market", "advertiser", "side"];

/** "ROW@2026-10-12" → row key and week; null if there is no week in it. */
export function splitCellKey(key: string): { row: string; week: string } | null {
    const at = key.lastIndexOf("@");
    return at <= 0 ? null : { row: key.slice(0, at), week: key.slice(at + 1) };
}

export function cellKey(row: string, week: string): string {
    return `${row}@${week}`;
}

function amountOf(cell: DeltaCell, basis: Basis): Cents {
    return basis === "net" ? cell.net_cents : cell.gross_cents;
}

function withCell(row: MatrixRow, column: number, value: Cents): MatrixRow {
    const cells = row.cells.slice();
    cells[column] = value;
    return { ...row, cells, total_cents: sumCents(cells) };
}

/* Sums one column again and returns its total; subtotal rows in `rows` are replaced where they differ. */
function sumColumn(rows: MatrixRow[], column: number): Cents {
    const running: Cents[] = LEVELS.map(() => null);
    let total: Cents = null;
    rows.forEach((row, index) => {
        const value = row.cells[column] ?? null;
        const level = LEVELS.indexOf(row.kind);
        if (level < 0) {
            LEVELS.forEach((_, each) => (running[each] = addCents(running[each] ?? null, value)));
            total = addCents(total, value);
            return;
        }
        const sum = running[level] ?? null;
        if (sum !== value) rows[index] = withCell(row, column, sum);
        running[level] = null;
    });
    return total;
}

/* Places one delta's cells; returns false if one belongs to a row or week that is not here. */
function place(draft: Draft, cells: readonly DeltaCell[], isFiltered: boolean): boolean {
    let known = true;
    for (const cell of cells) {
        const key = splitCellKey(cell.key);
        const value = amountOf(cell, draft.basis);
        const index = key === null ? undefined : draft.rowIndex.get(key.row);
        const column = key === null ? undefined : draft.weekIndex.get(key.week);
        if (index === undefined && isFiltered) continue; /* most likely left out on purpose */
        if (index === undefined || column === undefined) {
            if (value !== null) known = false; /* a cell we never had may be gone without harm */
            continue;
        }
        const row = draft.rows[index] as MatrixRow;
        if ((row.cells[column] ?? null) === value) continue;
        draft.rows[index] = withCell(row, column, value);
        draft.touched.add(column);
    }
    return known;
}

interface Draft {
    basis: Basis;
    rows: MatrixRow[];
    rowIndex: Map<string, number>;
    weekIndex: Map<string, number>;
    touched: Set<number>;
}

function draftOf(matrix: Matrix): Draft {
    const rowIndex = new Map<string, number>();
    matrix.rows.forEach((row, index) => {
        if (row.kind === "leaf") rowIndex.set(row.key, index);
    });
    const weekIndex = new Map(matrix.weeks.map((week, index) => [week, index]));
    return { basis: matrix.basis, rows: matrix.rows.slice(), rowIndex, weekIndex, touched: new Set() };
}

/** Applies deltas to a matrix of week mode `booked`. Versions already contained are skipped; at a missing
 *  version it stops. `isFiltered`: rows may be left out of the matrix, so a row that is not here means nothing.
 *  Cost: rows × touched weeks. `matrix` is not changed. */
export function fold(matrix: Matrix, deltas: readonly Delta[], isFiltered = false): Folded {
    const draft = draftOf(matrix);
    let version = matrix.version;
    let complete = true;
    for (const delta of deltas) {
        if (delta.version <= version) continue;
        if (delta.version !== version + 1) {
            complete = false;
            break;
        }
        version = delta.version;
        if (!place(draft, delta.cells, isFiltered)) complete = false;
    }
    if (draft.touched.size === 0) return { matrix: { ...matrix, version }, complete };
    const cells = matrix.totals.cells.slice();
    for (const column of draft.touched) cells[column] = sumColumn(draft.rows, column);
    const totals = { ...matrix.totals, cells, total_cents: sumCents(cells) };
    return { matrix: { ...matrix, version, rows: draft.rows, totals }, complete };
}
