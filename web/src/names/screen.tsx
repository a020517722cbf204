/* screen.tsx - new spellings that look like a name we know: a person says whether they are. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { decideProposal, listProposals } from "../api/sheets.ts";
import type { Advertiser, Campaign, NameProposal, ProposalStatus } from "../api/shapes.ts";
import { Header } from "../shell/header.tsx";
import { setSearch, useSearch } from "../shell/route.ts";
import { momentText } from "../ui/moment.ts";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";
import { useRepeatable } from "../ui/repeatable.ts";
import { AdvertiserSearch } from "./search.tsx";

const STATUSES: readonly ProposalStatus[] = ["open", "confirmed", "rejected"];
const KINDS = ["advertiser", "agency", "station", "market"];
const REFETCH_MS = 30_000;

/** "92.31 %" of 9231 basis points */
function percent(bp: number | null): string {
    if (bp === null) return "–";
    const digits = String(bp).padStart(3, "0");
    return `${digits.slice(0, -2)}.${digits.slice(-2)} %`;
}

interface Verdict {
    status: "confirmed" | "rejected";
    target: string | null;
}

function useDecide(proposal: NameProposal) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    return useMutation({
        mutationFn: ({ status, target }: Verdict) =>
            decideProposal(proposal.id, status, target, repeatable.keyFor([proposal.id, status, target])),
        onSuccess: repeatable.done,
        onSettled: () => queries.invalidateQueries({ queryKey: ["proposals"] }),
    });
}

function Actions({ proposal }: { proposal: NameProposal }) {
    const decide = useDecide(proposal);
    const [isSearching, setSearching] = useState(false);
    const { text, target, status } = proposal;
    const choose = (advertiser: Advertiser) => {
        setSearching(false);
        decide.mutate({ status: "confirmed", target: advertiser.id });
    };
    return (
        <>
            <span className="name-actions">
                {status !== "confirmed" && proposal.target_id && (
                    <button
                        type="button"
                        disabled={decide.isPending}
                        aria-label={`Confirm: ${text} is ${target ?? "it"}`}
                        onClick={() => decide.mutate({ status: "confirmed", target: null })}
                    >
                        Confirm
                    </button>
                )}
                {status !== "rejected" && (
                    <button
                        type="button"
                        disabled={decide.isPending}
                        aria-label={`Reject: ${text} is not ${target ?? "it"}`}
                        onClick={() => decide.mutate({ status: "rejected", target: null })}
                    >
                        Reject
                    </button>
                )}
                {proposal.kind === "advertiser" && (
                    <button
                        type="button"
                        disabled={decide.isPending}
                        aria-expanded={isSearching}
                        aria-label={`Choose another advertiser for ${text}`}
                        onClick={() => setSearching(!isSearching)}
                    >
                        Another…
                    </button>
                )}
            </span>
            {isSearching && <AdvertiserSearch choose={choose} close={() => setSearching(false)} />}
            {decide.error && <InlineError error={decide.error} />}
        </>
    );
}

function ProposalRow({ proposal, tz }: { proposal: NameProposal; tz: string }) {
    const { text, kind, target, score_bp, why, status, decided_by, decided_ms } = proposal;
    return (
        <tr>
            <td>
                <strong>{text}</strong>
                <div className="faint">{kind}</div>
            </td>
            <td>{target ?? <span className="faint">nobody yet</span>}</td>
            <td className="number">{percent(score_bp)}</td>
            <td className="details">{why}</td>
            <td>
                <span className={`status status-${status}`}>{status}</span>
                {decided_by && (
                    <div className="faint">
                        {decided_by}, {momentText(decided_ms, tz)}
                    </div>
                )}
            </td>
            <td className="action">
                <Actions proposal={proposal} />
            </td>
        </tr>
    );
}

/* Up and down walk the rows by their first button. */
function walk(event: KeyboardEvent<HTMLTableSectionElement>): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const target = event.target as HTMLElement;
    if (by === 0 || target.tagName === "INPUT") return;
    const rows = Array.from(event.currentTarget.rows);
    const next = rows[rows.findIndex((row) => row.contains(target)) + by];
    event.preventDefault();
    next?.querySelector("button")?.focus();
}

function ProposalTable({ proposals, tz }: { proposals: NameProposal[]; tz: string }) {
    return (
        <table className="table">
            <thead>
                <tr>
                    <th scope="col">Spelling</th>
                    <th scope="col">Looks like</th>
                    <th scope="col" className="number">
                        Alike
                    </th>
                    <th scope="col">Why</th>
                    <th scope="col">Status</th>
                    <th scope="col">
                        <span className="visually-hidden">Action</span>
                    </th>
                </tr>
            </thead>
            <tbody onKeyDown={walk}>
                {proposals.map((proposal) => (
                    <ProposalRow key={proposal.id} proposal={proposal} tz={tz} />
                ))}
            </tbody>
        </table>
    );
}

function Filters({ status, kind }: { status: ProposalStatus | null; kind: string | null }) {
    return (
        <div className="filters">
            <label className="inline">
                Kind{" "}
                <select value={kind ?? ""} onChange={({ target }) => setSearch({ kind: target.value || null }, true)}>
                    <option value="">all</option>
                    {KINDS.map((each) => (
                        <option key={each} value={each}>
                            {each}
                        </option>
                    ))}
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
                    {STATUSES.map((each) => (
                        <option key={each} value={each}>
                            {each}
                        </option>
                    ))}
                    <option value="any">any</option>
                </select>
            </label>
        </div>
    );
}

export function NamesScreen({ campaign }: { campaign: Campaign }) {
    const search = useSearch();
    const word = search.get("status") ?? "open";
    const status = word === "any" ? null : (STATUSES.find((each) => each === word) ?? "open");
    const kind = KINDS.find((each) => each === search.get("kind")) ?? null;
    const pages = usePages(["proposals", status, kind], (cursor) => listProposals(status, kind, cursor), REFETCH_MS);
    const isNarrow = status !== "open" || kind !== null;
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "names" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Names</h2>
                    <p className="faint">New spellings that look like a name we know, in all campaigns</p>
                    <Filters status={status} kind={kind} />
                </div>
                {pages.isPending && <Loading what="proposals" />}
                {pages.error && pages.items.length === 0 && (
                    <Failed error={pages.error} retry={() => void pages.refetch()} />
                )}
                {pages.isSuccess && pages.items.length === 0 && (
                    <Empty title={isNarrow ? "No such proposals" : "No spelling waits for you"}>
                        <p>{isNarrow ? "Others may stand under another kind or status." : "Every name was recognised or is new."}</p>
                    </Empty>
                )}
                {pages.items.length > 0 && (
                    <>
                        <ProposalTable proposals={pages.items} tz={campaign.tz ?? "America/New_York"} />
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
