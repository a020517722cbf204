/* shapes.ts - answers that are put together from several entities, or are none. */
import type * as records from "./types.ts";

/** A record as the server answers it: it has an id. */
type Stored<T> = Omit<T, "id"> & { readonly id: string };

export type Campaign = Stored<records.Campaign>;
export type BuyLine = Stored<records.BuyLine>;
export type Document = Stored<records.Document>;
export type RawInput = Stored<records.RawInput>;
export type Exception = Stored<records.Exception>;
export type Market = Stored<records.Market>;
export type Advertiser = Stored<records.Advertiser>;

/** Integer US cents; null means nothing is known, 0 means known to be zero. */
export type Cents = number | null;

export type RowKind = "leaf" | "medium" | "market" | "advertiser" | "side";
export type Basis = "gross" | "net";
export type WeekMode = "booked" | "projected" | "future_only" | "next_week";

export interface Labels {
    side: string | null;
    advertiser: string | null;
    market: number | null;
    medium: string | null;
    station: string | null;
}

export interface MatrixRow {
    key: string;
    kind: RowKind;
    labels: Labels;
    total_cents: Cents;
    cells: Cents[];
    disputed?: string[] | null;
}

export interface MatrixTotals {
    cells: Cents[];
    total_cents: Cents;
    unplaced_cents?: Cents;
    disbursement_cents?: Cents;
}

export interface Matrix {
    campaign_id: string;
    epoch: number | string;
    version: number;
    basis: Basis;
    week_basis: string;
    weeks: string[];
    rows: MatrixRow[];
    totals: MatrixTotals;
    /** Present where an earlier state of knowledge was asked for. */
    as_of?: AsOf | null;
}

/** What an answer about the past was made of. */
export interface AsOf {
    version: number;
    /** Time of that version's commit. */
    at_ms: number;
    rules_version?: number;
}

/** A snapshot event: the whole matrix (gross, booked) and why it was sent. */
export interface Snapshot extends Matrix {
    reason?: string;
}

/** New values of one leaf cell in `booked` mode; gross_cents null: the cell is gone. */
export interface DeltaCell {
    key: string;
    gross_cents: Cents;
    net_cents: Cents;
    low_cents?: Cents;
    high_cents?: Cents;
    spots?: number | null;
}

export interface Delta {
    version: number;
    cells: DeltaCell[];
    cause?: unknown;
    events?: OrderEvent[];
}

/** An order that lost dollars in weeks to come, or was cancelled. */
export interface OrderEvent {
    kind: "pull_down" | "cancel";
    order_no: string | null;
    station: string | null;
    advertiser: string | null;
    buy_line_id: string;
    weeks: OrderWeek[];
}

export interface CellDetail {
    key: string;
    gross_cents: Cents;
    net_cents?: Cents;
    low_cents?: Cents;
    high_cents?: Cents;
    lines: BuyLine[];
    documents: Document[];
}

export interface FieldError {
    field: string;
    code?: string;
    message: string;
}

/** application/problem+json, and what the client makes of answers that are none. */
export interface Problem {
    status: number;
    title: string;
    code: string;
    detail: string;
    requestId: string | null;
    errors: FieldError[];
    retryAfterSeconds: number | null;
    /** Of a refused edit: the cell as it is now. */
    cell?: unknown;
}

/* ---- one buy, counted once ---- */

export type GroupStatus = records.GroupStatus;
export type DedupeReason = records.DedupeReason;

/** A field in which the members differ; values in the members' order. */
export interface Difference {
    field: string;
    values: (string | number | boolean | null)[];
}

/** What a group tells of each of its lines. */
export type GroupLine = Pick<
    BuyLine,
    | "id"
    | "advertiser"
    | "station"
    | "market"
    | "medium"
    | "flight_from"
    | "flight_to"
    | "gross_cents"
    | "net_cents"
    | "source"
    | "order_no"
    | "revision"
    | "stage"
    | "standing"
    | "document_id"
    | "input_id"
>;

/** A group with its lines side by side. */
export interface DedupeGroup extends Stored<records.DedupeGroup> {
    differences?: Difference[] | null;
    lines?: GroupLine[] | null;
}

/** The answer to a verdict, a combination or an undoing. */
export interface Verdict {
    undo_token: string | null;
    version: number;
    total_before_cents: Cents;
    total_after_cents: Cents;
    group?: DedupeGroup | null;
    buy_line?: BuyLine | null;
}

export type DedupeAction = records.DedupeAction;

export interface DedupeDecision extends Stored<records.DedupeDecision> {
    /** While it is in force. */
    undo_token?: string | null;
}

/** An edit of a cell. */
export interface Adjustment extends Stored<records.Adjustment> {
    undo_token?: string | null;
}

/** A cell that somebody else changed meanwhile. */
export interface CellConflict {
    key: string;
    gross_cents: Cents;
    version: number;
}

export interface OrderWeek {
    week: string;
    before_cents: Cents;
    after_cents: Cents;
}

/** One paper of an order and what it changed. */
export interface OrderStep {
    buy_line_id: string;
    document_id: string | null;
    input_id: string | null;
    kind: string;
    date: string | null;
    known_from_ms: number | null;
    revision: string | null;
    gross_cents: Cents;
    net_cents: Cents;
    standing: string | null;
    standing_why: string | null;
    weeks: OrderWeek[] | null;
    total_before_cents: Cents;
    total_after_cents: Cents;
    pull_down: boolean | null;
}

export interface OrderFilm {
    id: string;
    campaign_id: string;
    order_no: string | null;
    station: string | null;
    market: number | null;
    advertiser: string | null;
    medium: string | null;
    total_gross_cents: Cents;
    steps: OrderStep[];
    weeks: string[];
}

/* ---- names and sheets ---- */

export type ProposalStatus = records.ProposalStatus;
export type NameProposal = Stored<records.NameProposal>;
export type ColumnMapping = Stored<records.ColumnMapping>;
export type ReconciledResult = records.Reconciled;
export type ReconciledRow = records.ReconciledRow;
export type Reconciliation = Stored<records.Reconciliation>;

export interface Page<T> {
    items: T[];
    next_cursor: string | null;
}

export interface Principal {
    principal: string;
}
