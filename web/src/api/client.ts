/* client.ts - every request of the application, one function a route.
 *
 * Why:  one place knows paths, headers and how a failure is read.
 * How:  fetch with the session's cookie; a failed answer throws ProblemError; 401 is told to `onSignedOut`.
 *       Uploads use XMLHttpRequest because fetch cannot report how much was sent. */
import { ProblemError, problemOf } from "./problem.ts";
import type { Basis, BuyLine, Campaign, CellDetail, Exception, RawInput, Market, Matrix, Page, Principal, WeekMode } from "./shapes.ts";

const API = "/api/v1";

let signedOut: () => void = () => undefined;

/** Called with each 401, once the session is known to be gone. */
export function onSignedOut(listener: () => void): void {
    signedOut = listener;
}

interface Send {
    method?: string;
    json?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal | undefined;
}

async function send(path: string, options: Send = {}): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json", ...options.headers };
    const init: RequestInit = { method: options.method ?? "GET", headers, credentials: "same-origin" };
    if (options.json !== undefined) {
        headers["content-type"] = "application/json";
        init.body = JSON.stringify(options.json);
    }
    if (options.signal) init.signal = options.signal;
    const answer = await fetch(API + path, init);
    if (answer.ok) return answer;
    const problem = problemOf(answer.status, await answer.text(), answer.headers.get("retry-after"));
    if (answer.status === 401 && path !== "/session") signedOut();
    throw new ProblemError(problem);
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const answer = await send(path, { signal });
    return (await answer.json()) as T;
}

function query(values: Record<string, string | number | null | undefined>): string {
    const parts = new URLSearchParams();
    for (const [name, value] of Object.entries(values)) {
        if (value !== null && value !== undefined) parts.set(name, String(value));
    }
    return `?${parts.toString()}`;
}

/** 32 hexadecimal digits. Not randomUUID: that is missing on plain http outside loopback. */
export function idempotencyKey(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

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

export function listCampaigns(cursor: string | null): Promise<Page<Campaign>> {
    return get(`/campaigns${query({ limit: PAGE_SIZE, cursor })}`);
}

export function readCampaign(id: string): Promise<Campaign> {
    return get(`/campaigns/${encodeURIComponent(id)}`);
}

export async function createCampaign(body: unknown, key: string): Promise<Campaign> {
    const headers = { "idempotency-key": key };
    const answer = await send("/campaigns", { method: "POST", json: body, headers });
    return (await answer.json()) as Campaign;
}

export function listMarkets(cursor: string | null): Promise<Page<Market>> {
    return get(`/markets${query({ limit: 100, cursor })}`);
}

/* ---- matrix ---- */

export interface MatrixView {
    basis: Basis;
    weekMode: WeekMode;
}

/* The epoch has 64 bits; as a JSON number it would lose its last digits here, the ETag keeps it as text. */
function withExactEpoch(matrix: Matrix, etag: string | null): Matrix {
    const match = /"(\d+)-(\d+)/.exec(etag ?? "");
    return match?.[1] && match[2] === String(matrix.version) ? { ...matrix, epoch: match[1] } : matrix;
}

export async function readMatrix(campaign: string, view: MatrixView, signal?: AbortSignal): Promise<Matrix> {
    const parts = { campaign_id: campaign, basis: view.basis, week_mode: view.weekMode };
    const answer = await send(`/matrix${query(parts)}`, { signal });
    return withExactEpoch((await answer.json()) as Matrix, answer.headers.get("etag"));
}

export function readCell(campaign: string, key: string, signal?: AbortSignal): Promise<CellDetail> {
    return get(`/matrix/cells/${encodeURIComponent(key)}${query({ campaign_id: campaign })}`, signal);
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
    file: File,
    progress: (part: number) => void,
): Promise<RawInput> {
    const parts = { source: "fcc", filename: file.name, campaign_id: campaign };
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", `${API}/inputs${query(parts)}`);
        request.setRequestHeader("content-type", "application/pdf");
        request.setRequestHeader("idempotency-key", idempotencyKey());
        request.upload.onprogress = (event) => {
            if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
        };
        const fail = () => {
            const retry = request.status === 0 ? null : request.getResponseHeader("retry-after");
            const body = request.status === 0 ? "" : request.responseText;
            if (request.status === 401) signedOut();
            reject(new ProblemError(problemOf(request.status, body, retry)));
        };
        request.onerror = fail;
        request.onload = () => {
            if (request.status < 200 || request.status > 299) return fail();
            resolve(JSON.parse(request.responseText) as RawInput);
        };
        request.send(file);
    });
}

/* ---- pending lines, exceptions ---- */

export function listPending(cursor: string | null): Promise<Page<BuyLine>> {
    return get(`/pending${query({ limit: PAGE_SIZE, cursor })}`);
}

export async function assignPending(line: string, campaign: string, key: string): Promise<void> {
    await send(`/pending/${encodeURIComponent(line)}/assign`, {
        method: "POST",
        json: { campaign_id: campaign },
        headers: { "idempotency-key": key },
    });
}

export function listExceptions(campaign: string, cursor: string | null): Promise<Page<Exception>> {
    return get(`/exceptions${query({ campaign_id: campaign, limit: PAGE_SIZE, cursor })}`);
}
