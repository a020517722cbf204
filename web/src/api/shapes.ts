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
}

export interface Page<T> {
    items: T[];
    next_cursor: string | null;
}

export interface Principal {
    principal: string;
}
