import assert from "node:assert/strict";
import { test } from "node:test";
import { localText, momentOf, momentText } from "./moment.ts";

const NEW_YORK = "America/New_York";

test("localText: the zone's clock, not the reader's", () => {
    assert.equal(localText(Date.UTC(2026, 10, 3, 14, 59, 0), NEW_YORK), "2026-11-03T09:59:00");
    assert.equal(localText(Date.UTC(2026, 6, 1, 4, 0, 5), NEW_YORK), "2026-07-01T00:00:05");
    assert.equal(localText(0, "No/Where"), "1970-01-01T00:00:00");
});

test("momentOf: is the way back, in summer and winter", () => {
    for (const ms of [Date.UTC(2026, 0, 31, 5), Date.UTC(2026, 6, 4, 3, 59, 59), Date.UTC(2026, 10, 3, 12)]) {
        assert.equal(momentOf(localText(ms, NEW_YORK), NEW_YORK), ms);
        assert.equal(momentOf(localText(ms, "Pacific/Honolulu"), "Pacific/Honolulu"), ms);
    }
    assert.equal(momentOf("2026-11-03T09:59", NEW_YORK), Date.UTC(2026, 10, 3, 14, 59));
});

test("momentOf: an hour that occurs twice is the earlier, one that is skipped the first after", () => {
    assert.equal(momentOf("2026-11-01T01:30:00", NEW_YORK), Date.UTC(2026, 10, 1, 5, 30));
    assert.equal(momentOf("2026-03-08T02:30:00", NEW_YORK), Date.UTC(2026, 2, 8, 7, 0));
});

test("momentOf: what is no time is none", () => {
    for (const text of ["", "2026-11-03", "soon", "2026-13-40T99:99:00"]) assert.equal(momentOf(text, NEW_YORK), null);
});

test("momentText: day, time and zone", () => {
    assert.match(momentText(Date.UTC(2026, 10, 3, 14, 59), NEW_YORK), /^Tue Nov 3, 2026 09:59:00 \S+$/);
    assert.equal(momentText(null, NEW_YORK), "unknown");
});
