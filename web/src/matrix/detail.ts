/* detail.ts - how deep the matrix is shown.
 *
 * Why:  a statewide race has thousands of station rows; the same sums can be read a level higher up. Pure. */
import type { MatrixRow, RowKind } from "../api/shapes.ts";

export type Detail = RowKind | "flat";

export const DETAILS: readonly [Detail, string][] = [
    ["leaf", "Stations and subtotals"],
    ["flat", "Stations only"],
    ["medium", "Down to media"],
    ["market", "Down to markets"],
    ["advertiser", "Advertisers"],
    ["side", "Sides"],
];

const ORDER: readonly RowKind[] = ["leaf", "medium", "market", "advertiser", "side"];

export function rowsAtDetail(rows: MatrixRow[], detail: Detail): MatrixRow[] {
    if (detail === "leaf") return rows;
    if (detail === "flat") return rows.filter((row) => row.kind === "leaf");
    const least = ORDER.indexOf(detail);
    return rows.filter((row) => ORDER.indexOf(row.kind) >= least);
}

export function detailOf(text: string | null): Detail {
    const found = DETAILS.find(([detail]) => detail === text);
    return found ? found[0] : "leaf";
}

/** Leaves out what lies inside collapsed groups; a group is named by its subtotal row, which follows it and stays. */
export function withoutCollapsed(rows: MatrixRow[], collapsed: ReadonlySet<string>): MatrixRow[] {
    if (collapsed.size === 0) return rows;
    const kept: MatrixRow[] = [];
    let hiddenBelow = -1; /* level of the collapsed group we are inside of; -1: none */
    for (const row of rows.slice().reverse()) {
        const level = ORDER.indexOf(row.kind);
        if (level >= hiddenBelow) hiddenBelow = -1;
        if (hiddenBelow >= 0) continue;
        kept.push(row);
        if (collapsed.has(row.key)) hiddenBelow = level;
    }
    return kept.reverse();
}

/** The leaf rows a subtotal row sums: those since the last row of its own level or above. Empty for a leaf. */
export function leavesOf(rows: readonly MatrixRow[], key: string): MatrixRow[] {
    const at = rows.findIndex((row) => row.key === key && row.kind !== "leaf");
    const level = ORDER.indexOf(rows[at]?.kind ?? "leaf");
    const leaves: MatrixRow[] = [];
    for (let index = at - 1; index >= 0; index--) {
        const row = rows[index] as MatrixRow;
        if (ORDER.indexOf(row.kind) >= level) break;
        if (row.kind === "leaf") leaves.push(row);
    }
    return leaves.reverse();
}
