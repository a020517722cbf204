/* detail.tsx - one group: evidence, lines side by side, their documents, and the verdicts to choose from. */
import type { DedupeGroup } from "../api/shapes.ts";
import { asProblem, problemText } from "../api/problem.ts";
import { canCover, linesOf, partsOf, scoreText, STATUS_WORDS } from "./compare.ts";
import { Comparison } from "./comparison.tsx";
import { Evidence } from "./evidence.tsx";
import type { Command } from "./keys.ts";
import { Papers } from "./papers.tsx";

type Verb = Exclude<Command["do"], "winner" | "include" | "next" | "previous" | "help" | "undo">;

interface Verdict {
    verb: Verb;
    key: string;
    word: string;
    why: string;
}

const VERDICTS: readonly Verdict[] = [
    { verb: "same", key: "s", word: "Same", why: "One buy; the chosen line counts as it is" },
    { verb: "merge", key: "m", word: "Merge", why: "One buy; the chosen line takes what it lacks from the copies" },
    { verb: "separate", key: "x", word: "Separate", why: "Two buys; each counts" },
    { verb: "combine", key: "c", word: "Combine", why: "Parts of one buy become one line with their sum" },
    { verb: "covers", key: "v", word: "Covers", why: "The market total covers the station lines" },
];

/** Why a verdict cannot be given here; null: it can. */
export function hindrance(group: DedupeGroup, verb: Verb): string | null {
    if (group.status !== "open") return "Undo the verdict first";
    if (verb === "combine" && partsOf(group).length === 0) return "No two lines of one source are parts here";
    if (verb === "covers" && !canCover(group)) return "There is no market total among these lines";
    return null;
}

interface Props {
    campaign: string;
    group: DedupeGroup;
    winner: string | null;
    isPending: boolean;
    error: unknown;
    choose: (line: string) => void;
    out: ReadonlySet<string>;
    leaveOut: (line: string) => void;
    run: (command: Command) => void;
}

function Verdicts({ group, isPending, run }: Props) {
    return (
        <div className="verdicts" role="toolbar" aria-label="Verdict">
            {VERDICTS.map(({ verb, key, word, why }) => {
                const hindered = hindrance(group, verb);
                return (
                    <button
                        key={verb}
                        type="button"
                        className={verb === "same" ? "primary" : undefined}
                        disabled={isPending || hindered !== null}
                        title={hindered ?? why}
                        aria-keyshortcuts={key}
                        onClick={() => run({ do: verb })}
                    >
                        {word} <kbd aria-hidden="true">{key}</kbd>
                    </button>
                );
            })}
            {group.status !== "open" && group.decision_id && (
                <button type="button" aria-keyshortcuts="u" disabled={isPending} onClick={() => run({ do: "undo" })}>
                    Undo this verdict <kbd aria-hidden="true">u</kbd>
                </button>
            )}
        </div>
    );
}

export function GroupDetail(props: Props) {
    const { campaign, group, winner, error, choose, out, leaveOut } = props;
    return (
        <section className="review-detail" aria-label="Group">
            <div className="review-head">
                <h2>
                    {group.status === "open" ? "One buy or several?" : `Verdict: ${STATUS_WORDS[group.status]}`}
                </h2>
                <span className={group.proposed ? "score proposed" : "score"} title="Points of 100">
                    {scoreText(group.score_x100)}
                </span>
                {group.proposed && group.status === "open" && <span className="standing">proposed: same</span>}
                <Verdicts {...props} />
            </div>
            {error ? (
                <p className="inline-error" role="alert">
                    {problemText(asProblem(error))}
                </p>
            ) : null}
            <div className="review-facts">
                <Comparison {...{ campaign, group, winner, choose, out, leaveOut }} />
                <Evidence group={group} />
            </div>
            <Papers key={group.id} lines={linesOf(group)} />
        </section>
    );
}
