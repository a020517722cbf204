/* combine.tsx - makes several lines of a cell one buy: "early news" and "late news" of one sheet. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { combineRows } from "../api/review.ts";
import { InlineError } from "../ui/notice.tsx";
import { useRepeatable } from "../ui/repeatable.ts";
import { forgetVerdicts, useUndo } from "./use-undo.ts";
import { VerdictBar, type Done } from "./verdict-bar.tsx";

export function useCombine(campaign: string) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    const [done, setDone] = useState<Done | null>(null);
    const undo = useUndo();
    const combine = useMutation({
        mutationFn: (lines: string[]) => combineRows(campaign, lines, repeatable.keyFor(lines)),
        onSuccess: (answer, lines) => {
            repeatable.done();
            undo.reset();
            const { undo_token: token, total_before_cents: before, total_after_cents: after } = answer;
            setDone({ what: `${lines.length} lines combined`, token, before, after });
            forgetVerdicts(queries);
        },
    });
    const token = done?.token ?? null;
    const takeBack = (wanted: string) =>
        undo.mutate([wanted], {
            onSuccess: (answer) => {
                const { total_before_cents: before, total_after_cents: after } = answer ?? {};
                setDone({ what: "Combination undone", token: null, before: before ?? null, after: after ?? null });
            },
        });
    const bar = (
        <>
            {combine.error && <InlineError error={combine.error} />}
            {done && (
                <VerdictBar
                    done={done}
                    undo={token === null ? null : () => takeBack(token)}
                    isPending={undo.isPending}
                    error={undo.error}
                    close={() => setDone(null)}
                />
            )}
        </>
    );
    return { combine, bar };
}
