import assert from "node:assert/strict";
import { test } from "node:test";
import { waitMs } from "./live.ts";

test("waitMs: doubles to a limit and is never longer than it", () => {
    assert.deepEqual([1, 2, 3, 4].map((attempt) => waitMs(attempt, 0)), [500, 1000, 2000, 4000]);
    assert.equal(waitMs(6, 0), 15000);
    assert.equal(waitMs(10_000, 0), 15000);
});

test("waitMs: jitter spreads clients, at least two thirds remain", () => {
    assert.equal(waitMs(1, 0.5), 417);
    assert.ok(waitMs(20, 0.999) >= 10000);
});
