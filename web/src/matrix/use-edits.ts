/* use-edits.ts - edits of cells on their way: typed, kept, saved together, refused one by one.
 *
 * How:  they are kept for this tab under the campaign's name, so that a look at another screen loses none. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { conflictOf, editCells, listAdjustments, type EditAnswer } from "../api/review.ts";
import type { Adjustment, Matrix } from "../api/shapes.ts";
import { useRepeatable } from "../ui/repeatable.ts";
import { useWholeList } from "../ui/whole-list.ts";
import { baseVersion, checked, hasConflict, insisted, NO_EDITS, withConflict, withEdit, withoutEdit, type Edit, type Edits } from "./edits.ts";
import { splitCellKey } from "./fold.ts";
import { parseCents } from "./money.ts";

const STORED = "trailmix.edits.";

function stored(campaign: string): Edits {
    try {
        const list: unknown = JSON.parse(sessionStorage.getItem(STORED + campaign) ?? "[]");
        return new Map((list as Edit[]).map((edit) => [edit.key, edit]));
    } catch {
        return NO_EDITS;
    }
}

function useKept(campaign: string) {
    const [edits, setEdits] = useState<Edits>(() => stored(campaign));
    useEffect(() => {
        if (edits.size === 0) sessionStorage.removeItem(STORED + campaign);
        else sessionStorage.setItem(STORED + campaign, JSON.stringify([...edits.values()]));
    }, [campaign, edits]);
    return [edits, setEdits] as const;
}

/* The server takes edits with a reason each; one reason serves all. */
function useSave(campaign: string, matrix: Matrix, edits: Edits, setEdits: (change: (before: Edits) => Edits) => void) {
    const queries = useQueryClient();
    const repeatable = useRepeatable();
    return useMutation({
        mutationFn: async (reason: string): Promise<EditAnswer | null> => {
            const ready = checked(edits, matrix);
            if (hasConflict(ready)) {
                setEdits(() => ready);
                return null;
            }
            const list = [...ready.values()].map(({ key, cents }) => ({ key, gross_cents: cents, reason }));
            const base = baseVersion(ready, matrix);
            return editCells(campaign, base, list, repeatable.keyFor([base, list]));
        },
        onSuccess: (answer) => {
            if (answer === null) return;
            repeatable.done();
            setEdits(() => NO_EDITS);
            void queries.invalidateQueries({ queryKey: ["adjustments", campaign] });
            void queries.invalidateQueries({ queryKey: ["cell", campaign] });
        },
        onError: (error) => {
            const conflict = conflictOf(error);
            if (conflict) setEdits((before) => withConflict(before, conflict));
        },
    });
}

/** `matrix`: booked, gross, as known now. */
export function useEdits(campaign: string, matrix: Matrix) {
    const [edits, setEdits] = useKept(campaign);
    const [fault, setFault] = useState<string | null>(null);
    const save = useSave(campaign, matrix, edits, setEdits);
    const type = (key: string, text: string) => {
        const cents = parseCents(text);
        setFault(cents === null ? `“${text}” is no amount; nothing was changed.` : null);
        if (cents === null) return;
        const at = splitCellKey(key);
        const row = matrix.rows.find((each) => each.key === at?.row);
        const before = row?.cells[matrix.weeks.indexOf(at?.week ?? "")] ?? null;
        save.reset();
        setEdits((all) => withEdit(all, { key, before, cents, seen: matrix.version }));
    };
    return {
        edits,
        fault,
        save,
        type,
        insist: (key: string) => setEdits((all) => insisted(all, key)),
        drop: (key: string) => setEdits((all) => withoutEdit(all, key)),
        discard: () => {
            setFault(null);
            save.reset();
            setEdits(NO_EDITS);
        },
    };
}

/** Edits in force, by cell key; the newest of a cell. */
export function useAdjusted(campaign: string) {
    const list = useWholeList(["adjustments", campaign], (cursor) => listAdjustments(campaign, cursor), 30_000);
    const { items } = list;
    const adjusted = useMemo(() => {
        const found = new Map<string, Adjustment>();
        for (const each of items) {
            if (each.undone_ms) continue;
            const other = found.get(each.key);
            if (!other || (other.created_ms ?? 0) <= (each.created_ms ?? 0)) found.set(each.key, each);
        }
        return found;
    }, [items]);
    return { list, adjusted };
}
