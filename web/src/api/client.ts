/* client.ts - the requests of campaigns, matrix, inputs and lists: one function a route. */
import type {
    Advertiser,
    Basis,
    BuyLine,
    Campaign,
    CellDetail,
    Exception,
    Market,
    Matrix,
    Page,
    Principal,
    RawInput,
    WeekMode,
} from "./shapes.ts";
import { API, get, query, send, upload, write } from "./wire.ts";

/* ---- session ---- */

export function readSession(): Promise<Principal> {
    return get<Principal>("/session");
}

export async function openSession(token: string): Promise<void> {
    await send("/session", { method: "POST", json: { token } });
}

export async function closeSession(): Promise<void> {
    await send("/session", { method: "DELETE" });
}

/* ---- campaigns ---- */

export const PAGE_SIZE = 50;
export const LONG_PAGE_SIZE = 100; /* where the whole list is wanted */

export function listCampaigns(cursor: string | null): Promise<Page<Campaign>> {
    return get(`/campaigns${query({ limit: PAGE_SIZE, cursor })}`);
}

export function readCampaign(id: string): Promise<Campaign> {
    return get(`/campaigns/${encodeURIComponent(id)}`);
}

export function createCampaign(body: unknown, key: string): Promise<Campaign> {
    return write("/campaigns", body, key);
}

export function readBuyLine(id: string, signal?: AbortSignal): Promise<BuyLine> {
    return get(`/buy-lines/${encodeURIComponent(id)}`, signal);
}

export function listMarkets(cursor: string | null): Promise<Page<Market>> {
    return get(`/markets${query({ limit: 100, cursor })}`);
}

/* ---- matrix ---- */

/** Rows that are asked for; null: all. */
export interface MatrixFilter {
    side: string | null;
    /** DMA code. */
    market: string | null;
    medium: string | null;
    /** A name or an id. */
    advertiser: string | null;
}

export interface MatrixView {
    basis: Basis;
    weekMode: WeekMode;
    filter: MatrixFilter;
}

function matrixQuery(campaign: string, view: MatrixView, asOfMs: number | null) {
    const { basis, weekMode: week_mode, filter } = view;
    return { campaign_id: campaign, basis, week_mode, ...filter, as_of_ms: asOfMs };
}

/* The epoch has 64 bits; as a JSON number it would lose its last digits here, the ETag keeps it as text. */
function withExactEpoch(matrix: Matrix, etag: string | null): Matrix {
    const match = /"(\d+)-(\d+)/.exec(etag ?? "");
    return match?.[1] && match[2] === String(matrix.version) ? { ...matrix, epoch: match[1] } : matrix;
}

/** `asOfMs` null: as known now. */
export async function readMatrix(
    campaign: string,
    view: MatrixView,
    asOfMs: number | null,
    signal?: AbortSignal,
): Promise<Matrix> {
    const answer = await send(`/matrix${query(matrixQuery(campaign, view, asOfMs))}`, { signal });
    return withExactEpoch((await answer.json()) as Matrix, answer.headers.get("etag"));
}

export function readCell(
    campaign: string,
    key: string,
    asOfMs: number | null,
    signal?: AbortSignal,
): Promise<CellDetail> {
    const parts = { campaign_id: campaign, as_of_ms: asOfMs };
    return get(`/matrix/cells/${encodeURIComponent(key)}${query(parts)}`, signal);
}

export type ExportFormat = "csv" | "xlsx" | "pdf";

/** `groupBy`: rows of that level only; null: all rows. */
export function exportUrl(
    campaign: string,
    view: MatrixView,
    asOfMs: number | null,
    groupBy: string | null,
    format: ExportFormat,
): string {
    return `${API}/matrix/export${query({ ...matrixQuery(campaign, view, asOfMs), group_by: groupBy, format })}`;
}

/** `last` is "EPOCH:VERSION", or null to begin with a snapshot. */
export function liveUrl(campaign: string, last: string | null): string {
    return `${API}/live${query({ campaign_id: campaign, last_event_id: last })}`;
}

/* ---- inputs ---- */

export function contentUrl(input: string): string {
    return `${API}/inputs/${encodeURIComponent(input)}/content`;
}

export async function readContent(input: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    const answer = await send(`/inputs/${encodeURIComponent(input)}/content`, {
        headers: { accept: "*/*" },
        signal,
    });
    return answer.arrayBuffer();
}

export function readInput(id: string, signal?: AbortSignal): Promise<RawInput> {
    return get(`/inputs/${encodeURIComponent(id)}`, signal);
}

/** Sends a file's bytes. `progress` gets the part sent, 0 to 1. */
export function uploadInput(
    campaign: string,
    source: string,
    file: File,
    progress: (part: number) => void,
): Promise<RawInput> {
    const parts = { source, filename: file.name, campaign_id: campaign };
    return upload(`/inputs${query(parts)}`, file, progress);
}

/* ---- pending lines, exceptions ---- */

export function listPending(cursor: string | null): Promise<Page<BuyLine>> {
    return get(`/pending${query({ limit: PAGE_SIZE, cursor })}`);
}

/** Gives pending lines to a campaign; those it has already are `known`. */
export function assignPending(
    lines: string[],
    campaign: string,
    key: string,
): Promise<{ assigned: number; known: number }> {
    return write("/pending/assign", { campaign_id: campaign, buy_line_ids: lines }, key);
}

export type OpenStatus = "open" | "closed";

export function listExceptions(
    campaign: string,
    status: OpenStatus | null,
    cursor: string | null,
): Promise<Page<Exception>> {
    return get(`/exceptions${query({ campaign_id: campaign, status, limit: LONG_PAGE_SIZE, cursor })}`);
}

export function closeExceptions(
    campaign: string,
    ids: string[],
    reason: string,
    key: string,
): Promise<{ closed: number; known: number }> {
    return write("/exceptions/close", { campaign_id: campaign, ids, reason }, key);
}

/* ---- advertisers ---- */

export function findAdvertisers(text: string, signal?: AbortSignal): Promise<Page<Advertiser>> {
    return get(`/advertisers${query({ q: text, limit: 20 })}`, signal);
}
