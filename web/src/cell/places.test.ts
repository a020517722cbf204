import assert from "node:assert/strict";
import { test } from "node:test";
import { marksOf, otherDocuments, placeOf, sortLines, type DocumentRef, type LineRef } from "./places.ts";

const DOCUMENTS: DocumentRef[] = [
    { id: "doc_1", input_id: "in_1", filename: "a.pdf", pages: [3, 4] },
    { id: "doc_2", input_id: "in_2", filename: "b.pdf", pages: null },
];
const PLACE = { page: 4, box: [10, 20, 90, 32] };
const LINES: LineRef[] = [
    { id: "bl_1", standing: "superseded", document_id: "doc_1", input_id: null, locator: null },
    { id: "bl_2", standing: "winner", document_id: "doc_1", input_id: "in_1", locator: PLACE },
    { id: "bl_3", standing: null, document_id: null, input_id: null, locator: null },
];

test("sortLines: what counts comes first, the unknown last", () => {
    assert.deepEqual(sortLines(LINES).map((line) => line.id), ["bl_2", "bl_1", "bl_3"]);
});

test("placeOf: a line's own page and box, else its document's first page", () => {
    const own = placeOf({ kind: "line", id: "bl_2" }, LINES, DOCUMENTS);
    const marks = [{ field: "", page: 4, box: [10, 20, 90, 32], isMain: true }];
    assert.deepEqual(own, { inputId: "in_1", filename: "a.pdf", page: 4, marks, row: null });
    const bare = placeOf({ kind: "line", id: "bl_1" }, LINES, DOCUMENTS);
    assert.deepEqual(bare, { inputId: "in_1", filename: "a.pdf", page: 3, marks: [], row: null });
    assert.equal(placeOf({ kind: "line", id: "bl_3" }, LINES, DOCUMENTS).inputId, null);
    const sheet = LINES.map((line) => ({ ...line, row: 7 }));
    assert.equal(placeOf({ kind: "line", id: "bl_1" }, sheet, DOCUMENTS).row, 7, "a sheet's line has a row");
    const document = placeOf({ kind: "document", id: "doc_2" }, LINES, DOCUMENTS);
    assert.deepEqual(document, { inputId: "in_2", filename: "b.pdf", page: 1, marks: [], row: null });
});

test("marksOf: places of fields, as a list or by name; the amount is the main one", () => {
    const main = (locator: unknown) => marksOf(locator).filter((mark) => mark.isMain);
    const list = [
        { field: "station", page: 1, box: [1, 2, 3, 4] },
        { field: "gross_cents", page: 2, box: [10, 20, 30, 40], text: "$1,880.00" },
    ];
    assert.deepEqual(main(list), [{ field: "gross_cents", page: 2, box: [10, 20, 30, 40], isMain: true }]);
    assert.equal(marksOf(list).length, 2);
    const byField = { net_cents: { page: 3, box: [1, 1, 2, 2] }, spots: { page: 1, box: [1, 1, 2, 2] } };
    assert.equal(main(byField)[0]?.field, "net_cents");
    assert.equal(main([{ field: "order_no", page: 1, box: [1, 1, 2, 2] }])[0]?.field, "order_no");
});

test("marksOf: hundredths of a point are told by their name", () => {
    const [mark] = marksOf([{ field: "gross_cents", page: 1, box_x100: [1050, 2000, 3000, 4000] }]);
    assert.deepEqual(mark?.box, [10.5, 20, 30, 40]);
});

test("marksOf: a box without area marks nothing", () => {
    for (const box of [[1, 2, 3], [5, 5, 5, 9], [9, 1, 2, 3], null, ["a", 1, 2, 3]]) {
        assert.deepEqual(marksOf({ page: 1, box }), []);
    }
    for (const locator of [null, undefined, 7, "x", []]) assert.deepEqual(marksOf(locator), []);
});

test("otherDocuments: those no line points to, each once", () => {
    assert.deepEqual(otherDocuments(LINES, [...DOCUMENTS, ...DOCUMENTS]).map((each) => each.id), ["doc_2"]);
});
