/* screen.tsx - lines that no campaign's criteria took; one press gives a line to this campaign. */
import { useMutation, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { useRef } from "react";
import { assignPending, idempotencyKey, listPending } from "../api/client.ts";
import type { BuyLine, Campaign, Page } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";
import { Header } from "../shell/header.tsx";
import { FileLink } from "../ui/file-link.tsx";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";

const KEY = ["pending"] as const;

function useAssign(campaign: string) {
    const queries = useQueryClient();
    const key = useRef(idempotencyKey());
    return useMutation({
        mutationFn: (line: string) => assignPending(line, campaign, key.current),
        onSuccess: (_, line) => {
            queries.setQueryData<InfiniteData<Page<BuyLine>>>(KEY, (data) => {
                const without = (page: Page<BuyLine>) => ({
                    ...page,
                    items: page.items.filter((each) => each.id !== line),
                });
                return data && { ...data, pages: data.pages.map(without) };
            });
        },
    });
}

function PendingRow({ line, campaign }: { line: BuyLine; campaign: Campaign }) {
    const assign = useAssign(campaign.id);
    const advertiser = line.advertiser ?? line.advertiser_text;
    return (
        <tr>
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
                    aria-label={`Assign ${advertiser ?? "line"} to this campaign`}
                    onClick={() => assign.mutate(line.id)}
                >
                    {assign.isPending ? "Assigning…" : "Assign here"}
                </button>
                {assign.error && <InlineError error={assign.error} />}
            </td>
        </tr>
    );
}

function PendingTable({ lines, campaign }: { lines: BuyLine[]; campaign: Campaign }) {
    return (
        <table className="table">
            <thead>
                <tr>
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
                    <PendingRow key={line.id} line={line} campaign={campaign} />
                ))}
            </tbody>
        </table>
    );
}

export function PendingScreen({ campaign }: { campaign: Campaign }) {
    const pages = usePages(KEY, listPending);
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "pending" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Pending lines</h2>
                    <p className="faint">Lines that were read but fit no campaign yet</p>
                </div>
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
                        <PendingTable lines={pages.items} campaign={campaign} />
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
