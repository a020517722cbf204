import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldFor, FIELDS, headingsOf, mappingFaults } from "./fields.ts";

test("headingsOf: the first line, quotes and marks taken off", () => {
    assert.deepEqual(headingsOf("Station,Week of,Gross\nWAAA,10/12,5\n"), ["Station", "Week of", "Gross"]);
    assert.deepEqual(headingsOf('\uFEFF"Call sign";"Gross, in ""$"""\r\nx;y'), ["Call sign", 'Gross, in "$"']);
    assert.deepEqual(headingsOf("\n\nA\tB"), ["A", "B"]);
    assert.deepEqual(headingsOf('"two\nlines",B\n1,2'), ["two\nlines", "B"]);
    assert.deepEqual(headingsOf(""), []);
    assert.equal(headingsOf(Array.from({ length: 100 }, (_, index) => `c${index}`).join(",")).length, 60);
});

test("fieldFor: own names and what people print", () => {
    for (const [field] of FIELDS) assert.equal(fieldFor(field), field);
    assert.equal(fieldFor("Gross"), "gross_cents");
    assert.equal(fieldFor(" CALL-SIGN "), "station");
    assert.equal(fieldFor("Flight Start"), "flight_from");
    assert.equal(fieldFor("Commission"), "commission_bp");
    assert.equal(fieldFor("Notes"), "");
});

test("mappingFaults: what can be told here", () => {
    assert.deepEqual(mappingFaults("rep_mail", [{ field: "station", header: "Station" }, { field: "", header: " " }]), []);
    assert.equal(mappingFaults(" ", []).length, 2);
    assert.match(mappingFaults("x", [{ field: "", header: "Notes" }]).join(), /heading and what it holds/);
    const twice = [{ field: "gross_cents", header: "A" }, { field: "gross_cents", header: "B" }];
    assert.match(mappingFaults("x", twice).join(), /same: gross_cents/);
});
