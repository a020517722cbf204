/* screen.tsx - the review: which lines are one buy? A list of groups, one of them open, a key for each verdict. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { listGroups, readGroup, type ResolveAction } from "../api/review.ts";
import type { Campaign, DedupeGroup } from "../api/shapes.ts";
import { Header } from "../shell/header.tsx";
import { Link } from "../shell/link.tsx";
import { campaignPath, setSearch, useSearch } from "../shell/route.ts";
import { Empty, Failed, Loading } from "../ui/notice.tsx";
import { Pager } from "../ui/pager.tsx";
import { useWholeList } from "../ui/whole-list.ts";
import { linesOf, neighbour, partsOf, sortGroups } from "./compare.ts";
import { GroupDetail, hindrance } from "./detail.tsx";
import { Help } from "./help.tsx";
import { commandOf, takesLetters, type Command } from "./keys.ts";
import { filterOf, Filters, GroupList } from "./list.tsx";
import { useVerdicts } from "./use-verdicts.ts";
import { VerdictBar } from "./verdict-bar.tsx";

const REFETCH_MS = 20_000;
const ACTIONS: Record<"same" | "merge" | "separate" | "covers", ResolveAction> = {
    same: "keep",
    merge: "merge",
    separate: "separate",
    covers: "covers",
};

/* The groups of the list, and the one that is looked at: it may stand outside the list's filter. */
function useGroups(campaign: string) {
    const search = useSearch();
    const filter = useMemo(() => filterOf(search), [search]);
    const list = useWholeList(
        ["groups", campaign, filter.status, filter.minScore],
        (cursor) => listGroups(campaign, filter, cursor),
        REFETCH_MS,
    );
    const wanted = search.get("group");
    const { complete } = list;
    const groups = useMemo(() => {
        const fits = (group: DedupeGroup) => filter.status === null || group.status === filter.status;
        return sortGroups(list.items.filter(fits));
    }, [list.items, filter.status]);
    const first = groups[0]?.id ?? null;
    /* What is looked at stays: a likelier group that arrives must not slip under a key that is being pressed. */
    useEffect(() => {
        if (wanted === null && first !== null && complete) setSearch({ group: first }, true);
    }, [wanted, first, complete]);
    const id = wanted ?? first;
    const listed = groups.find((group) => group.id === id);
    const single = useQuery({
        queryKey: ["group", id],
        queryFn: ({ signal }) => readGroup(id ?? "", signal),
        enabled: id !== null && listed === undefined && list.isSuccess,
    });
    return { list, filter, groups, id, shown: listed ?? single.data ?? null, single };
}

const NONE: ReadonlySet<string> = new Set();

/* The line that would count: the suggested one until a person chooses another; and the lines left out. */
function useWinner(group: DedupeGroup | null) {
    const [chosen, setChosen] = useState<{ group: string; line: string } | null>(null);
    const [left, setLeft] = useState<{ group: string; lines: ReadonlySet<string> } | null>(null);
    const lines = group ? linesOf(group) : [];
    const isOpen = group !== null && group.status === "open";
    const out = isOpen && left && left.group === group.id ? left.lines : NONE;
    const inside = lines.filter((line) => !out.has(line.id)).map((line) => line.id);
    const wishes = [chosen && chosen.group === group?.id ? chosen.line : null, group?.suggested_winner ?? null];
    const winner = wishes.find((wish) => wish !== null && inside.includes(wish)) ?? inside[0] ?? null;
    const choose = (line: string | undefined) => {
        if (isOpen && line && inside.includes(line)) setChosen({ group: group.id, line });
    };
    /* A verdict is about two lines at least. */
    const leaveOut = (line: string | undefined) => {
        if (!isOpen || !line || (!out.has(line) && inside.length <= 2)) return;
        const next = new Set(out);
        if (!next.delete(line)) next.add(line);
        setLeft({ group: group.id, lines: next });
    };
    return { winner, choose, lines, out, leaveOut, about: out.size === 0 ? null : inside };
}

function useKeys(run: (command: Command) => void, isOff: boolean): void {
    const current = useRef(run);
    current.current = run;
    useEffect(() => {
        if (isOff) return undefined;
        const press = (event: KeyboardEvent) => {
            const { target, key, code, shiftKey, ctrlKey, metaKey, altKey } = event;
            const element = target instanceof HTMLElement ? target : document.body;
            const type = element instanceof HTMLInputElement ? element.type : "";
            const isTyping = takesLetters(element.tagName, type, element.isContentEditable);
            const command = commandOf({ key, code, shiftKey, ctrlKey, metaKey, altKey, isTyping });
            if (command === null) return;
            event.preventDefault();
            current.current(command);
        };
        addEventListener("keydown", press);
        return () => removeEventListener("keydown", press);
    }, [isOff]);
}

function useReview(campaign: string) {
    const state = useGroups(campaign);
    const { groups, id, shown } = state;
    const choice = useWinner(shown);
    const { winner, choose, lines, leaveOut, about } = choice;
    const [isHelpOpen, setHelpOpen] = useState(false);
    const ids = groups.map((group) => group.id);
    const show = (group: string | null) => setSearch({ group }, true);
    const moveOn = (group: string) => {
        const after = neighbour(ids, group, 1);
        const others = ids.filter((each) => each !== group);
        show(after !== group ? after : (others.at(-1) ?? null)); /* none: whichever comes next */
    };
    const verdicts = useVerdicts(campaign, moveOn, show);
    const give = (verb: "same" | "merge" | "separate" | "combine" | "covers") => {
        if (!shown || hindrance(shown, verb) !== null) return;
        if (verb === "combine") verdicts.giveNew({ action: "combine", group: shown, lines: partsOf(shown) });
        else verdicts.giveNew({ action: ACTIONS[verb], group: shown, winner, lines: about });
    };
    const run = (command: Command) => {
        switch (command.do) {
            case "next":
                return show(neighbour(ids, id, 1));
            case "previous":
                return show(neighbour(ids, id, -1));
            case "winner":
                return choose(lines[command.index]?.id);
            case "include":
                return leaveOut(lines[command.index]?.id);
            case "undo":
                return verdicts.takeBack(shown);
            case "help":
                return setHelpOpen(true);
            default:
                return give(command.do);
        }
    };
    useKeys(run, isHelpOpen);
    return { ...state, ...choice, verdicts, run, isHelpOpen, closeHelp: () => setHelpOpen(false) };
}

function NoGroups({ campaign, filtered }: { campaign: string; filtered: boolean }) {
    return (
        <Empty title={filtered ? "No such groups" : "Nothing to decide"}>
            <p>
                {filtered
                    ? "Other groups may wait under another status or score."
                    : "No two lines of this campaign look like one buy told twice."}
            </p>
            <p>
                <Link href={campaignPath(campaign, "decisions")}>What was decided</Link>
            </p>
        </Empty>
    );
}

function Shown({ campaign, review }: { campaign: string; review: ReturnType<typeof useReview> }) {
    const { shown, single, winner, choose, out, leaveOut, run, verdicts, groups, filter, list } = review;
    if (shown) {
        return (
            <GroupDetail
                campaign={campaign}
                group={shown}
                winner={winner}
                choose={choose}
                out={out}
                leaveOut={leaveOut}
                run={run}
                isPending={verdicts.give.isPending || verdicts.undo.isPending}
                error={verdicts.give.error}
            />
        );
    }
    if (groups.length === 0 && list.complete && review.id === null) {
        return <NoGroups campaign={campaign} filtered={filter.status !== "open" || filter.minScore !== null} />;
    }
    if (single.error) return <Failed error={single.error} retry={() => void single.refetch()} />;
    return <Loading what="the group" />;
}

export default function ReviewScreen({ campaign }: { campaign: Campaign }) {
    const review = useReview(campaign.id);
    const { list, groups, filter, verdicts, run } = review;
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "review" }}>
                <button type="button" aria-keyshortcuts="?" onClick={() => run({ do: "help" })}>
                    Keys <kbd aria-hidden="true">?</kbd>
                </button>
            </Header>
            <main className="review">
                <div className="review-list">
                    <Filters filter={filter} />
                    {list.isPending ? (
                        <Loading what="groups" />
                    ) : list.error && groups.length === 0 ? (
                        <Failed error={list.error} retry={() => void list.refetch()} />
                    ) : (
                        <GroupList groups={groups} shown={review.shown?.id ?? null} complete={list.complete} />
                    )}
                    {list.hasNextPage && !list.isFetching && (
                        <Pager shown={groups.length} hasMore loading={false} more={() => void list.fetchNextPage()} />
                    )}
                </div>
                <div className="review-main">
                    {verdicts.told && (
                        <VerdictBar
                            done={verdicts.told}
                            undo={verdicts.told.token === null ? null : () => run({ do: "undo" })}
                            isPending={verdicts.undo.isPending}
                            error={verdicts.undo.error}
                            close={verdicts.clear}
                        />
                    )}
                    {!verdicts.told && verdicts.undo.error && (
                        <p className="inline-error" role="alert">
                            {verdicts.undo.error.message}
                        </p>
                    )}
                    {!(list.isPending || (list.error && groups.length === 0)) && (
                        <Shown campaign={campaign.id} review={review} />
                    )}
                </div>
            </main>
            {review.isHelpOpen && <Help close={review.closeHelp} />}
        </>
    );
}
