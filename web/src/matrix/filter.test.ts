import assert from "node:assert/strict";
import { test } from "node:test";
import { filterIn, filterKey, isFiltered, NO_FILTER } from "./filter.ts";

test("filterIn: what the address says, as far as it can be asked", () => {
    const full = filterIn(new URLSearchParams("side=for&market=504&medium=cable&advertiser=+Ours+"));
    assert.deepEqual(full, { side: "for", market: "504", medium: "cable", advertiser: "Ours" });
    const odd = filterIn(new URLSearchParams("side=up&market=12&medium=tv&advertiser=+"));
    assert.deepEqual(odd, NO_FILTER);
});

test("isFiltered, filterKey: none is none, each its own", () => {
    assert.equal(isFiltered(NO_FILTER), false);
    assert.equal(isFiltered({ ...NO_FILTER, market: "504" }), true);
    assert.notEqual(filterKey({ ...NO_FILTER, side: "for" }), filterKey({ ...NO_FILTER, medium: "for" }));
});
