/* amounts.tsx - the cell's amount in both bases, and its range where it is one. */
import type { CellDetail } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";

export function Amounts({ detail }: { detail: CellDetail }) {
    const { gross_cents, net_cents, low_cents = null, high_cents = null } = detail;
    const isRange = low_cents !== high_cents || (low_cents !== null && low_cents !== gross_cents);
    return (
        <dl className="amounts">
            <div>
                <dt>Gross</dt>
                <dd>{formatCents(gross_cents)}</dd>
            </div>
            <div>
                <dt>Net</dt>
                <dd>{formatCents(net_cents)}</dd>
            </div>
            {isRange && (
                <div>
                    <dt>Low – high (gross)</dt>
                    <dd>
                        {formatCents(low_cents)} – {high_cents === null ? "unknown" : formatCents(high_cents)}
                    </dd>
                </div>
            )}
        </dl>
    );
}
