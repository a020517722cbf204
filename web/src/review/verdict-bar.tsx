/* verdict-bar.tsx - what a verdict did to the total, and the way back. */
import type { Cents } from "../api/shapes.ts";
import { formatCents, formatChange } from "../matrix/money.ts";
import { InlineError } from "../ui/notice.tsx";

export interface Done {
    /** "Same buy", "Combined", … */
    what: string;
    token: string | null;
    before: Cents;
    after: Cents;
}

interface Props {
    done: Done;
    /** Null: it is undone already, or cannot be. */
    undo: (() => void) | null;
    isPending: boolean;
    error: unknown;
    close: () => void;
}

export function VerdictBar({ done, undo, isPending, error, close }: Props) {
    const { what, before, after } = done;
    return (
        <div className="verdict-bar" role="status">
            <strong>{what}</strong>
            <span className="verdict-totals">
                Total {formatCents(before)} → <strong>{formatCents(after)}</strong>{" "}
                <span className="faint">({formatChange((after ?? 0) - (before ?? 0))})</span>
            </span>
            {undo && (
                <button type="button" disabled={isPending} onClick={undo}>
                    {isPending ? "Undoing…" : "Undo"}
                </button>
            )}
            <button type="button" className="quiet" aria-label="Close message" onClick={close}>
                ✕
            </button>
            {error ? <InlineError error={error} /> : null}
        </div>
    );
}
