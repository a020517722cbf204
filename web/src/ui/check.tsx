/* check.tsx - the check boxes of a table whose rows can be chosen. */
import { useEffect, useRef } from "react";
import type { Selection } from "./selection.ts";

export function CheckAll({ selection, what }: { selection: Selection; what: string }) {
    const box = useRef<HTMLInputElement>(null);
    const some = selection.ids.length > 0 && !selection.all;
    useEffect(() => {
        if (box.current) box.current.indeterminate = some;
    }, [some]);
    return (
        <input
            ref={box}
            type="checkbox"
            aria-label={`Select all ${what}`}
            checked={selection.all}
            onChange={(event) => selection.setAll(event.target.checked)}
        />
    );
}

/* The click carries the Shift key, the change does not; Space gives a click too. */
export function CheckRow({ selection, id, label }: { selection: Selection; id: string; label: string }) {
    return (
        <input
            type="checkbox"
            aria-label={label}
            checked={selection.has(id)}
            onChange={() => undefined}
            onClick={(event) => selection.toggle(id, event.shiftKey)}
        />
    );
}
