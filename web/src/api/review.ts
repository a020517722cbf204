/* review.ts - the requests of verdicts, their undoing, the film of an order, and edits of cells. */
import type { Adjustment, CellConflict, DedupeDecision, DedupeGroup, GroupStatus, OrderFilm, Page, Verdict } from "./shapes.ts";
import { ProblemError } from "./problem.ts";
import { get, query, write } from "./wire.ts";

const PAGE_SIZE = 100;

export interface GroupFilter {
    status: GroupStatus | null;
    /** Points, 0 to 100. */
    minScore: number | null;
}

export function listGroups(campaign: string, filter: GroupFilter, cursor: string | null): Promise<Page<DedupeGroup>> {
    const { status, minScore: min_score } = filter;
    return get(`/dedupe/groups${query({ campaign_id: campaign, status, min_score, limit: PAGE_SIZE, cursor })}`);
}

export function readGroup(id: string, signal?: AbortSignal): Promise<DedupeGroup> {
    return get(`/dedupe/groups/${encodeURIComponent(id)}`, signal);
}

export type ResolveAction = "keep" | "merge" | "separate" | "covers";

export interface ResolveBody {
    action: ResolveAction;
    winner?: string;
    /** The verdict is about these members only; absent: all. */
    buy_line_ids?: string[];
}

export function resolveGroup(id: string, body: ResolveBody, key: string): Promise<Verdict> {
    return write(`/dedupe/groups/${encodeURIComponent(id)}/resolve`, body, key);
}

export function combineRows(campaign: string, lines: string[], key: string): Promise<Verdict> {
    return write("/dedupe/rows/combine", { campaign_id: campaign, buy_line_ids: lines }, key);
}

/** `token` is the undo_token of a verdict or of an edit. */
export function undo(token: string, key: string): Promise<Verdict> {
    return write("/dedupe/undo", { undo_token: token }, key);
}

export function listDecisions(campaign: string, cursor: string | null): Promise<Page<DedupeDecision>> {
    return get(`/dedupe/decisions${query({ campaign_id: campaign, limit: PAGE_SIZE, cursor })}`);
}

/** `id`: of any line of the order. */
export function readOrder(id: string, signal?: AbortSignal): Promise<OrderFilm> {
    return get(`/orders/${encodeURIComponent(id)}`, signal);
}

export interface CellEdit {
    key: string;
    gross_cents: number;
    reason: string;
}

export interface EditAnswer {
    version: number;
    adjustments: Adjustment[];
}

export function editCells(campaign: string, base: number, edits: CellEdit[], key: string): Promise<EditAnswer> {
    return write("/matrix/batch-update", { campaign_id: campaign, base_version: base, edits }, key);
}

/** The cell that was changed by somebody else, if this is what a failed edit says. */
export function conflictOf(error: unknown): CellConflict | null {
    if (!(error instanceof ProblemError) || error.problem.status !== 409) return null;
    const { cell } = error.problem;
    if (typeof cell !== "object" || cell === null) return null;
    const { key, gross_cents, version } = cell as Partial<CellConflict>;
    if (typeof key !== "string") return null;
    const cents = typeof gross_cents === "number" ? gross_cents : null;
    return { key, gross_cents: cents, version: typeof version === "number" ? version : 0 };
}

export function listAdjustments(campaign: string, cursor: string | null): Promise<Page<Adjustment>> {
    return get(`/matrix/adjustments${query({ campaign_id: campaign, limit: PAGE_SIZE, cursor })}`);
}
