/* breakdown.tsx - what a subtotal of one week is made of: its station cells, each a step down to its lines. */
import { cellKey } from "../matrix/fold.ts";
import { leavesOf } from "../matrix/detail.ts";
import { formatCents } from "../matrix/money.ts";
import type { Matrix, MatrixRow } from "../api/shapes.ts";

interface Props {
    matrix: Matrix;
    row: MatrixRow;
    week: string;
    open: (cell: string) => void;
}

function partName(row: MatrixRow): string {
    const { advertiser, market, medium, station } = row.labels;
    return [station ?? "no station", medium, market ?? "market unknown", advertiser].filter(Boolean).join(" · ");
}

export function Breakdown({ matrix, row, week, open }: Props) {
    const column = matrix.weeks.indexOf(week);
    const valueOf = (each: MatrixRow) => each.cells[column] ?? null;
    const parts = leavesOf(matrix.rows, row.key).filter((leaf) => valueOf(leaf) !== null);
    parts.sort((a, b) => (valueOf(b) ?? 0) - (valueOf(a) ?? 0));
    return (
        <>
            <dl className="amounts">
                <div>
                    <dt>{matrix.basis === "net" ? "Net" : "Gross"} subtotal</dt>
                    <dd>{formatCents(valueOf(row))}</dd>
                </div>
            </dl>
            <section className="breakdown" aria-label="Parts">
                <h3>{parts.length === 1 ? "1 station" : `${parts.length} stations`} in this week</h3>
                <ul>
                    {parts.map((leaf) => (
                        <li key={leaf.key}>
                            <button type="button" className="part" onClick={() => open(cellKey(leaf.key, week))}>
                                <span>{partName(leaf)}</span>
                                <strong>{formatCents(valueOf(leaf))}</strong>
                            </button>
                        </li>
                    ))}
                </ul>
            </section>
        </>
    );
}
