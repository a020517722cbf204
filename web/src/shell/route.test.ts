import assert from "node:assert/strict";
import { test } from "node:test";
import { CAMPAIGN_TABS, campaignPath, orderPath, routeOf } from "./route.ts";

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

test("campaignPath, orderPath: are what routeOf reads", () => {
    for (const tab of CAMPAIGN_TABS) assert.deepEqual(routeOf(campaignPath("cmp_1", tab)), { screen: "campaign", id: "cmp_1", tab });
    assert.deepEqual(routeOf(orderPath("cmp_1", "bl_2")), { screen: "order", id: "cmp_1", order: "bl_2" });
    assert.deepEqual(routeOf("/campaigns/cmp_1/orders"), { screen: "unknown" });
    assert.deepEqual(routeOf(campaignPath("a/b", "exceptions")), { screen: "campaign", id: "a/b", tab: "exceptions" });
});
