import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf, isFinal, kindOf } from "./queue.ts";

test("kindOf: filings, sheets, and what is taken by nobody", () => {
    assert.equal(kindOf("WAAA order.PDF", ""), "filing");
    assert.equal(kindOf("order", "application/pdf"), "filing");
    assert.equal(kindOf("rep.csv", "text/csv"), "sheet");
    assert.equal(kindOf("Rep.XLSX", ""), "sheet");
    for (const name of ["notes.txt", "old.xls", "csv", "a.csv.zip"]) assert.equal(kindOf(name, "text/plain"), "other", name);
});

test("isFinal: a sheet that is asked about is not done", () => {
    assert.equal(isFinal("asking"), false);
    assert.equal(isFinal("reading"), false);
    assert.equal(isFinal("parsed"), true);
    assert.equal(isFinal("failed"), true);
});

test("countOf: numbers and lists", () => {
    assert.equal(countOf([1, 2]), 2);
    assert.equal(countOf(3), 3);
    assert.equal(countOf(null), 0);
});
