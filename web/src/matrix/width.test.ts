import assert from "node:assert/strict";
import { test } from "node:test";
import { extremes, widest } from "./width.ts";

test("extremes: null is no amount", () => {
    assert.deepEqual(extremes([null, 5, -7, null, 3]), { least: -7, most: 5 });
    assert.deepEqual(extremes([null]), { least: 0, most: 0 });
});

test("widest: both ends, with the mark they may carry", () => {
    assert.deepEqual(widest({ least: -1234567, most: 5 }, "⚑ "), ["⚑ $0.05", "⚑ −$12,345.67"]);
});
