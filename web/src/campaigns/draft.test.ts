import assert from "node:assert/strict";
import { test } from "node:test";
import { bodyOf, EMPTY_DRAFT, localFaults, placeFaults, splitList, type CampaignDraft } from "./draft.ts";

const DRAFT: CampaignDraft = {
    ...EMPTY_DRAFT,
    name: " Ohio Senate ",
    electionDate: "2026-11-03",
    markets: "504, 535;\n510,",
    keywords: "senate, ohio",
    advertisers: [
        { name: "", side: "for", aliases: "" },
        { name: "Example for Senate", side: "for", aliases: "POL/ Example, Example Cmte" },
        { name: "", side: "against", aliases: " " },
        { name: "Other PAC", side: "against", aliases: "" },
    ],
};

test("splitList: commas, semicolons and lines; blanks vanish", () => {
    assert.deepEqual(splitList(" a, b;c\nd ,, "), ["a", "b", "c", "d"]);
    assert.deepEqual(splitList("  "), []);
});

test("bodyOf: sends numbers and lists, and no blank advertiser rows", () => {
    const { body, rows } = bodyOf(DRAFT);
    assert.deepEqual(rows, [1, 3]);
    assert.deepEqual(body.markets, [504, 535, 510]);
    assert.deepEqual(body.advertisers[0], {
        name: "Example for Senate",
        side: "for",
        aliases: ["POL/ Example", "Example Cmte"],
    });
    assert.equal(body.name, "Ohio Senate");
    assert.equal("election_date" in bodyOf({ ...DRAFT, electionDate: "" }).body, false);
});

test("localFaults: a market that is no number is named", () => {
    assert.deepEqual(localFaults(DRAFT), {});
    assert.match(localFaults({ ...DRAFT, markets: "504, Columbus" })["markets"]?.[0] ?? "", /Columbus/);
    assert.ok(localFaults({ ...DRAFT, name: " " })["name"]);
});

test("placeFaults: a path finds its form row even when blank rows were left out", () => {
    const { body, rows } = bodyOf(DRAFT);
    const faults = placeFaults(
        [
            { field: "advertisers[0].name", message: "too long" },
            { field: "advertisers[1].aliases[2]", message: "is empty" },
            { field: "advertisers[1]", message: "sides differ" },
            { field: "markets[1]", message: "from 100 to 999" },
            { field: "election_date", message: "is no date" },
            { field: "secret", message: "is unknown" },
            { field: "", message: "all wrong" },
        ],
        rows,
        body,
    );
    assert.deepEqual(faults, {
        "advertisers[1].name": ["too long"],
        "advertisers[3].aliases": ["is empty"],
        "advertisers[3].name": ["sides differ"],
        markets: ["535: from 100 to 999"],
        election_date: ["is no date"],
        "": ["secret: is unknown", "all wrong"],
    });
});
