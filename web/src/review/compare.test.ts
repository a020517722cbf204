import assert from "node:assert/strict";
import { test } from "node:test";
import type { DedupeGroup, GroupLine } from "../api/shapes.ts";
import { agreementOf, canCover, compare, linesOf, neighbour, partsOf, scoreText, sortGroups } from "./compare.ts";

function line(id: string, more: Partial<GroupLine> = {}): GroupLine {
    return {
        id,
        advertiser: "Ours",
        station: "WAAA",
        market: 504,
        medium: "broadcast",
        flight_from: "2026-10-13",
        flight_to: "2026-10-19",
        gross_cents: 2_040_000,
        net_cents: null,
        source: "fcc",
        order_no: null,
        revision: null,
        stage: "ordered",
        standing: "winner",
        document_id: null,
        input_id: null,
        ...more,
    };
}

function group(id: string, lines: GroupLine[], more: Partial<DedupeGroup> = {}): DedupeGroup {
    return {
        id,
        version: 1,
        created_ms: 1,
        updated_ms: 1,
        archived_ms: null,
        rule_version: 1,
        campaign_id: "cmp_1",
        status: "open",
        score_x100: 7_000,
        proposed: false,
        reasons: [],
        vetoes: [],
        members: lines.map((each) => ({ buy_line_id: each.id, role: "candidate" as const })),
        suggested_winner: lines[0]?.id ?? null,
        decision_id: null,
        lines,
        ...more,
    };
}

test("agreementOf: equal, different, silent", () => {
    assert.equal(agreementOf(["a", "a"]), "equal");
    assert.equal(agreementOf([null, null]), "equal");
    assert.equal(agreementOf(["a", "b"]), "differs");
    assert.equal(agreementOf(["a", null]), "missing");
    assert.equal(agreementOf(["a", "b", null]), "differs");
});

test("compare: each field once, in the members' order, with what differs marked", () => {
    const lines = [line("bl_1", { order_no: "387130" }), line("bl_2", { gross_cents: 2_035_294, source: "rep_mail" })];
    const rows = compare({
        ...group("dg_1", lines.slice().reverse()),
        members: [
            { buy_line_id: "bl_1", role: "candidate" },
            { buy_line_id: "bl_2", role: "candidate" },
        ],
        differences: [
            { field: "gross_cents", values: [2_040_000, 2_035_294] },
            { field: "spots", values: [42, null] },
            { field: "commission_bp", values: [1] },
        ],
    });
    const of = (field: string) => rows.find((row) => row.field === field);
    assert.deepEqual(of("gross_cents"), {
        field: "gross_cents",
        label: "Gross",
        values: ["$20,400.00", "$20,352.94"],
        agreement: "differs",
    });
    assert.equal(of("order_no")?.agreement, "missing");
    assert.deepEqual(of("order_no")?.values, ["387130", "–"]);
    assert.equal(of("advertiser")?.agreement, "equal");
    assert.equal(of("source")?.agreement, "equal", "that sources differ is no warning");
    assert.deepEqual(of("spots"), { field: "spots", label: "Spots", values: ["42", "–"], agreement: "missing" });
    assert.equal(rows.filter((row) => row.field === "gross_cents").length, 1);
    assert.equal(of("commission_bp"), undefined, "values that fit no member are not guessed at");
    assert.equal(of("net_cents"), undefined, "what nobody says needs no row");
});

test("sortGroups: proposed first, then by score, decided last", () => {
    const groups = [
        group("dg_a", [], { score_x100: 6_500 }),
        group("dg_b", [], { score_x100: 9_379, proposed: true }),
        group("dg_c", [], { score_x100: 8_999 }),
        group("dg_d", [], { score_x100: 10_000, proposed: true, status: "same" }),
        group("dg_0", [], { score_x100: 8_999 }),
    ];
    assert.deepEqual(sortGroups(groups).map((each) => each.id), ["dg_b", "dg_0", "dg_c", "dg_a", "dg_d"]);
});

test("partsOf, canCover: which verdicts make sense", () => {
    const one = group("dg_1", [line("bl_1"), line("bl_2", { source: "rep_mail" }), line("bl_3", { source: "rep_mail" })]);
    assert.deepEqual(partsOf(one), ["bl_2", "bl_3"]);
    assert.deepEqual(partsOf(group("dg_2", [line("bl_1"), line("bl_2", { source: "manual" })])), []);
    assert.equal(canCover(one), false);
    assert.equal(canCover(group("dg_3", [line("bl_1", { station: null }), line("bl_2")])), true);
});

test("scoreText, neighbour, linesOf", () => {
    assert.equal(scoreText(9_379), "93.79");
    assert.equal(scoreText(-200), "−2.00");
    assert.equal(scoreText(5), "0.05");
    assert.equal(neighbour(["a", "b", "c"], "b", 1), "c");
    assert.equal(neighbour(["a", "b", "c"], "c", 1), "c");
    assert.equal(neighbour(["a", "b"], null, 1), "a");
    assert.equal(neighbour(["a", "b"], "gone", -1), "a");
    assert.equal(neighbour([], "a", 1), null);
    assert.deepEqual(linesOf(group("dg_1", [line("bl_9")], { members: null })).map((each) => each.id), ["bl_9"]);
});
