import assert from "node:assert/strict";
import { test } from "node:test";
import type { MatrixRow, RowKind } from "../api/shapes.ts";
import { detailOf, leavesOf, rowsAtDetail, withoutCollapsed } from "./detail.ts";

const LABELS = { side: null, advertiser: null, market: null, medium: null, station: null };

function row(kind: RowKind, key: string): MatrixRow {
    return { kind, key, labels: LABELS, cells: [], total_cents: null };
}

const ROWS = [
    row("leaf", "A:1:tv:x"),
    row("leaf", "A:1:tv:y"),
    row("medium", "A:1:tv"),
    row("market", "A:1"),
    row("leaf", "A:2:tv:z"),
    row("medium", "A:2:tv"),
    row("market", "A:2"),
    row("advertiser", "A"),
    row("leaf", "B:1:tv:x"),
    row("medium", "B:1:tv"),
    row("market", "B:1"),
    row("advertiser", "B"),
    row("side", "for"),
];

function keys(rows: MatrixRow[]): string[] {
    return rows.map((each) => each.key);
}

test("rowsAtDetail: from stations up to sides", () => {
    assert.equal(rowsAtDetail(ROWS, "leaf"), ROWS);
    assert.deepEqual(keys(rowsAtDetail(ROWS, "flat")), ["A:1:tv:x", "A:1:tv:y", "A:2:tv:z", "B:1:tv:x"]);
    assert.deepEqual(keys(rowsAtDetail(ROWS, "market")), ["A:1", "A:2", "A", "B:1", "B", "for"]);
    assert.deepEqual(keys(rowsAtDetail(ROWS, "side")), ["for"]);
});

test("withoutCollapsed: a group closes without its neighbours", () => {
    assert.equal(withoutCollapsed(ROWS, new Set()), ROWS);
    const one = keys(withoutCollapsed(ROWS, new Set(["A:1"])));
    assert.deepEqual(one, ["A:1", "A:2:tv:z", "A:2:tv", "A:2", "A", "B:1:tv:x", "B:1:tv", "B:1", "B", "for"]);
    const whole = keys(withoutCollapsed(ROWS, new Set(["A", "A:1"])));
    assert.deepEqual(whole, ["A", "B:1:tv:x", "B:1:tv", "B:1", "B", "for"]);
    assert.deepEqual(keys(withoutCollapsed(ROWS, new Set(["for"]))), ["for"]);
    assert.equal(withoutCollapsed(ROWS, new Set(["gone"])).length, ROWS.length);
});

test("detailOf: an unknown word is the default", () => {
    assert.equal(detailOf("market"), "market");
    assert.equal(detailOf("x"), "leaf");
    assert.equal(detailOf(null), "leaf");
});

test("leavesOf: exactly the rows that a subtotal sums", () => {
    assert.deepEqual(keys(leavesOf(ROWS, "A:1:tv")), ["A:1:tv:x", "A:1:tv:y"]);
    assert.deepEqual(keys(leavesOf(ROWS, "A:2")), ["A:2:tv:z"]);
    assert.deepEqual(keys(leavesOf(ROWS, "A")), ["A:1:tv:x", "A:1:tv:y", "A:2:tv:z"]);
    assert.deepEqual(keys(leavesOf(ROWS, "B")), ["B:1:tv:x"]);
    assert.equal(leavesOf(ROWS, "for").length, 4);
    assert.deepEqual(leavesOf(ROWS, "A:1:tv:x"), []);
    assert.deepEqual(leavesOf(ROWS, "gone"), []);
});
