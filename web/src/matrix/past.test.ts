import assert from "node:assert/strict";
import { test } from "node:test";
import type { Matrix, MatrixRow } from "../api/shapes.ts";
import { sinceText, sinceThen } from "./past.ts";

const LABELS = { side: null, advertiser: null, market: null, medium: null, station: null };

function matrix(weeks: string[], rows: Record<string, (number | null)[]>): Matrix {
    const leaves: MatrixRow[] = Object.entries(rows).map(([key, cells]) => {
        return { key, kind: "leaf", labels: LABELS, cells, total_cents: null };
    });
    const sum: MatrixRow = { key: "sum", kind: "side", labels: LABELS, cells: weeks.map(() => 1), total_cents: 1 };
    const totals = { cells: weeks.map(() => null), total_cents: null };
    return { campaign_id: "c", epoch: "1", version: 1, basis: "gross", week_basis: "broadcast", weeks, rows: [...leaves, sum], totals };
}

test("sinceThen: by names, whatever came or went", () => {
    const then = matrix(["2026-10-12", "2026-10-19"], { a: [100, null], gone: [5, null] });
    const now = matrix(["2026-10-19", "2026-10-26"], { a: [0, 7], b: [null, 1] });
    assert.deepEqual(Object.fromEntries(sinceThen(then, now)), {
        "a@2026-10-12": { then: 100, now: null },
        "a@2026-10-19": { then: null, now: 0 },
        "a@2026-10-26": { then: null, now: 7 },
        "gone@2026-10-12": { then: 5, now: null },
        "b@2026-10-26": { then: null, now: 1 },
    });
    assert.equal(sinceThen(then, then).size, 0);
});

test("sinceText: amounts and the sign of the change", () => {
    assert.equal(sinceText({ then: 5_000_000, now: 4_200_000 }), "now $42,000.00 (−$8,000.00 since)");
    assert.equal(sinceText({ then: null, now: 100 }), "now $1.00, then nothing was known");
    assert.equal(sinceText({ then: 100, now: null }), "now nothing (−$1.00 since)");
});
