import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cents, Delta, Labels, Matrix, MatrixRow, RowKind } from "../api/shapes.ts";
import { changesBetween, TOTAL, TOTALS_ROW } from "./changes.ts";
import { cellKey, fold, splitCellKey } from "./fold.ts";
import { sumCents } from "./money.ts";

const WEEKS = ["2026-10-12", "2026-10-19"];
const LABELS: Labels = { side: "for", advertiser: "A", market: 504, medium: "broadcast", station: "WAAA" };

function row(kind: RowKind, key: string, cells: Cents[]): MatrixRow {
    return { key, kind, labels: LABELS, cells, total_cents: sumCents(cells) };
}

/* Two advertisers of one side; the first in two markets, one with two media. */
function sample(): Matrix {
    const rows = [
        row("leaf", "A:504:broadcast:1", [100, null]),
        row("leaf", "A:504:broadcast:2", [200, 10]),
        row("medium", "A:504:broadcast", [300, 10]),
        row("leaf", "A:504:cable:3", [null, null]),
        row("medium", "A:504:cable", [null, null]),
        row("market", "A:504", [300, 10]),
        row("leaf", "A:535:radio:4", [50, 0]),
        row("medium", "A:535:radio", [50, 0]),
        row("market", "A:535", [50, 0]),
        row("advertiser", "A", [350, 10]),
        row("leaf", "B:504:ctv:-", [7, null]),
        row("medium", "B:504:ctv", [7, null]),
        row("market", "B:504", [7, null]),
        row("advertiser", "B", [7, null]),
        row("side", "for", [357, 10]),
    ];
    const totals = { cells: [357, 10], total_cents: 367, unplaced_cents: 0 };
    const head = { campaign_id: "cmp_1", epoch: 1, version: 5, basis: "gross", week_basis: "broadcast" } as const;
    return { ...head, weeks: WEEKS, rows, totals };
}

function delta(version: number, cells: [string, Cents, Cents][]): Delta {
    return { version, cells: cells.map(([key, gross_cents, net_cents]) => ({ key, gross_cents, net_cents })) };
}

function cellsOf(matrix: Matrix, key: string): Cents[] | undefined {
    return matrix.rows.find((each) => each.key === key)?.cells;
}

test("splitCellKey: the last @ parts row and week", () => {
    assert.deepEqual(splitCellKey("a:b:c:d@2026-10-12"), { row: "a:b:c:d", week: "2026-10-12" });
    assert.equal(splitCellKey("nothing"), null);
    assert.equal(cellKey("a:-:c:-", "2026-10-12"), "a:-:c:-@2026-10-12");
});

test("fold: a changed leaf changes each of its subtotals and the totals, and nothing else", () => {
    const before = sample();
    const { matrix, complete } = fold(before, [delta(6, [["A:504:broadcast:1@2026-10-12", 1100, 935]])]);
    assert.equal(complete, true);
    assert.equal(matrix.version, 6);
    assert.deepEqual(cellsOf(matrix, "A:504:broadcast:1"), [1100, null]);
    assert.deepEqual(cellsOf(matrix, "A:504:broadcast"), [1300, 10]);
    assert.deepEqual(cellsOf(matrix, "A:504"), [1300, 10]);
    assert.deepEqual(cellsOf(matrix, "A"), [1350, 10]);
    assert.deepEqual(cellsOf(matrix, "for"), [1357, 10]);
    assert.deepEqual(matrix.totals, { cells: [1357, 10], total_cents: 1367, unplaced_cents: 0 });
    assert.equal(matrix.rows[6], before.rows[6], "an untouched row keeps its identity");
    assert.deepEqual(before, sample(), "the input is not changed");
});

test("fold: null and zero stay apart through every sum", () => {
    const { matrix } = fold(sample(), [
        delta(6, [["A:504:cable:3@2026-10-19", 0, 0], ["B:504:ctv:-@2026-10-12", null, null]]),
    ]);
    assert.deepEqual(cellsOf(matrix, "A:504:cable"), [null, 0]);
    assert.deepEqual(cellsOf(matrix, "B"), [null, null]);
    assert.equal(matrix.rows.find((each) => each.key === "B")?.total_cents, null);
    assert.deepEqual(cellsOf(matrix, "for"), [350, 10]);
});

test("fold: net matrices take the net amount", () => {
    const net: Matrix = { ...sample(), basis: "net" };
    const { matrix } = fold(net, [delta(6, [["A:504:broadcast:1@2026-10-12", 1000, 850]])]);
    assert.deepEqual(cellsOf(matrix, "A:504:broadcast:1"), [850, null]);
});

test("fold: versions apply once and in order; old ones are skipped", () => {
    const deltas = [
        delta(4, [["A:504:broadcast:1@2026-10-12", 1, 1]]),
        delta(5, [["A:504:broadcast:1@2026-10-12", 2, 2]]),
        delta(6, []),
        delta(7, [["A:504:broadcast:1@2026-10-12", 3, 3]]),
    ];
    const once = fold(sample(), deltas);
    assert.equal(once.matrix.version, 7);
    assert.deepEqual(cellsOf(once.matrix, "A:504:broadcast:1"), [3, null]);
    assert.deepEqual(fold(once.matrix, deltas), { matrix: once.matrix, complete: true });
});

test("fold: stops before a missing version and says so", () => {
    const { matrix, complete } = fold(sample(), [delta(7, [["A:504:broadcast:1@2026-10-12", 3, 3]])]);
    assert.equal(complete, false);
    assert.equal(matrix.version, 5);
    assert.deepEqual(cellsOf(matrix, "A:504:broadcast:1"), [100, null]);
});

test("fold: an unknown row or week asks for a new matrix, unless its cell is gone anyway", () => {
    assert.equal(fold(sample(), [delta(6, [["C:504:tv:9@2026-10-12", 1, 1]])]).complete, false);
    assert.equal(fold(sample(), [delta(6, [["A:504:broadcast:1@2026-12-07", 1, 1]])]).complete, false);
    assert.equal(fold(sample(), [delta(6, [["C:504:tv:9@2026-10-12", null, null]])]).complete, true);
    const rest = fold(sample(), [
        delta(6, [["C:504:tv:9@2026-10-12", 1, 1], ["B:504:ctv:-@2026-10-19", 9, 8]]),
    ]);
    assert.deepEqual(cellsOf(rest.matrix, "B:504:ctv:-"), [7, 9], "the known part is shown at once");
});

test("fold: many random deltas give the sums of the leaves", () => {
    let seed = 12345;
    const next = (below: number) => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed % below;
    };
    let matrix = sample();
    const leaves = matrix.rows.filter((each) => each.kind === "leaf").map((each) => each.key);
    for (let version = 6; version < 206; version++) {
        const key = cellKey(leaves[next(leaves.length)] as string, WEEKS[next(2)] as string);
        const value = next(5) === 0 ? null : next(100000) - 20000;
        matrix = fold(matrix, [delta(version, [[key, value, value]])]).matrix;
    }
    for (const column of [0, 1]) {
        const sum = (prefix: string) => {
            const own = matrix.rows.filter((each) => each.kind === "leaf" && each.key.startsWith(prefix));
            return sumCents(own.map((each) => each.cells[column] ?? null));
        };
        for (const each of matrix.rows.filter((one) => one.kind !== "leaf" && one.kind !== "side")) {
            assert.equal(each.cells[column], sum(`${each.key}:`), each.key);
        }
        assert.equal(matrix.totals.cells[column], sum(""));
        assert.equal(matrix.rows.at(-1)?.cells[column], sum(""));
    }
    for (const each of matrix.rows) assert.equal(each.total_cents, sumCents(each.cells), each.key);
    assert.equal(matrix.totals.total_cents, sumCents(matrix.totals.cells));
});

test("changesBetween: names each cell and total that differs", () => {
    const before = sample();
    const { matrix } = fold(before, [delta(6, [["B:504:ctv:-@2026-10-12", 8, 8]])]);
    const changes = changesBetween(before, matrix);
    assert.deepEqual([...changes.keys()].sort(), ["B", "B:504", "B:504:ctv", "B:504:ctv:-", "for", TOTALS_ROW].sort());
    assert.deepEqual(changes.get("B"), ["2026-10-12", TOTAL]);
    assert.equal(changesBetween(matrix, { ...matrix, version: 9 }).size, 0);
});

test("changesBetween: weeks are compared by name, new rows flash", () => {
    const before = sample();
    const shifted: Matrix = {
        ...before,
        weeks: ["2026-10-19"],
        rows: [row("leaf", "A:504:broadcast:2", [10]), row("leaf", "D:1:tv:1", [4])],
        totals: { cells: [10], total_cents: 14 },
    };
    const changes = changesBetween(before, shifted);
    assert.deepEqual(changes.get("A:504:broadcast:2"), [TOTAL]);
    assert.deepEqual(changes.get("D:1:tv:1"), ["2026-10-19", TOTAL]);
});

test("fold: in a filtered matrix a row that is not here was left out on purpose", () => {
    const before = sample();
    const cells = [{ key: "C:504:tv:9@2026-10-12", gross_cents: 5, net_cents: 4 }];
    const next = [{ version: 6, cells }];
    assert.equal(fold(before, next).complete, false);
    const filtered = fold(before, next, true);
    assert.equal(filtered.complete, true);
    assert.equal(filtered.matrix.version, 6);
    assert.equal(filtered.matrix.totals.total_cents, 367);
});
