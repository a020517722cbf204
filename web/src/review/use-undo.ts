/* use-undo.ts - takes decisions and edits back by their tokens, and makes the screens ask again. */
import { useMutation, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { undo } from "../api/review.ts";
import type { Verdict } from "../api/shapes.ts";
import { idempotencyKey } from "../api/wire.ts";

/** Everything a verdict may have changed; the matrix itself comes by the live stream. */
export function forgetVerdicts(queries: QueryClient): void {
    for (const name of ["groups", "group", "decisions", "adjustments", "cell", "order", "line"]) {
        void queries.invalidateQueries({ queryKey: [name] });
    }
}

/** `mutate(tokens)`: one after the other, the latest first; the answer of the last one. */
export function useUndo() {
    const queries = useQueryClient();
    return useMutation({
        mutationFn: async (tokens: readonly string[]): Promise<Verdict | null> => {
            let last: Verdict | null = null;
            for (const token of [...tokens].reverse()) last = await undo(token, idempotencyKey());
            return last;
        },
        onSettled: () => forgetVerdicts(queries),
    });
}
