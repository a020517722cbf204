import assert from "node:assert/strict";
import { test } from "node:test";
import { campaignPath, routeOf } from "./route.ts";

test("routeOf: each screen has its path", () => {
    assert.deepEqual(routeOf("/"), { screen: "campaigns" });
    assert.deepEqual(routeOf("/campaigns"), { screen: "campaigns" });
    assert.deepEqual(routeOf("/campaigns/new"), { screen: "new-campaign" });
    assert.deepEqual(routeOf("/sign-in"), { screen: "sign-in" });
    assert.deepEqual(routeOf("/campaigns/cmp_1"), { screen: "campaign", id: "cmp_1", tab: "matrix" });
    assert.deepEqual(routeOf("/campaigns/cmp_1/pending"), { screen: "campaign", id: "cmp_1", tab: "pending" });
    assert.deepEqual(routeOf("/campaigns/cmp_1/other"), { screen: "unknown" });
    assert.deepEqual(routeOf("/%E0%A4%A"), { screen: "unknown" });
});

test("campaignPath: is what routeOf reads", () => {
    assert.deepEqual(routeOf(campaignPath("a/b", "exceptions")), { screen: "campaign", id: "a/b", tab: "exceptions" });
});
