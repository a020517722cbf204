/* compare.ts - the lines of a group side by side: which fields say the same, which do not, which are silent. Pure. */
import type { DedupeGroup, GroupLine, GroupStatus } from "../api/shapes.ts";
import { EMPTY, formatCents } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";

/** `missing`: those that say something say the same. */
export type Agreement = "equal" | "differs" | "missing";

export interface FieldRow {
    field: string;
    label: string;
    values: string[];
    agreement: Agreement;
}

type Show = (line: GroupLine) => string | null;

const FIELDS: readonly [string, string, Show][] = [
    ["advertiser", "Advertiser", (line) => line.advertiser],
    ["station", "Station", (line) => line.station],
    ["market", "Market", (line) => (line.market === null ? null : String(line.market))],
    ["medium", "Medium", (line) => line.medium],
    ["flight", "Flight", (line) => (line.flight_from || line.flight_to ? dayRange(line.flight_from, line.flight_to) : null)],
    ["gross_cents", "Gross", (line) => (line.gross_cents === null ? null : formatCents(line.gross_cents))],
    ["net_cents", "Net", (line) => (line.net_cents === null ? null : formatCents(line.net_cents))],
    ["order_no", "Order", (line) => line.order_no],
    ["revision", "Revision", (line) => line.revision],
    ["stage", "Stage", (line) => line.stage],
    ["source", "Source", (line) => line.source],
];

/* Already among the fields above, under these names. */
const SHOWN = new Set([...FIELDS.map(([field]) => field), "flight_from", "flight_to", "advertiser_id", "station_id"]);

export function agreementOf(values: readonly (string | null)[]): Agreement {
    const known = values.filter((value) => value !== null);
    if (new Set(known).size > 1) return "differs";
    return known.length > 0 && known.length < values.length ? "missing" : "equal";
}

function rowOf(field: string, label: string, values: (string | null)[]): FieldRow {
    const agreement = field === "source" ? "equal" : agreementOf(values); /* that sources differ is the point */
    return { field, label, values: values.map((value) => value ?? EMPTY), agreement };
}

function text(field: string, value: string | number | boolean | null): string | null {
    if (value === null || value === "") return null;
    return field.endsWith("_cents") && typeof value === "number" ? formatCents(value) : String(value);
}

function labelOf(field: string): string {
    const words = field.replace(/_(cents|id|ms)$/, "").replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The lines in the members' order; a member of which nothing is told is left out. */
export function linesOf(group: DedupeGroup): GroupLine[] {
    const lines = new Map((group.lines ?? []).map((line) => [line.id, line]));
    const members = group.members ?? [];
    if (members.length === 0) return [...lines.values()];
    return members.flatMap(({ buy_line_id }) => lines.get(buy_line_id) ?? []);
}

/** Rows of the comparison; a further field in which the server saw a difference gets a row too. */
export function compare(group: DedupeGroup): FieldRow[] {
    const lines = linesOf(group);
    const rows = FIELDS.map(([field, label, show]) => rowOf(field, label, lines.map((line) => show(line) || null)));
    const members = group.members ?? [];
    for (const { field, values } of group.differences ?? []) {
        if (SHOWN.has(field) || values.length !== members.length) continue;
        const told = new Set(lines.map((line) => line.id));
        const kept = values.filter((_, index) => told.has(members[index]?.buy_line_id ?? ""));
        rows.push(rowOf(field, labelOf(field), kept.map((value) => text(field, value))));
    }
    return rows.filter((row) => row.values.some((value) => value !== EMPTY));
}

/** What is most likely the same first; among equals the older question. */
export function sortGroups(groups: readonly DedupeGroup[]): DedupeGroup[] {
    const rank = (group: DedupeGroup) => (group.status === "open" ? 0 : 2) + (group.proposed ? 0 : 1);
    return groups.slice().sort((a, b) => {
        return rank(a) - rank(b) || (b.score_x100 ?? 0) - (a.score_x100 ?? 0) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
    });
}

/** Lines that may be parts of one buy: two or more that one source told. Empty: nothing to combine. */
export function partsOf(group: DedupeGroup): string[] {
    const bySource = new Map<string, string[]>();
    for (const line of linesOf(group)) {
        const source = line.source ?? "";
        bySource.set(source, [...(bySource.get(source) ?? []), line.id]);
    }
    return [...bySource.values()].sort((a, b) => b.length - a.length).find((ids) => ids.length > 1) ?? [];
}

/** Whether a market total stands among station lines. */
export function canCover(group: DedupeGroup): boolean {
    const lines = linesOf(group);
    return lines.some((line) => line.station === null) && lines.some((line) => line.station !== null);
}

/** "93.79" of 9379 */
export function scoreText(scoreX100: number | null): string {
    if (scoreX100 === null) return EMPTY;
    const digits = String(Math.abs(scoreX100)).padStart(3, "0");
    return `${scoreX100 < 0 ? "−" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Which group comes after (or before) one in a list; the end stays the end. */
export function neighbour(ids: readonly string[], id: string | null, step: 1 | -1): string | null {
    if (ids.length === 0) return null;
    const at = id === null ? -1 : ids.indexOf(id);
    if (at < 0) return ids[0] ?? null;
    return ids[Math.min(Math.max(0, at + step), ids.length - 1)] ?? null;
}

export const STATUS_WORDS: Record<GroupStatus, string> = {
    open: "open",
    same: "same",
    separate: "separate",
    partial: "covered in part",
};
