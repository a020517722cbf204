import assert from "node:assert/strict";
import { test } from "node:test";
import { toggled } from "./selection.ts";

const SHOWN = ["a", "b", "c", "d", "e"];

function list(set: Set<string>): string[] {
    return [...set].sort();
}

test("toggled: one press turns one row", () => {
    assert.deepEqual(list(toggled(new Set(), SHOWN, "b", null)), ["b"]);
    assert.deepEqual(list(toggled(new Set(["b", "c"]), SHOWN, "b", "c")), []);
    assert.deepEqual(list(toggled(new Set(["b", "c"]), SHOWN, "b", null)), ["c"]);
});

test("toggled: with an anchor the whole range takes the state of the row pressed", () => {
    assert.deepEqual(list(toggled(new Set(["b"]), SHOWN, "d", "b")), ["b", "c", "d"]);
    assert.deepEqual(list(toggled(new Set(["d"]), SHOWN, "a", "d")), ["a", "b", "c", "d"]);
    assert.deepEqual(list(toggled(new Set(SHOWN), SHOWN, "c", "a")), ["d", "e"]);
});

test("toggled: an anchor that is not shown any more is none", () => {
    assert.deepEqual(list(toggled(new Set(["x"]), SHOWN, "d", "x")), ["d", "x"]);
});
