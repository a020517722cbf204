/* screen.tsx - who decided what and when, and the way back from each. */
import { useState } from "react";
import { listDecisions } from "../api/review.ts";
import type { Campaign, DedupeAction, DedupeDecision } from "../api/shapes.ts";
import { formatCents, formatChange } from "../matrix/money.ts";
import { useUndo } from "../review/use-undo.ts";
import { VerdictBar, type Done } from "../review/verdict-bar.tsx";
import { Header } from "../shell/header.tsx";
import { Link } from "../shell/link.tsx";
import { groupPath, orderPath } from "../shell/route.ts";
import { momentText } from "../ui/moment.ts";
import { Empty, Failed, InlineError, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { usePages } from "../ui/pages.ts";

const WORDS: Record<DedupeAction, string> = {
    keep: "same buy",
    merge: "merged",
    separate: "separate buys",
    combine: "combined",
    covers: "covered",
    undo: "undo",
};

const REFETCH_MS = 20_000;

interface RowProps {
    decision: DedupeDecision;
    campaign: Campaign;
    tz: string;
    undo: ReturnType<typeof useUndo>;
    take: (decision: DedupeDecision) => void;
}

function State({ decision, tz }: { decision: DedupeDecision; tz: string }) {
    if (decision.undone_ms) {
        return (
            <span className="faint">
                undone {momentText(decision.undone_ms, tz)}
                {decision.undone_by && (
                    <>
                        {" "}
                        by <a href={`#${decision.undone_by}`}>that decision</a>
                    </>
                )}
            </span>
        );
    }
    return <span className="status-in-force">in force</span>;
}

function DecisionRow({ decision, campaign, tz, undo, take }: RowProps) {
    const { action, total_before_cents: before, total_after_cents: after } = decision;
    const isBusy = undo.isPending && undo.variables?.[0] === decision.undo_token;
    return (
        <tr id={decision.id} className={decision.undone_ms ? "undone" : undefined}>
            <td>{momentText(decision.created_ms, tz)}</td>
            <td>{decision.automatic ? <span className="faint">the rules</span> : (decision.principal ?? "unknown")}</td>
            <td>
                <span className="kind">{WORDS[action] ?? action}</span>
                {decision.undoes && (
                    <>
                        {" "}
                        of <a href={`#${decision.undoes}`}>this decision</a>
                    </>
                )}
                {decision.reason && <div className="details">“{decision.reason}”</div>}
            </td>
            <td>
                {decision.group_id ? (
                    <Link href={groupPath(campaign.id, decision.group_id)}>{(decision.members ?? []).length} lines</Link>
                ) : decision.chosen ? (
                    <Link href={orderPath(campaign.id, decision.chosen)}>{(decision.members ?? []).length} lines</Link>
                ) : (
                    <span className="faint">–</span>
                )}
            </td>
            <td className="number">
                {formatCents(before)} → {formatCents(after)}
                <div className="faint">{formatChange((after ?? 0) - (before ?? 0))}</div>
            </td>
            <td>
                <State decision={decision} tz={tz} />
            </td>
            <td className="action">
                {decision.undo_token && !decision.undone_ms && (
                    <button
                        type="button"
                        disabled={undo.isPending}
                        aria-label={`Undo: ${WORDS[action] ?? action}, ${momentText(decision.created_ms, tz)}`}
                        onClick={() => take(decision)}
                    >
                        {isBusy ? "Undoing…" : "Undo"}
                    </button>
                )}
            </td>
        </tr>
    );
}

const HEADS = ["When", "Who", "What", "About", "Total", "State"];

export function DecisionsScreen({ campaign }: { campaign: Campaign }) {
    const pages = usePages(["decisions", campaign.id], (cursor) => listDecisions(campaign.id, cursor), REFETCH_MS);
    const tz = campaign.tz ?? "America/New_York";
    const undo = useUndo();
    const [done, setDone] = useState<Done | null>(null);
    const take = (decision: DedupeDecision) =>
        undo.mutate([decision.undo_token ?? decision.id], {
            onSuccess: (answer) => {
                const { undo_token: token = null, total_before_cents: before = null, total_after_cents: after = null } = answer ?? {};
                setDone({ what: `Undone: ${WORDS[decision.action] ?? decision.action}`, token, before, after });
            },
        });
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "decisions" }} />
            <main className="page wide">
                <div className="page-head">
                    <h2>Decisions</h2>
                    <p className="faint">Every verdict about what is one buy, by people and by the rules</p>
                </div>
                {done && (
                    <VerdictBar done={done} undo={null} isPending={false} error={null} close={() => setDone(null)} />
                )}
                {undo.error && <InlineError error={undo.error} />}
                {pages.isPending && <Loading what="decisions" />}
                {pages.error && pages.items.length === 0 && (
                    <Failed error={pages.error} retry={() => void pages.refetch()} />
                )}
                {pages.isSuccess && pages.items.length === 0 && (
                    <Empty title="Nothing was decided yet">
                        <p>Verdicts of the review, combinations and what the rules settle by themselves appear here.</p>
                    </Empty>
                )}
                {pages.items.length > 0 && (
                    <>
                        <table className="table">
                            <thead>
                                <tr>
                                    {HEADS.map((head) => (
                                        <th key={head} scope="col" className={head === "Total" ? "number" : undefined}>
                                            {head}
                                        </th>
                                    ))}
                                    <th scope="col">
                                        <span className="visually-hidden">Action</span>
                                    </th>
                                </tr>
                            </thead>
                            <tbody>
                                {pages.items.map((decision) => (
                                    <DecisionRow key={decision.id} {...{ decision, campaign, tz, undo, take }} />
                                ))}
                            </tbody>
                        </table>
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
