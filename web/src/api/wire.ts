/* wire.ts - how a request is sent and how its failure is read.
 *
 * Why:  one place knows the base path, the cookie and the shape of a failure.
 * How:  fetch with the session's cookie; a failed answer throws ProblemError; 401 is told to `onSignedOut`.
 *       Uploads use XMLHttpRequest because fetch cannot report how much was sent. */
import { ProblemError, problemOf } from "./problem.ts";

export const API = "/api/v1";

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

export async function send(path: string, options: Send = {}): Promise<Response> {
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

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const answer = await send(path, { signal });
    return (await answer.json()) as T;
}

/** A write whose repetition, after a lost answer, does nothing twice. */
export async function write<T>(path: string, json: unknown, key: string, method = "POST"): Promise<T> {
    const answer = await send(path, { method, json, headers: { "idempotency-key": key } });
    return (await answer.json()) as T;
}

export type Values = Record<string, string | number | null | undefined>;

/** "?a=1&b=2"; null and undefined are left out. */
export function query(values: Values): string {
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

/** The type the server is told; what it makes of the bytes it finds out itself. */
export function mediaTypeOf(name: string): string {
    if (/\.pdf$/i.test(name)) return "application/pdf";
    return /\.csv$/i.test(name) ? "text/csv" : "application/octet-stream";
}

/** Sends a file's bytes. `progress` gets the part sent, 0 to 1. */
export function upload<T>(path: string, file: File, progress: (part: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", API + path);
        request.setRequestHeader("content-type", mediaTypeOf(file.name));
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
            resolve(JSON.parse(request.responseText) as T);
        };
        request.send(file);
    });
}
