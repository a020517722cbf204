/* screen.tsx - data problems of a campaign that a person must look at; many can be closed with one reason. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef, useState, type FormEvent } from "react";
import { closeExceptions, listExceptions, type OpenStatus } from "../api/client.ts";
import type { Campaign, Exception } from "../api/shapes.ts";
import { Header } from "../shell/header.tsx";
import { setSearch, useSearch } from "../shell/route.ts";
import { CheckAll, CheckRow } from "../ui/check.tsx";
import { FileLink } from "../ui/file-link.tsx";
import { momentText } from "../ui/moment.ts";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { useRepeatable } from "../ui/repeatable.ts";
import { useSelection, type Selection } from "../ui/selection.ts";
import { useWholeList } from "../ui/whole-list.ts";
import { detailsText } from "./details.ts";
import { kindsOf, ofKind } from "./filter.ts";

const BATCH_MAX = 1_000; /* the server's limit of one request */
const REFETCH_MS = 30_000;

function kindText(kind: string): string {
    return kind.replaceAll("_", " ");
}

interface RowProps {
    exception: Exception;
    selection: Selection;
    tz: string;
}

function ExceptionRow({ exception, selection, tz }: RowProps) {
    const { id, kind, subject, status, closed_by, closed_ms, closed_reason } = exception;
    return (
        <tr className={selection.has(id) ? "chosen" : undefined}>
            <td className="check">
                {status === "open" && (
                    <CheckRow selection={selection} id={id} label={`Select ${kindText(kind)}: ${subject ?? id}`} />
                )}
            </td>
            <td>
                <span className="kind">{kindText(kind)}</span>
            </td>
            <td>
                <FileLink input={exception.input_id}>{subject}</FileLink>
            </td>
            <td className="details">
                {detailsText(exception.details)}
                {closed_reason && <div>“{closed_reason}”</div>}
            </td>
            <td>
                <span className={`status status-${status}`}>{status}</span>
                {closed_by && (
                    <div className="faint">
                        {closed_by}
                        {closed_ms ? `, ${momentText(closed_ms, tz)}` : ""}
                    </div>
                )}
            </td>
        </tr>
    );
}

interface TableProps {
    exceptions: Exception[];
    selection: Selection;
    tz: string;
}

function ExceptionTable({ exceptions, selection, tz }: TableProps) {
    return (
        <table className="table">
            <thead>
                <tr>
                    <th scope="col" className="check">
                        <CheckAll selection={selection} what="exceptions" />
                    </th>
                    <th scope="col">Kind</th>
                    <th scope="col">Subject</th>
                    <th scope="col">Details</th>
                    <th scope="col">Status</th>
                </tr>
            </thead>
            <tbody>
                {exceptions.map((exception) => (
                    <ExceptionRow key={exception.id} exception={exception} selection={selection} tz={tz} />
                ))}
            </tbody>
        </table>
    );
}

/* More than one request holds are sent in parts; what was closed stays closed if a later part fails. */
function useClose(campaign: string) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    return useMutation({
        mutationFn: async ({ ids, reason }: { ids: string[]; reason: string }) => {
            let closed = 0;
            for (let at = 0; at < ids.length; at += BATCH_MAX) {
                const part = ids.slice(at, at + BATCH_MAX);
                closed += (await closeExceptions(campaign, part, reason, repeatable.keyFor([part, reason]))).closed;
            }
            return closed;
        },
        onSuccess: repeatable.done,
        onSettled: () => queries.invalidateQueries({ queryKey: ["exceptions", campaign] }),
    });
}

function CloseBar({ campaign, selection }: { campaign: string; selection: Selection }) {
    const [reason, setReason] = useState("");
    const input = useRef<HTMLInputElement>(null);
    const close = useClose(campaign);
    const count = selection.ids.length;
    const submit = (event: FormEvent) => {
        event.preventDefault();
        const why = reason.trim();
        if (why === "") return input.current?.focus();
        close.mutate({ ids: selection.ids, reason: why }, { onSuccess: () => (selection.clear(), setReason("")) });
    };
    return (
        <div className="bulk-place">
            {count > 0 && (
                <form className="bulk" onSubmit={submit} aria-label="Close the selected exceptions">
                    <strong>{count} selected</strong>
                    <label>
                        <span className="visually-hidden">Reason</span>
                        <input
                            ref={input}
                            value={reason}
                            maxLength={500}
                            required
                            placeholder="Why nothing more is to do"
                            onChange={(event) => setReason(event.target.value)}
                        />
                    </label>
                    <button type="submit" className="primary" disabled={close.isPending}>
                        {close.isPending ? "Closing…" : `Close ${count}`}
                    </button>
                    <button type="button" onClick={selection.clear}>
                        Select none
                    </button>
                </form>
            )}
            {close.isSuccess && count === 0 && (
                <p className="faint" role="status">
                    {close.data} closed.
                </p>
            )}
            {close.error && <InlineError error={close.error} />}
        </div>
    );
}

interface FilterProps {
    kinds: [string, number][];
    kind: string | null;
    status: OpenStatus | null;
}

function Filters({ kinds, kind, status }: FilterProps) {
    const isGone = kind !== null && !kinds.some(([each]) => each === kind);
    return (
        <div className="filters">
            <label className="inline">
                Kind{" "}
                <select value={kind ?? ""} onChange={({ target }) => setSearch({ kind: target.value || null }, true)}>
                    <option value="">all</option>
                    {kinds.map(([each, count]) => (
                        <option key={each} value={each}>
                            {kindText(each)} ({count})
                        </option>
                    ))}
                    {isGone && <option value={kind}>{kindText(kind)} (0)</option>}
                </select>
            </label>
            <label className="inline">
                Status{" "}
                <select
                    value={status ?? "any"}
                    onChange={({ target }) =>
                        setSearch({ status: target.value === "open" ? null : target.value }, true)
                    }
                >
                    <option value="open">open</option>
                    <option value="closed">closed</option>
                    <option value="any">any</option>
                </select>
            </label>
        </div>
    );
}

function useExceptions(campaign: string) {
    const search = useSearch();
    const word = search.get("status") ?? "open";
    const status: OpenStatus | null = word === "any" ? null : word === "closed" ? "closed" : "open";
    const kind = search.get("kind");
    const list = useWholeList(
        ["exceptions", campaign, status],
        (cursor) => listExceptions(campaign, status, cursor),
        REFETCH_MS,
    );
    const kinds = useMemo(() => kindsOf(list.items), [list.items]);
    const shown = useMemo(() => ofKind(list.items, kind), [list.items, kind]);
    const open = useMemo(() => shown.filter((each) => each.status === "open").map((each) => each.id), [shown]);
    return { list, status, kind, kinds, shown, open };
}

export function ExceptionsScreen({ campaign }: { campaign: Campaign }) {
    const { list, status, kind, kinds, shown, open } = useExceptions(campaign.id);
    const selection = useSelection(open);
    const isNarrow = status !== "open" || kind !== null;
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "exceptions" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Exceptions</h2>
                    <p className="faint">What the readers and rules could not settle by themselves</p>
                    <Filters kinds={kinds} kind={kind} status={status} />
                </div>
                <CloseBar campaign={campaign.id} selection={selection} />
                {list.isPending && <Loading what="exceptions" />}
                {list.error && list.items.length === 0 && (
                    <Failed error={list.error} retry={() => void list.refetch()} />
                )}
                {list.complete && shown.length === 0 && (
                    <Empty title={isNarrow ? "No such exceptions" : "No exceptions"}>
                        <p>
                            {isNarrow
                                ? "Others may stand under another kind or status."
                                : "Nothing in this campaign needs a person."}
                        </p>
                    </Empty>
                )}
                {shown.length > 0 && (
                    <>
                        <ExceptionTable
                            exceptions={shown}
                            selection={selection}
                            tz={campaign.tz ?? "America/New_York"}
                        />
                        {list.error && <InlineError error={list.error} />}
                        <Pager
                            shown={shown.length}
                            hasMore={list.hasNextPage}
                            loading={list.isFetchingNextPage}
                            more={() => void list.fetchNextPage()}
                        />
                    </>
                )}
            </main>
        </>
    );
}
