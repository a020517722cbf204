/* columns.ts - the grid's columns: who and where, the total, then one column a week.
 *
 * Why:  a disputed amount must be marked in words too, and the grid repaints a cell only if its value differs;
 *       so the value of a money cell is its finished text, mark included. */
import type { CellClassParams, ColDef, ValueGetterParams } from "ag-grid-community";
import type { Adjustment, Cents, Labels, MatrixRow, RowKind } from "../api/shapes.ts";
import { TOTAL } from "./changes.ts";
import type { Edits } from "./edits.ts";
import { cellKey } from "./fold.ts";
import type { MarketNames } from "./markets.ts";
import { EMPTY, formatCents, formatChange } from "./money.ts";
import { sinceText, type Since } from "./past.ts";
import type { MoneyWidths } from "./width.ts";
import { addDays, inWeek, longDay, shortDay } from "./weeks.ts";

/** The row pinned below all others. */
export type GridRow = MatrixRow | { key: string; kind: "total"; cells: Cents[]; total_cents: Cents };

type LabelColumn = keyof Labels;

const COLUMNS: readonly [LabelColumn, string, number][] = [
    ["side", "Side", 76],
    ["advertiser", "Advertiser", 196],
    ["market", "Market", 78],
    ["medium", "Medium", 98],
    ["station", "Station", 92],
];

/** Which label column a subtotal row sums up, and what it then says. */
const SUMS: Record<Exclude<RowKind, "leaf">, readonly [LabelColumn, string]> = {
    medium: ["station", "All"],
    market: ["medium", "All media"],
    advertiser: ["market", "All"],
    side: ["advertiser", "All advertisers"],
};

const SIDES: Record<string, string> = { for: "For", against: "Against", neutral: "Neutral" };

function ownLabel(labels: Labels, column: LabelColumn): string {
    const value = labels[column];
    if (value === null || value === undefined) return EMPTY;
    return column === "side" ? (SIDES[String(value)] ?? String(value)) : String(value);
}

export function labelText(row: GridRow, column: LabelColumn): string {
    if (row.kind === "total") return column === "side" ? "Total" : "";
    if (row.kind === "leaf") return ownLabel(row.labels, column);
    const [summed, words] = SUMS[row.kind];
    const order = COLUMNS.map(([name]) => name);
    if (column === summed) return words;
    return order.indexOf(column) < order.indexOf(summed) ? ownLabel(row.labels, column) : "";
}

/** What the grid hands to every column. */
export interface GridContext {
    collapsed: { current: ReadonlySet<string> };
    /** Rows of this kind are the lowest shown; there is nothing to open in them. */
    lowest: { current: string };
    markets: { current: MarketNames };
    cells: { current: CellMarks };
}

/** What is known of single cells beyond their amounts; each map is by cell key. */
export interface CellMarks {
    /** Typed, not saved. */
    edits: Edits;
    /** Saved and in force. */
    adjusted: ReadonlyMap<string, Adjustment>;
    /** Only where the past is shown. */
    since: ReadonlyMap<string, Since>;
    editable: boolean;
}

export const NO_MARKS: CellMarks = { edits: new Map(), adjusted: new Map(), since: new Map(), editable: false };

/* A subtotal opens and closes its group; its own label says which of both it is. */
function groupSign(row: GridRow, column: LabelColumn, { collapsed, lowest }: GridContext): string {
    if (row.kind === "leaf" || row.kind === "total" || SUMS[row.kind][0] !== column) return "";
    if (row.kind === lowest.current) return "";
    return collapsed.current.has(row.key) ? "▸ " : "▾ ";
}

export const LABEL_COLUMNS: string[] = COLUMNS.map(([name]) => name);

export function isLabelColumn(column: string): boolean {
    return LABEL_COLUMNS.includes(column);
}

/* A label that only says again what the row above says steps back, so that groups show. */
function isRepeat(params: CellClassParams<GridRow>, column: LabelColumn): boolean {
    const { data, node } = params;
    if (!data || node.rowIndex === null || node.rowPinned) return false;
    if (data.kind === "advertiser" || data.kind === "side") return false;
    const above = params.api.getDisplayedRowAtIndex(node.rowIndex - 1)?.data;
    return above !== undefined && labelText(above, column) === labelText(data, column);
}

/* What does not fit its column, and the name of a market's code. */
function labelTooltip(row: GridRow | undefined, column: LabelColumn, { markets }: GridContext): string | null {
    if (!row || row.kind === "total") return null;
    if (column === "advertiser" || column === "station") return row.labels[column];
    const { market } = row.labels;
    return column === "market" && market !== null ? (markets.current.get(market) ?? null) : null;
}

function labelColumn([column, headerName, width]: (typeof COLUMNS)[number]): ColDef<GridRow> {
    return {
        colId: column,
        headerName,
        width,
        pinned: "left",
        lockPinned: true,
        valueGetter: ({ data, context }: ValueGetterParams<GridRow>) =>
            data ? groupSign(data, column, context as GridContext) + labelText(data, column) : "",
        tooltipValueGetter: ({ data, context }) => labelTooltip(data, column, context as GridContext),
        cellClass: `label label-${column}`,
        cellClassRules: {
            repeat: (params) => column !== "station" && isRepeat(params, column),
            "side-for": ({ data }) => column === "side" && sideOf(data) === "for",
            "side-against": ({ data }) => column === "side" && sideOf(data) === "against",
            "side-neutral": ({ data }) => column === "side" && sideOf(data) === "neutral",
        },
    };
}

function sideOf(row: GridRow | undefined): string | null {
    return row && row.kind !== "total" ? row.labels.side : null;
}

function isDisputed(row: GridRow | undefined, week: string): boolean {
    return row !== undefined && row.kind !== "total" && (row.disputed?.includes(week) ?? false);
}

/* What is marked in colour is marked with a sign too. */
function moneyText(row: GridRow, week: string, index: number, marks: CellMarks): string {
    const key = cellKey(row.key, week);
    const edit = marks.edits.get(key);
    if (edit) return `${edit.conflict ? "✱!" : "✱"} ${formatCents(edit.cents)}`;
    const signs = [
        marks.since.has(key) ? "Δ " : "",
        marks.adjusted.has(key) ? "✎ " : "",
        isDisputed(row, week) ? "⚑ " : "",
    ];
    return signs.join("") + formatCents(row.cells[index]);
}

function moneyTooltip(row: GridRow, week: string, marks: CellMarks): string | null {
    const key = cellKey(row.key, week);
    const texts: string[] = [];
    const edit = marks.edits.get(key);
    if (edit?.conflict) texts.push(`changed meanwhile to ${formatCents(edit.conflict.cents)}`);
    if (edit) texts.push(`not saved yet; was ${formatCents(edit.before)}`);
    const since = marks.since.get(key);
    if (since) texts.push(sinceText(since));
    const adjusted = marks.adjusted.get(key);
    if (adjusted) {
        const who = adjusted.principal ?? "somebody";
        texts.push(`edited by ${who} (${formatChange(adjusted.delta_cents)}): ${adjusted.reason}`);
    }
    if (isDisputed(row, week)) texts.push("disputed: an open group counts here");
    return texts.length > 0 ? texts.join("; ") : null;
}

function marksIn(context: unknown): CellMarks {
    return (context as GridContext).cells.current;
}

function weekClass(week: string, marks: WeekMarks): string {
    const classes = ["money-head"];
    if (marks.today && inWeek(week, marks.today)) classes.push("week-now");
    if (marks.election && inWeek(week, marks.election)) classes.push("week-election");
    return classes.join(" ");
}

function weekTitle(week: string, marks: WeekMarks): string {
    const span = `${longDay(week)} to ${longDay(addDays(week, 6))}`;
    if (marks.election && inWeek(week, marks.election)) return `${span}; the election is in this week`;
    return marks.today && inWeek(week, marks.today) ? `${span}; this week` : span;
}

function weekHeader(week: string, index: number, weeks: readonly string[]): string {
    const before = weeks[index - 1];
    const newYear = before === undefined || before.slice(0, 4) !== week.slice(0, 4);
    return newYear ? `${shortDay(week)} ’${week.slice(2, 4)}` : shortDay(week);
}

function weekColumn(week: string, index: number, weeks: readonly string[], look: Look): ColDef<GridRow> {
    const { marks, widths } = look;
    return {
        colId: week,
        headerName: weekHeader(week, index, weeks),
        headerTooltip: weekTitle(week, marks),
        headerClass: weekClass(week, marks),
        width: widths.week,
        valueGetter: ({ data, context }: ValueGetterParams<GridRow>) =>
            data ? moneyText(data, week, index, marksIn(context)) : "",
        tooltipValueGetter: ({ data, context }) => (data ? moneyTooltip(data, week, marksIn(context)) : null),
        editable: ({ data, context }) => data?.kind === "leaf" && marksIn(context).editable,
        cellClass: "money",
        cellClassRules: {
            disputed: ({ data }) => isDisputed(data, week),
            pending: ({ data, context }) => data !== undefined && marksIn(context).edits.has(cellKey(data.key, week)),
            conflict: ({ data, context }) =>
                data !== undefined && marksIn(context).edits.get(cellKey(data.key, week))?.conflict !== undefined,
            adjusted: ({ data, context }) => data !== undefined && marksIn(context).adjusted.has(cellKey(data.key, week)),
            since: ({ data, context }) => data !== undefined && marksIn(context).since.has(cellKey(data.key, week)),
            unknown: ({ data }) => (data?.cells[index] ?? null) === null,
            credit: ({ data }) => (data?.cells[index] ?? 0) < 0,
        },
    };
}

function totalColumn({ widths, isTotalShown }: Look): ColDef<GridRow> {
    return {
        colId: TOTAL,
        headerName: "Total",
        headerClass: "money-head",
        width: widths.total,
        pinned: "left",
        lockPinned: true,
        hide: !isTotalShown,
        valueGetter: ({ data }: ValueGetterParams<GridRow>) => (data ? formatCents(data.total_cents) : ""),
        cellClass: "money total",
        cellClassRules: {
            unknown: ({ data }) => (data?.total_cents ?? null) === null,
            credit: ({ data }) => (data?.total_cents ?? 0) < 0,
        },
    };
}

export interface WeekMarks {
    /** Today in the campaign's time zone. */
    today: string | null;
    election: string | null;
}

export interface Look {
    marks: WeekMarks;
    widths: MoneyWidths;
    /** False where the open panel leaves little room: the weeks need it more. */
    isTotalShown: boolean;
}

export function columnsOf(weeks: readonly string[], look: Look): ColDef<GridRow>[] {
    const weekColumns = weeks.map((week, index) => weekColumn(week, index, weeks, look));
    return [...COLUMNS.map(labelColumn), totalColumn(look), ...weekColumns];
}
