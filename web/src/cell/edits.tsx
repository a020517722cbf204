/* edits.tsx - who edited this cell, why, and the way back. */
import type { Adjustment, Campaign } from "../api/shapes.ts";
import { formatCents, formatChange } from "../matrix/money.ts";
import { useAdjusted } from "../matrix/use-edits.ts";
import { useUndo } from "../review/use-undo.ts";
import { momentText } from "../ui/moment.ts";
import { InlineError } from "../ui/notice.tsx";

function CellEdit({ adjustment, tz }: { adjustment: Adjustment; tz: string }) {
    const undo = useUndo();
    const { before_cents, gross_cents, delta_cents, principal, created_ms, reason, undone_ms } = adjustment;
    return (
        <li className={undone_ms ? "undone" : undefined}>
            <span>
                <strong>{formatCents(before_cents)}</strong> → <strong>{formatCents(gross_cents)}</strong>{" "}
                <span className="faint">({formatChange(delta_cents)})</span> “{reason}”
            </span>
            <span className="faint">
                {principal ?? "unknown"} · {momentText(created_ms, tz)}
                {undone_ms ? ` · undone ${momentText(undone_ms, tz)}` : ""}
            </span>
            {!undone_ms && (
                <button
                    type="button"
                    disabled={undo.isPending}
                    aria-label={`Undo the edit to ${formatCents(gross_cents)}`}
                    onClick={() => undo.mutate([adjustment.undo_token ?? adjustment.id])}
                >
                    {undo.isPending ? "Undoing…" : "Undo"}
                </button>
            )}
            {undo.error && <InlineError error={undo.error} />}
        </li>
    );
}

export function CellEdits({ campaign, cell }: { campaign: Campaign; cell: string }) {
    const { list } = useAdjusted(campaign.id);
    const mine = list.items.filter((each) => each.key === cell);
    if (list.error) return <InlineError error={list.error} />;
    if (mine.length === 0) return null;
    mine.sort((a, b) => (b.created_ms ?? 0) - (a.created_ms ?? 0));
    return (
        <section className="cell-edits" aria-label="Edits of this cell">
            <h3>{mine.length === 1 ? "1 edit" : `${mine.length} edits`}</h3>
            <ul>
                {mine.map((each) => (
                    <CellEdit key={each.id} adjustment={each} tz={campaign.tz ?? "America/New_York"} />
                ))}
            </ul>
        </section>
    );
}
