/* problem.ts - turns any failed answer into one Problem.
 *
 * Why:  the server speaks application/problem+json, limiters speak their own fixed body, and proxies or a
 *       dead connection speak neither; screens want one shape.
 * How:  read what is there, fill the rest from the status. Pure, except that it reads nothing but its input. */
import type { FieldError, Problem } from "./shapes.ts";

export class ProblemError extends Error {
    constructor(readonly problem: Problem) {
        super(problem.detail || problem.title);
        this.name = "ProblemError";
    }
}

const TITLES: Record<number, string> = {
    0: "The server cannot be reached",
    400: "The request was malformed",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Conflict",
    412: "Somebody else changed this in the meantime",
    413: "The file is too large",
    415: "This kind of file is not accepted",
    422: "Some values are wrong",
    429: "Too many requests",
    503: "The server is busy",
    507: "The server's disk is full",
};

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
    return typeof value === "string" ? value : "";
}

function fieldErrors(value: unknown): FieldError[] {
    if (!Array.isArray(value)) return [];
    return value.filter(isObject).map((entry) => {
        const code = text(entry["code"]);
        return { field: text(entry["field"]), code, message: text(entry["message"]) || code || "is wrong" };
    });
}

function seconds(header: string | null, body: Json): number | null {
    const fromBody = body["retryAfterSeconds"] ?? body["retryAfter"];
    if (typeof fromBody === "number" && fromBody >= 0) return fromBody;
    const fromHeader = header === null ? NaN : Number.parseInt(header, 10);
    return Number.isFinite(fromHeader) && fromHeader >= 0 ? fromHeader : null;
}

/** `body` is the answer's text; anything that is no JSON object is ignored. */
export function problemOf(status: number, body: string, retryAfter: string | null = null): Problem {
    let parsed: unknown = null;
    try {
        parsed = JSON.parse(body);
    } catch {
        parsed = null;
    }
    const json = isObject(parsed) ? parsed : {};
    const title = text(json["title"]) || TITLES[status] || `The server answered ${status}`;
    return {
        status,
        title,
        code: text(json["code"]),
        detail: text(json["detail"]) || text(json["message"]),
        requestId: text(json["requestId"]) || null,
        errors: fieldErrors(json["errors"]),
        retryAfterSeconds: seconds(retryAfter, json),
        ...("cell" in json ? { cell: json["cell"] } : {}),
    };
}

/** Any thrown value as a Problem; status 0 when no answer came at all. */
export function asProblem(error: unknown): Problem {
    if (error instanceof ProblemError) return error.problem;
    const problem = problemOf(0, "");
    problem.detail = "Check that the server is running; this page tries again by itself where it can.";
    return problem;
}

/** One sentence for a notice. */
export function problemText(problem: Problem): string {
    const extra = problem.detail && problem.detail !== problem.title ? `: ${problem.detail}` : "";
    const wait = problem.retryAfterSeconds === null ? "" : ` Try again in ${problem.retryAfterSeconds} s.`;
    return `${problem.title}${extra}${wait}`;
}
