import assert from "node:assert/strict";
import { test } from "node:test";
import { addDays, dayRange, inWeek, localDay, longDay, shortDay } from "./weeks.ts";

test("addDays: crosses months, years and clock changes", () => {
    assert.equal(addDays("2026-10-26", 7), "2026-11-02");
    assert.equal(addDays("2026-12-28", 7), "2027-01-04");
    assert.equal(addDays("2028-02-28", 1), "2028-02-29");
    assert.equal(addDays("2026-11-01", -1), "2026-10-31");
});

test("days as text", () => {
    assert.equal(shortDay("2026-10-12"), "Oct 12");
    assert.equal(longDay("2026-10-13"), "Tue Oct 13, 2026");
    assert.equal(dayRange("2026-10-12", "2026-10-18"), "Oct 12 – 18, 2026");
    assert.equal(dayRange("2026-10-26", "2026-11-01"), "Oct 26 – Nov 1, 2026");
    assert.equal(dayRange("2026-12-28", "2027-01-03"), "Dec 28, 2026 – Jan 3, 2027");
    assert.equal(dayRange("2026-10-12", null), "Mon Oct 12, 2026");
    assert.equal(dayRange(null, null), "no dates");
});

test("inWeek: seven days, the first included", () => {
    assert.equal(inWeek("2026-10-12", "2026-10-12"), true);
    assert.equal(inWeek("2026-10-12", "2026-10-18"), true);
    assert.equal(inWeek("2026-10-12", "2026-10-19"), false);
});

test("localDay: the campaign's zone decides", () => {
    const at = new Date("2026-10-13T02:00:00Z");
    assert.equal(localDay(at, "America/New_York"), "2026-10-12");
    assert.equal(localDay(at, "UTC"), "2026-10-13");
    assert.equal(localDay(at, "No/Where"), "2026-10-13");
});
