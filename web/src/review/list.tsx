/* list.tsx - the groups that wait for a verdict, and what is looked for among them. */
import { useEffect, useRef } from "react";
import type { GroupFilter } from "../api/review.ts";
import type { DedupeGroup, GroupStatus } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { setSearch } from "../shell/route.ts";
import { linesOf, scoreText, STATUS_WORDS } from "./compare.ts";

const STATUSES: readonly GroupStatus[] = ["open", "same", "separate", "partial"];
const SCORES = [60, 70, 80, 90];

/** The filter in the address; "any" is every status. */
export function filterOf(search: URLSearchParams): GroupFilter {
    const status = search.get("status") ?? "open";
    const score = Number(search.get("min_score") ?? "");
    return {
        status: status === "any" ? null : (STATUSES.find((each) => each === status) ?? "open"),
        minScore: Number.isInteger(score) && score > 0 && score <= 100 ? score : null,
    };
}

export function Filters({ filter }: { filter: GroupFilter }) {
    return (
        <div className="review-filters">
            <label className="inline">
                Status{" "}
                <select
                    value={filter.status ?? "any"}
                    onChange={({ target }) =>
                        setSearch({ status: target.value === "open" ? null : target.value, group: null }, true)
                    }
                >
                    {STATUSES.map((status) => (
                        <option key={status} value={status}>
                            {STATUS_WORDS[status]}
                        </option>
                    ))}
                    <option value="any">any</option>
                </select>
            </label>
            <label className="inline">
                Score{" "}
                <select
                    value={filter.minScore ?? ""}
                    onChange={({ target }) => setSearch({ min_score: target.value || null, group: null }, true)}
                >
                    <option value="">any</option>
                    {SCORES.map((score) => (
                        <option key={score} value={score}>
                            {score} or more
                        </option>
                    ))}
                </select>
            </label>
        </div>
    );
}

function amountsText(group: DedupeGroup): string {
    const amounts = linesOf(group).map((line) => formatCents(line.gross_cents));
    return amounts.length > 3 ? `${amounts.slice(0, 3).join(" / ")} +${amounts.length - 3}` : amounts.join(" / ");
}

function GroupItem({ group, isShown, show }: { group: DedupeGroup; isShown: boolean; show: () => void }) {
    const first = linesOf(group).find((line) => line.station !== null) ?? linesOf(group)[0];
    const button = useRef<HTMLButtonElement>(null);
    useEffect(() => {
        if (isShown) button.current?.scrollIntoView({ block: "nearest" });
    }, [isShown]);
    return (
        <li>
            <button ref={button} type="button" className="group" aria-current={isShown || undefined} onClick={show}>
                <span className="group-name">{first?.advertiser ?? "Unknown advertiser"}</span>
                <span className={group.proposed ? "score proposed" : "score"}>{scoreText(group.score_x100)}</span>
                <span className="group-facts">
                    {[first?.station, first?.market, first?.medium].filter(Boolean).join(" · ")}
                    {" · "}
                    {(group.members ?? []).length} lines
                </span>
                <span className="group-facts">
                    {amountsText(group)}
                    {group.status !== "open" && ` · ${STATUS_WORDS[group.status]}`}
                </span>
            </button>
        </li>
    );
}

interface Props {
    groups: DedupeGroup[];
    shown: string | null;
    complete: boolean;
}

export function GroupList({ groups, shown, complete }: Props) {
    const proposed = groups.filter((group) => group.proposed && group.status === "open").length;
    return (
        <nav aria-label="Groups">
            <p className="faint group-count" role="status">
                {groups.length}
                {complete ? "" : "+"} {groups.length === 1 ? "group" : "groups"}
                {proposed > 0 && `, ${proposed} proposed as the same`}
            </p>
            <ul className="groups">
                {groups.map((group) => (
                    <GroupItem
                        key={group.id}
                        group={group}
                        isShown={group.id === shown}
                        show={() => setSearch({ group: group.id }, true)}
                    />
                ))}
            </ul>
        </nav>
    );
}
