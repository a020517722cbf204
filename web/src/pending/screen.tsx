/* screen.tsx - lines that no campaign's criteria took; one press gives one, or all selected, to a campaign. */
import { useMutation, useQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { assignPending, listCampaigns, listPending } from "../api/client.ts";
import type { BuyLine, Campaign, Page } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";
import { Header } from "../shell/header.tsx";
import { CheckAll, CheckRow } from "../ui/check.tsx";
import { FileLink } from "../ui/file-link.tsx";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";
import { useRepeatable } from "../ui/repeatable.ts";
import { useSelection, type Selection } from "../ui/selection.ts";

const KEY = ["pending"] as const;
const BATCH_MAX = 1_000; /* the server's limit of one request */

interface Assignment {
    lines: string[];
    campaign: string;
}

/* More than one request holds are sent in parts; what is given stays given if a later part fails. */
function useAssign() {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    const forget = (gone: ReadonlySet<string>) => {
        queries.setQueryData<InfiniteData<Page<BuyLine>>>(KEY, (data) => {
            const without = (page: Page<BuyLine>) => ({
                ...page,
                items: page.items.filter((each) => !gone.has(each.id)),
            });
            return data && { ...data, pages: data.pages.map(without) };
        });
    };
    return useMutation({
        mutationFn: async ({ lines, campaign }: Assignment) => {
            let count = 0;
            for (let at = 0; at < lines.length; at += BATCH_MAX) {
                const part = lines.slice(at, at + BATCH_MAX);
                const { assigned, known } = await assignPending(part, campaign, repeatable.keyFor([part, campaign]));
                forget(new Set(part));
                count += assigned + known;
            }
            return count;
        },
        onSuccess: repeatable.done,
    });
}

function advertiserOf(line: BuyLine): string | null {
    return line.advertiser ?? line.advertiser_text;
}

function PendingRow({ line, campaign, selection }: { line: BuyLine; campaign: Campaign; selection: Selection }) {
    const assign = useAssign();
    const advertiser = advertiserOf(line);
    const name = `${advertiser ?? "line"}${line.order_no ? ` ${line.order_no}` : ""}`;
    return (
        <tr className={selection.has(line.id) ? "chosen" : undefined}>
            <td className="check">
                <CheckRow selection={selection} id={line.id} label={`Select ${name}`} />
            </td>
            <td>{advertiser ?? <span className="faint">–</span>}</td>
            <td>{line.station ?? <span className="faint">–</span>}</td>
            <td className="number">{line.market ?? <span className="faint">–</span>}</td>
            <td>{line.medium}</td>
            <td>{dayRange(line.flight_from, line.flight_to)}</td>
            <td className="number">{formatCents(line.gross_cents ?? line.net_cents)}</td>
            <td>
                <FileLink input={line.input_id}>{line.order_no ?? (line.input_id ? "file" : "–")}</FileLink>
            </td>
            <td className="action">
                <button
                    type="button"
                    disabled={assign.isPending}
                    aria-label={`Assign ${name} to this campaign`}
                    onClick={() => assign.mutate({ lines: [line.id], campaign: campaign.id })}
                >
                    {assign.isPending ? "Assigning…" : "Assign here"}
                </button>
                {assign.error && <InlineError error={assign.error} />}
            </td>
        </tr>
    );
}

interface TableProps {
    lines: BuyLine[];
    campaign: Campaign;
    selection: Selection;
}

function PendingTable({ lines, campaign, selection }: TableProps) {
    return (
        <table className="table">
            <thead>
                <tr>
                    <th scope="col" className="check">
                        <CheckAll selection={selection} what="lines" />
                    </th>
                    <th scope="col">Advertiser</th>
                    <th scope="col">Station</th>
                    <th scope="col" className="number">
                        Market
                    </th>
                    <th scope="col">Medium</th>
                    <th scope="col">Flight</th>
                    <th scope="col" className="number">
                        Amount
                    </th>
                    <th scope="col">Order</th>
                    <th scope="col">
                        <span className="visually-hidden">Action</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                {lines.map((line) => (
                    <PendingRow key={line.id} line={line} campaign={campaign} selection={selection} />
                ))}
            </tbody>
        </table>
    );
}

/* This campaign and the first page of the others; who has more of them assigns from within the right one. */
function useCampaigns(own: Campaign): Campaign[] {
    const { data } = useQuery({ queryKey: ["campaigns", "first"], queryFn: () => listCampaigns(null), staleTime: 60_000 });
    return useMemo(() => [own, ...(data?.items ?? []).filter((each) => each.id !== own.id)], [own, data]);
}

function AssignBar({ campaign, selection }: { campaign: Campaign; selection: Selection }) {
    const campaigns = useCampaigns(campaign);
    const [to, setTo] = useState(campaign.id);
    const assign = useAssign();
    const count = selection.ids.length;
    const name = (id: string) => campaigns.find((each) => each.id === id)?.name ?? id;
    return (
        <div className="bulk-place">
            {count > 0 && (
                <div className="bulk" role="group" aria-label="Assign the selected lines">
                    <strong>{count} selected</strong>
                    <label className="inline">
                        to{" "}
                        <select aria-label="Campaign" value={to} onChange={(event) => setTo(event.target.value)}>
                            {campaigns.map((each) => (
                                <option key={each.id} value={each.id}>
                                    {each.name || each.id}
                                </option>
                            ))}
                        </select>
                    </label>
                    <button
                        type="button"
                        className="primary"
                        disabled={assign.isPending}
                        onClick={() =>
                            assign.mutate({ lines: selection.ids, campaign: to }, { onSuccess: selection.clear })
                        }
                    >
                        {assign.isPending ? "Assigning…" : `Assign ${count}`}
                    </button>
                    <button type="button" onClick={selection.clear}>
                        Select none
                    </button>
                </div>
            )}
            {assign.isSuccess && count === 0 && (
                <p className="faint" role="status">
                    {assign.data} assigned to {name(assign.variables.campaign)}.
                </p>
            )}
            {assign.error && <InlineError error={assign.error} />}
        </div>
    );
}

export function PendingScreen({ campaign }: { campaign: Campaign }) {
    const pages = usePages(KEY, listPending);
    const ids = useMemo(() => pages.items.map((line) => line.id), [pages.items]);
    const selection = useSelection(ids);
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "pending" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Pending lines</h2>
                    <p className="faint">Lines that were read but fit no campaign yet</p>
                </div>
                <AssignBar campaign={campaign} selection={selection} />
                {pages.isPending && <Loading what="pending lines" />}
                {pages.error && pages.items.length === 0 && (
                    <Failed error={pages.error} retry={() => void pages.refetch()} />
                )}
                {pages.isSuccess && pages.items.length === 0 && !pages.hasNextPage && (
                    <Empty title="Nothing is pending">
                        <p>Every line that was read belongs to a campaign.</p>
                    </Empty>
                )}
                {(pages.items.length > 0 || pages.hasNextPage) && (
                    <>
                        <PendingTable lines={pages.items} campaign={campaign} selection={selection} />
                        {pages.error && <InlineError error={pages.error} />}
                        <Pager
                            shown={pages.items.length}
                            hasMore={pages.hasNextPage}
                            loading={pages.isFetchingNextPage}
                            more={() => void pages.fetchNextPage()}
                        />
                    </>
                )}
            </main>
        </>
    );
}
