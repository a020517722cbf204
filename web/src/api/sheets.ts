/* sheets.ts - the requests of names and of sheets: proposals, column mappings, reconciliations. */
import type { ColumnMapping, NameProposal, Page, ProposalStatus, Reconciliation } from "./shapes.ts";
import { get, query, upload, write } from "./wire.ts";

const PAGE_SIZE = 100;

export function listProposals(
    status: ProposalStatus | null,
    kind: string | null,
    cursor: string | null,
): Promise<Page<NameProposal>> {
    return get(`/names/proposals${query({ status, kind, limit: PAGE_SIZE, cursor })}`);
}

/** `target`: another advertiser than the proposed one. */
export function decideProposal(
    id: string,
    status: "confirmed" | "rejected",
    target: string | null,
    key: string,
): Promise<NameProposal> {
    const body = target === null ? { status } : { status, target_id: target };
    return write(`/names/proposals/${encodeURIComponent(id)}`, body, key);
}

export function listMappings(cursor: string | null): Promise<Page<ColumnMapping>> {
    return get(`/column-mappings${query({ limit: PAGE_SIZE, cursor })}`);
}

export function saveMapping(
    source: string,
    columns: { field: string; header: string }[],
    key: string,
): Promise<ColumnMapping> {
    return write("/column-mappings", { source, columns }, key, "PUT");
}

/** Without their rows. */
export function listReconciliations(campaign: string, cursor: string | null): Promise<Page<Reconciliation>> {
    return get(`/reconciliations${query({ campaign_id: campaign, limit: PAGE_SIZE, cursor })}`);
}

export function readReconciliation(id: string, signal?: AbortSignal): Promise<Reconciliation> {
    return get(`/reconciliations/${encodeURIComponent(id)}`, signal);
}

export function reconcile(
    campaign: string,
    source: string,
    file: File,
    progress: (part: number) => void,
): Promise<Reconciliation> {
    const parts = { campaign_id: campaign, source, filename: file.name };
    return upload(`/reconciliations${query(parts)}`, file, progress);
}
