import assert from "node:assert/strict";
import { test } from "node:test";
import { detailsText } from "./details.ts";

test("detailsText: names and values, money as money", () => {
    const text = detailsText({ lines_cents: 10000, header_cents: null, page: 2, ids: ["a"] });
    assert.equal(text, 'lines: $100.00 · header: unknown · page: 2 · ids: ["a"]');
});

test("detailsText: anything else as it is", () => {
    assert.equal(detailsText("no gross"), "no gross");
    assert.equal(detailsText(null), "");
    assert.equal(detailsText([1]), "[1]");
});
