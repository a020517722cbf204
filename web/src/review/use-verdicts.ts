/* use-verdicts.ts - gives verdicts, remembers them for undoing, and keeps the list of groups in step.
 *
 * How:  the answer's group replaces the one in the list at once; then everything a verdict may have touched is asked
 *       for again. */
import { useMutation, useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { combineRows, resolveGroup, type ResolveAction, type ResolveBody } from "../api/review.ts";
import type { DedupeGroup, Page, Verdict } from "../api/shapes.ts";
import { useRepeatable } from "../ui/repeatable.ts";
import { forgetVerdicts, useUndo } from "./use-undo.ts";
import type { Done } from "./verdict-bar.tsx";

export type Choice =
    /** `lines` null: all members. */
    | { action: ResolveAction; group: DedupeGroup; winner: string | null; lines: string[] | null }
    | { action: "combine"; group: DedupeGroup; lines: string[] };

const WORDS: Record<Choice["action"], string> = {
    keep: "Same buy",
    merge: "Merged",
    separate: "Separate buys",
    covers: "Covered",
    combine: "Combined",
};

function replaceGroup(queries: QueryClient, group: DedupeGroup): void {
    queries.setQueriesData<InfiniteData<Page<DedupeGroup>>>({ queryKey: ["groups"] }, (data) => {
        const inPage = (page: Page<DedupeGroup>) => ({
            ...page,
            items: page.items.map((each) => (each.id === group.id ? { ...each, ...group } : each)),
        });
        return data && { ...data, pages: data.pages.map(inPage) };
    });
    queries.setQueryData<DedupeGroup>(["group", group.id], (before) => ({ ...before, ...group }));
}

/** A verdict that can be taken back, and the group it was about. */
export interface Given extends Done {
    group: string;
}

/** `moveOn(group)` is called with the group that has just got its verdict. */
export function useVerdicts(campaign: string, moveOn: (group: string) => void, goBack: (group: string) => void) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    const [given, setGiven] = useState<Given[]>([]);
    const [undone, setUndone] = useState<Done | null>(null);
    const last = given.at(-1) ?? null;
    const undo = useUndo();
    const give = useMutation({
        mutationFn: (choice: Choice): Promise<Verdict> => {
            if (choice.action === "combine") {
                return combineRows(campaign, choice.lines, repeatable.keyFor(["combine", choice.lines]));
            }
            const { action, group, winner, lines } = choice;
            const body: ResolveBody = { action };
            if (winner !== null && (action === "keep" || action === "merge")) body.winner = winner;
            if (lines !== null) body.buy_line_ids = lines;
            return resolveGroup(group.id, body, repeatable.keyFor([group.id, group.version, body]));
        },
        onSuccess: (answer, { action, group }) => {
            repeatable.done();
            undo.reset();
            const { undo_token: token, total_before_cents: before, total_after_cents: after } = answer;
            setGiven((all) => [...all, { what: WORDS[action], token, before, after, group: group.id }]);
            if (answer.group) replaceGroup(queries, answer.group); /* first: moving on looks at the list */
            moveOn(group.id);
            forgetVerdicts(queries);
        },
        onError: () => forgetVerdicts(queries), /* perhaps somebody else was faster */
    });
    /* The last verdict given here; without one, the verdict of the group that is looked at. */
    const takeBack = (shown: DedupeGroup | null) => {
        if (undo.isPending) return;
        const back = last?.token ? { token: last.token, group: last.group } : null;
        const standing = shown?.decision_id ? { token: shown.decision_id, group: shown.id } : null;
        const wanted = back ?? standing;
        if (wanted === null) return;
        give.reset();
        undo.mutate([wanted.token], {
            onSuccess: (answer) => {
                if (back) setGiven((all) => all.slice(0, -1));
                const { total_before_cents: before, total_after_cents: after } = answer ?? {};
                const what = back && last ? `${last.what}: undone` : "Undone";
                setUndone({ what, token: null, before: before ?? null, after: after ?? null });
                goBack(wanted.group);
            },
        });
    };
    const giveNew = (choice: Choice) => {
        if (give.isPending) return;
        setUndone(null);
        give.mutate(choice);
    };
    const clear = () => {
        setUndone(null);
        setGiven([]);
        undo.reset();
    };
    /* What the bar tells: the last thing that happened. */
    return { give, giveNew, undo, takeBack, told: undone ?? last, clear };
}
