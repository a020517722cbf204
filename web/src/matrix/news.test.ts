import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderEvent } from "../api/shapes.ts";
import { changeOf, newsTitle, withNews } from "./news.ts";

function event(order_no: string, more: Partial<OrderEvent> = {}): OrderEvent {
    const weeks = [
        { week: "2026-10-12", before_cents: 2_142_857, after_cents: 1_800_000 },
        { week: "2026-10-19", before_cents: null, after_cents: 100 },
    ];
    return { kind: "pull_down", order_no, station: "WAAA", advertiser: "Ours", buy_line_id: "bl_1", weeks, ...more };
}

test("withNews: the newest first, and no more than can be read", () => {
    const one = withNews([], [{ version: 1, cells: [], events: [event("1"), event("2")] }]);
    const two = withNews(one, [{ version: 2, cells: [] }, { version: 3, cells: [], events: [event("3")] }]);
    assert.deepEqual(two.map((each) => each.order_no), ["3", "2", "1"]);
    assert.equal(withNews(two, [{ version: 4, cells: [] }]), two);
    const many = Array.from({ length: 80 }, (_, index) => event(String(index)));
    assert.equal(withNews([], [{ version: 1, cells: [], events: many }]).length, 50);
});

test("changeOf, newsTitle: how much and of what", () => {
    assert.equal(changeOf(event("1")), -342_757);
    assert.equal(newsTitle(event("500100")), "Pull-down: Ours · WAAA · order 500100");
    assert.equal(newsTitle(event("", { kind: "cancel", order_no: null, station: null })), "Cancelled: Ours · an order");
});
