import assert from "node:assert/strict";
import { test } from "node:test";
import type { Exception } from "../api/shapes.ts";
import { kindsOf, ofKind } from "./filter.ts";

function exception(id: string, kind: string): Exception {
    return { id, kind, status: "open" } as Exception;
}

const ALL = [exception("1", "unreadable"), exception("2", "missing_amount"), exception("3", "missing_amount")];

test("kindsOf: the most frequent first, with numbers", () => {
    assert.deepEqual(kindsOf(ALL), [
        ["missing_amount", 2],
        ["unreadable", 1],
    ]);
    assert.deepEqual(kindsOf([]), []);
});

test("ofKind: one kind or all", () => {
    assert.deepEqual(ofKind(ALL, "missing_amount").map((each) => each.id), ["2", "3"]);
    assert.equal(ofKind(ALL, null).length, 3);
    assert.equal(ofKind(ALL, "other").length, 0);
});
