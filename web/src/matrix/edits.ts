/* edits.ts - edits of cells that are not saved yet.
 *
 * Why:  several edits go together with one reason, all or nothing; while they wait the matrix below moves on.
 * How:  each edit remembers the amount its author saw. Before sending, every edit is compared with the matrix as it is
 *       now; one that differs is a conflict and waits for a person, the others keep. So the newest version can be named
 *       as the base: whatever changed below is known. Pure. */
import type { Cents, CellConflict, Matrix } from "../api/shapes.ts";
import { splitCellKey } from "./fold.ts";

export interface Edit {
    key: string;
    /** What the author saw. */
    before: Cents;
    cents: number;
    /** Version in which `before` is known to be true. */
    seen: number;
    /** Somebody else's amount, until the author says which of both holds. */
    conflict?: { cents: Cents; version: number };
}

export type Edits = ReadonlyMap<string, Edit>;

export const NO_EDITS: Edits = new Map();

/** A cell set back to what it was is no edit. */
export function withEdit(edits: Edits, edit: Edit): Edits {
    const next = new Map(edits);
    const first = edits.get(edit.key);
    const before = first && !first.conflict ? first.before : edit.before;
    const seen = first && !first.conflict ? first.seen : edit.seen;
    if (edit.cents === before) next.delete(edit.key);
    else next.set(edit.key, { key: edit.key, before, cents: edit.cents, seen });
    return next;
}

export function withoutEdit(edits: Edits, key: string): Edits {
    const next = new Map(edits);
    next.delete(key);
    return next;
}

function cellOf(matrix: Matrix, key: string): Cents {
    const at = splitCellKey(key);
    const row = at && matrix.rows.find((each) => each.key === at.row);
    return (row && row.cells[matrix.weeks.indexOf(at.week)]) ?? null;
}

/** Marks each edit whose cell is not any more what its author saw. */
export function checked(edits: Edits, matrix: Matrix): Edits {
    const next = new Map(edits);
    for (const edit of edits.values()) {
        if (edit.conflict || edit.seen > matrix.version) continue; /* the server knew more than this matrix */
        const cents = cellOf(matrix, edit.key);
        if (cents !== edit.before) next.set(edit.key, { ...edit, conflict: { cents, version: matrix.version } });
    }
    return next;
}

/** What the server's refusal said about one cell. */
export function withConflict(edits: Edits, { key, gross_cents, version }: CellConflict): Edits {
    const edit = edits.get(key);
    if (!edit) return edits;
    return new Map(edits).set(key, { ...edit, conflict: { cents: gross_cents, version } });
}

/** The author insists: the other amount is now the one that was seen. */
export function insisted(edits: Edits, key: string): Edits {
    const edit = edits.get(key);
    if (!edit?.conflict) return edits;
    const { cents, version } = edit.conflict;
    if (cents === edit.cents) return withoutEdit(edits, key); /* both wanted the same */
    return new Map(edits).set(key, { key, before: cents, cents: edit.cents, seen: version });
}

export function hasConflict(edits: Edits): boolean {
    return [...edits.values()].some((edit) => edit.conflict !== undefined);
}

/** The version to name as base: the newest in which every edit's `before` is known to hold. */
export function baseVersion(edits: Edits, matrix: Matrix): number {
    return Math.max(matrix.version, ...[...edits.values()].map((edit) => edit.seen));
}

/** What all edits together add to the matrix. */
export function changeOf(edits: Edits): number {
    return [...edits.values()].reduce((sum, edit) => sum + edit.cents - (edit.before ?? 0), 0);
}
