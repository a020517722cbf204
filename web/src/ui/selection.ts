/* selection.ts - many rows chosen by check boxes; with Shift a whole range takes the state of the one pressed. */
import { useMemo, useRef, useState } from "react";

/** `anchor`: the id pressed before, null if none. Ids that are not shown any more do not matter. Pure. */
export function toggled(
    selected: ReadonlySet<string>,
    shown: readonly string[],
    id: string,
    anchor: string | null,
): Set<string> {
    const next = new Set(selected);
    const on = !selected.has(id);
    const from = anchor === null ? -1 : shown.indexOf(anchor);
    const to = shown.indexOf(id);
    const range = from < 0 || to < 0 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of range) {
        if (on) next.add(each);
        else next.delete(each);
    }
    return next;
}

export interface Selection {
    /** Chosen and still shown, in the order shown. */
    ids: string[];
    has: (id: string) => boolean;
    toggle: (id: string, range: boolean) => void;
    all: boolean;
    setAll: (on: boolean) => void;
    clear: () => void;
}

/** Only what is shown can be chosen: a filter that hides a row takes it out of the selection too. */
export function useSelection(shown: readonly string[]): Selection {
    const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
    const anchor = useRef<string | null>(null);
    const ids = useMemo(() => shown.filter((id) => selected.has(id)), [shown, selected]);
    const toggle = (id: string, range: boolean) => {
        const from = range ? anchor.current : null;
        setSelected((before) => toggled(before, shown, id, from));
        anchor.current = id;
    };
    return {
        ids,
        has: (id) => selected.has(id),
        toggle,
        all: shown.length > 0 && ids.length === shown.length,
        setAll: (on) => setSelected(new Set(on ? shown : [])),
        clear: () => setSelected(new Set()),
    };
}
