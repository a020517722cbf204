import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderFilm, OrderStep } from "../api/shapes.ts";
import { changedWeeks, curveOf, kindText, stepTitle, weekChange } from "./film.ts";

function step(more: Partial<OrderStep>): OrderStep {
    return {
        buy_line_id: "bl_1",
        document_id: null,
        input_id: null,
        kind: "placed",
        date: null,
        known_from_ms: null,
        revision: null,
        gross_cents: null,
        net_cents: null,
        standing: null,
        standing_why: null,
        weeks: [],
        total_before_cents: null,
        total_after_cents: null,
        pull_down: false,
        ...more,
    };
}

/* Order 500100: 50,000, then 42,000, then deleted. */
const FILM: OrderFilm = {
    id: "ord_1",
    campaign_id: "cmp_1",
    order_no: "500100",
    station: "WAAA",
    market: 504,
    advertiser: "Ours",
    medium: "broadcast",
    total_gross_cents: 0,
    weeks: ["2026-10-12", "2026-10-19", "2026-10-26"],
    steps: [
        step({ date: "2026-09-01", total_after_cents: 5_000_000, weeks: [{ week: "2026-10-12", before_cents: null, after_cents: 5_000_000 }] }),
        step({
            kind: "cut",
            revision: "2",
            total_before_cents: 5_000_000,
            total_after_cents: 4_200_000,
            pull_down: true,
            weeks: [
                { week: "2026-10-26", before_cents: null, after_cents: 100 },
                { week: "2026-10-12", before_cents: 5_000_000, after_cents: 4_199_900 },
            ],
        }),
        step({ kind: "cancelled", total_after_cents: 0 }),
    ],
};

test("changedWeeks: only weeks that changed, in order", () => {
    assert.deepEqual(changedWeeks(FILM), ["2026-10-12", "2026-10-26"]);
});

test("weekChange: differences, nothing known counts from zero", () => {
    const [first, second] = FILM.steps as [OrderStep, OrderStep];
    assert.deepEqual(weekChange(first, "2026-10-12"), { before: null, after: 5_000_000, change: 5_000_000, isLess: false });
    assert.deepEqual(weekChange(second, "2026-10-12"), { before: 5_000_000, after: 4_199_900, change: -800_100, isLess: true });
    assert.equal(weekChange(first, "2026-10-26"), null);
});

test("curveOf: a point a step, zero at the end", () => {
    assert.deepEqual(curveOf(FILM), { x: [0, 1, 2], y: [5_000_000, 4_200_000, 0], labels: ["Sep 1", "no. 2", "no. 3"] });
});

test("kindText, stepTitle: words for people", () => {
    assert.equal(kindText("paper"), "further paper");
    assert.equal(kindText("some_new_kind"), "some new kind");
    assert.equal(stepTitle(FILM.steps[1] as OrderStep), "cut rev 2");
    assert.equal(stepTitle(step({ revision: "0" })), "placed");
});
