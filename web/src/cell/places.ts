/* places.ts - which line or document is looked at, and where in which input it was read. Pure. */
import type { BuyLine, Document } from "../api/shapes.ts";

/** What is needed of a line and of a document to find its place. */
export type LineRef = Pick<BuyLine, "id" | "standing" | "document_id" | "input_id"> & {
    locator: unknown;
    row?: number | null;
};
export type DocumentRef = Pick<Document, "id" | "input_id" | "filename" | "pages">;

export interface Chosen {
    kind: "line" | "document";
    id: string;
}

/** x0, y0, x1, y1 in points from the page's upper left corner. */
export type Box = readonly [number, number, number, number];

/** A box and the field that was read there. */
export interface Mark {
    field: string;
    page: number;
    box: Box;
    /** The amount itself; the other fields are marked more lightly. */
    isMain: boolean;
}

export interface Place {
    /** Null: the line was entered by hand, no input holds it. */
    inputId: string | null;
    filename: string | null;
    /** The page to open, from 1. */
    page: number;
    marks: Mark[];
    /** The line of a sheet, from 1. */
    row: number | null;
}

/** What counts stands on top; the rest says why it does not count. */
const STANDINGS = ["winner", "part", "covered", "copy", "superseded"];

function rank(line: LineRef): number {
    const at = STANDINGS.indexOf(line.standing ?? "");
    return at < 0 ? STANDINGS.length : at;
}

export function sortLines<T extends LineRef>(lines: readonly T[]): T[] {
    return lines.slice().sort((a, b) => rank(a) - rank(b));
}

export function otherDocuments<T extends DocumentRef>(lines: readonly LineRef[], documents: readonly T[]): T[] {
    const seen = new Set(lines.map((line) => line.document_id));
    return documents.filter((document) => {
        const isNew = !seen.has(document.id);
        seen.add(document.id);
        return isNew;
    });
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/* Boxes come in points, or in hundredths of a point under a name that says so. */
function boxOf(place: Json): Box | null {
    const scale = Array.isArray(place["box"]) ? 1 : 100;
    const list: unknown = place["box"] ?? place["box_x100"];
    if (!Array.isArray(list) || list.length !== 4) return null;
    const [x0, y0, x1, y1] = list.map((value) => (typeof value === "number" ? value / scale : NaN)) as [
        number, number, number, number,
    ];
    return x1 > x0 && y1 > y0 ? [x0, y0, x1, y1] : null;
}

/** Which field's place is the line's: its amount, else whatever comes first. */
const MAIN_FIELDS = ["", "gross_cents", "net_cents"];

/* One place, a list of places, or an object of places by field. */
function placesIn(locator: unknown): Json[] {
    if (Array.isArray(locator)) return locator.filter(isObject);
    if (!isObject(locator)) return [];
    if ("page" in locator) return [locator];
    return Object.entries(locator).flatMap(([field, place]) => (isObject(place) ? [{ field, ...place }] : []));
}

export function marksOf(locator: unknown): Mark[] {
    const marks = placesIn(locator).flatMap((place) => {
        const box = boxOf(place);
        const page = typeof place["page"] === "number" ? place["page"] : 1;
        const field = typeof place["field"] === "string" ? place["field"] : "";
        return box ? [{ field, page, box, isMain: false }] : [];
    });
    const main = MAIN_FIELDS.flatMap((field) => marks.filter((mark) => mark.field === field))[0] ?? marks[0];
    return marks.map((mark) => ({ ...mark, isMain: mark === main }));
}

function pageIn(locator: unknown): number | null {
    const page = placesIn(locator)[0]?.["page"];
    return typeof page === "number" ? page : null;
}

export function placeOf(chosen: Chosen, lines: readonly LineRef[], documents: readonly DocumentRef[]): Place {
    const line = chosen.kind === "line" ? lines.find((each) => each.id === chosen.id) : undefined;
    const documentId = line ? line.document_id : chosen.id;
    const document = documents.find((each) => each.id === documentId);
    const marks = marksOf(line?.locator);
    const main = marks.find((mark) => mark.isMain);
    return {
        inputId: line?.input_id ?? document?.input_id ?? null,
        filename: document?.filename ?? null,
        page: main?.page ?? pageIn(line?.locator) ?? document?.pages?.[0] ?? 1,
        marks,
        row: line?.row ?? null,
    };
}
