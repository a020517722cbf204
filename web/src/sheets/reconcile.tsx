/* reconcile.tsx - another source's whole list against what is known here: equal, differs, missing on either side. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { listReconciliations, readReconciliation, reconcile } from "../api/sheets.ts";
import type { Campaign, ReconciledResult, ReconciledRow, Reconciliation } from "../api/shapes.ts";
import { formatCents, formatChange } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";
import { setSearch, useSearch } from "../shell/route.ts";
import { momentText } from "../ui/moment.ts";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";
import { SourceField } from "./sources.tsx";

const RESULTS: readonly [ReconciledResult, string][] = [
    ["differs", "differ"],
    ["missing_here", "missing here"],
    ["missing_there", "missing there"],
    ["equal", "equal"],
];
const WORDS = new Map(RESULTS);
const ROWS_SHOWN = 200;

function UploadForm({ campaign, show }: { campaign: Campaign; show: (id: string) => void }) {
    const queries = useQueryClient();
    const [source, setSource] = useState("");
    const [sent, setSent] = useState(0);
    const file = useRef<HTMLInputElement>(null);
    const send = useMutation({
        mutationFn: (list: File) => reconcile(campaign.id, source.trim(), list, setSent),
        onSuccess: (record) => {
            void queries.invalidateQueries({ queryKey: ["reconciliations", campaign.id] });
            queries.setQueryData(["reconciliation", record.id], record.rows ? record : undefined);
            show(record.id);
        },
    });
    const submit = (event: FormEvent) => {
        event.preventDefault();
        const list = file.current?.files?.[0];
        if (list && source.trim() !== "") send.mutate(list);
        else file.current?.focus();
    };
    return (
        <form className="bulk" onSubmit={submit} aria-label="Reconcile a list">
            <SourceField label="Whose list" value={source} change={setSource} />
            <label className="inline">
                List (CSV or XLSX){" "}
                <input ref={file} type="file" accept=".csv,.xlsx" required />
            </label>
            <button type="submit" className="primary" disabled={send.isPending}>
                {send.isPending ? "Comparing…" : "Compare"}
            </button>
            {send.isPending && <progress max={1} value={sent} aria-label="Sending the list" />}
            {send.error && <InlineError error={send.error} />}
        </form>
    );
}

function Counts({ record, result }: { record: Reconciliation; result: ReconciledResult | null }) {
    return (
        <div className="choice" role="group" aria-label="Rows shown">
            {RESULTS.map(([each, word]) => (
                <button
                    key={each}
                    type="button"
                    aria-pressed={each === result}
                    onClick={() => setSearch({ result: each === result ? null : each }, true)}
                >
                    {record[each] ?? 0} {word}
                </button>
            ))}
        </div>
    );
}

function Row({ row }: { row: ReconciledRow }) {
    const { ours_cents: ours, theirs_cents: theirs } = row;
    const difference = ours === null || theirs === null ? null : theirs - ours;
    return (
        <tr>
            <td>
                <span className={`status result-${row.result}`}>{WORDS.get(row.result) ?? row.result}</span>
            </td>
            <td className="number">{row.row ?? "–"}</td>
            <td>{row.advertiser ?? <span className="faint">–</span>}</td>
            <td>{[row.station, row.market, row.medium].filter(Boolean).join(" · ")}</td>
            <td>{dayRange(row.from, row.to)}</td>
            <td className="number">{formatCents(ours)}</td>
            <td className="number">{formatCents(theirs)}</td>
            <td className="number">{formatChange(difference)}</td>
            <td className="details">{row.text}</td>
        </tr>
    );
}

const HEADS: readonly [string, boolean][] = [
    ["Result", false],
    ["Row", true],
    ["Advertiser", false],
    ["Where", false],
    ["Days", false],
    ["Here", true],
    ["There", true],
    ["Difference", true],
    ["What differs", false],
];

function Rows({ rows }: { rows: ReconciledRow[] }) {
    const [count, setCount] = useState(ROWS_SHOWN);
    const shown = rows.slice(0, count);
    if (rows.length === 0) return <Empty title="No such rows" />;
    return (
        <>
            <table className="table" aria-label="Rows of the comparison">
                <thead>
                    <tr>
                        {HEADS.map(([head, isNumber]) => (
                            <th key={head} scope="col" className={isNumber ? "number" : undefined}>
                                {head}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {shown.map((row, index) => (
                        <Row key={index} row={row} />
                    ))}
                </tbody>
            </table>
            <Pager
                shown={shown.length}
                hasMore={shown.length < rows.length}
                loading={false}
                more={() => setCount(count + ROWS_SHOWN)}
            />
        </>
    );
}

function Whole({ id, tz }: { id: string; tz: string }) {
    const search = useSearch();
    const result = RESULTS.find(([each]) => each === search.get("result"))?.[0] ?? null;
    const { data, error, refetch } = useQuery({
        queryKey: ["reconciliation", id],
        queryFn: ({ signal }) => readReconciliation(id, signal),
        staleTime: Infinity, /* a comparison that was made does not change */
    });
    if (error) return <Failed error={error} retry={() => void refetch()} />;
    if (!data) return <Loading what="the comparison" />;
    const rows = (data.rows ?? []).filter((row) => result === null || row.result === result);
    return (
        <section className="sheet-part" aria-label="Comparison">
            <div className="page-head">
                <h3>
                    {data.source} · {data.filename}
                </h3>
                <p className="faint">
                    {momentText(data.run_ms ?? data.created_ms, tz)}, version {data.matrix_version ?? "unknown"}
                </p>
            </div>
            <Counts record={data} result={result} />
            <Rows key={`${id} ${result}`} rows={rows} />
        </section>
    );
}

export function Reconciliations({ campaign }: { campaign: Campaign }) {
    const tz = campaign.tz ?? "America/New_York";
    const shown = useSearch().get("reconciliation");
    const pages = usePages(["reconciliations", campaign.id], (cursor) => listReconciliations(campaign.id, cursor));
    const show = (id: string) => setSearch({ reconciliation: id, result: null }, true);
    return (
        <>
            <section className="sheet-part" aria-label="Reconciliation">
                <div className="page-head">
                    <h3>Reconciliation</h3>
                    <p className="faint">A whole list of another source against what is known here; nothing is changed</p>
                </div>
                <UploadForm campaign={campaign} show={show} />
                {pages.error && <InlineError error={pages.error} />}
                {pages.isPending && <Loading what="comparisons" />}
                {pages.isSuccess && pages.items.length === 0 && <p className="faint">No list was compared yet.</p>}
                <ul className="mappings">
                    {pages.items.map((each) => (
                        <li key={each.id}>
                            <button type="button" aria-pressed={each.id === shown} onClick={() => show(each.id)}>
                                {each.source} · {each.filename}
                            </button>
                            <span className="details">
                                {momentText(each.run_ms ?? each.created_ms, tz)} ·{" "}
                                {RESULTS.map(([result, word]) => `${each[result] ?? 0} ${word}`).join(", ")}
                            </span>
                        </li>
                    ))}
                </ul>
            </section>
            {shown !== null && <Whole key={shown} id={shown} tz={tz} />}
        </>
    );
}
