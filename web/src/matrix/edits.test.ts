import assert from "node:assert/strict";
import { test } from "node:test";
import type { Matrix } from "../api/shapes.ts";
import { baseVersion, changeOf, checked, hasConflict, insisted, NO_EDITS, withConflict, withEdit, withoutEdit } from "./edits.ts";

const A = "a:504:broadcast:waaa@2026-10-12";
const B = "a:504:broadcast:waaa@2026-10-19";
const LABELS = { side: null, advertiser: null, market: null, medium: null, station: null };

function matrix(version: number, cells: (number | null)[]): Matrix {
    return {
        campaign_id: "cmp_1",
        epoch: "1",
        version,
        basis: "gross",
        week_basis: "broadcast",
        weeks: ["2026-10-12", "2026-10-19"],
        rows: [{ key: "a:504:broadcast:waaa", kind: "leaf", labels: LABELS, cells, total_cents: null }],
        totals: { cells, total_cents: null },
    };
}

function edit(key: string, before: number | null, cents: number, seen = 7) {
    return { key, before, cents, seen };
}

test("withEdit: an edit of an edit keeps what was seen first; going back is no edit", () => {
    const one = withEdit(NO_EDITS, edit(A, 100, 200));
    const two = withEdit(one, edit(A, 200, 300, 9));
    assert.deepEqual(two.get(A), edit(A, 100, 300));
    assert.equal(withEdit(two, edit(A, 300, 100)).size, 0);
    assert.equal(one.get(A)?.cents, 200, "the buffer before is untouched");
    assert.equal(withEdit(NO_EDITS, edit(A, null, 0)).size, 1, "a known zero is not nothing known");
});

test("checked: only the cell that changed below is a conflict", () => {
    const edits = withEdit(withEdit(NO_EDITS, edit(A, 100, 200)), edit(B, null, 50));
    const same = checked(edits, matrix(9, [100, null]));
    assert.equal(hasConflict(same), false);
    assert.equal(baseVersion(same, matrix(9, [100, null])), 9);
    const moved = checked(edits, matrix(9, [150, null]));
    assert.deepEqual(moved.get(A)?.conflict, { cents: 150, version: 9 });
    assert.equal(moved.get(B)?.conflict, undefined);
});

test("withConflict, insisted: the server's word is known before the matrix follows", () => {
    const edits = withEdit(withEdit(NO_EDITS, edit(A, 100, 200)), edit(B, null, 50));
    const refused = withConflict(edits, { key: A, gross_cents: 150, version: 12 });
    assert.equal(hasConflict(refused), true);
    assert.equal(refused.get(B)?.conflict, undefined, "the others keep");
    const again = insisted(refused, A);
    assert.deepEqual(again.get(A), edit(A, 150, 200, 12));
    const stale = matrix(9, [100, null]);
    assert.equal(hasConflict(checked(again, stale)), false, "an older matrix proves nothing");
    assert.equal(baseVersion(again, stale), 12);
    assert.equal(withConflict(edits, { key: "other@2026-10-12", gross_cents: 1, version: 1 }), edits);
});

test("insisted: when both wanted the same nothing is left to do", () => {
    const refused = withConflict(withEdit(NO_EDITS, edit(A, 100, 200)), { key: A, gross_cents: 200, version: 12 });
    assert.equal(insisted(refused, A).size, 0);
});

test("changeOf: what the edits add", () => {
    const edits = withEdit(withEdit(NO_EDITS, edit(A, 100, 250)), edit(B, null, 50));
    assert.equal(changeOf(edits), 200);
    assert.equal(changeOf(withoutEdit(edits, B)), 150);
});
