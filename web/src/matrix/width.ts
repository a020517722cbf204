/* width.ts - how wide a money column must be: an amount that is cut off is a wrong amount.
 *
 * How:  the longest amount of the matrix is the largest or the smallest; both are measured in the boldest type
 *       that is used. */
import type { Cents, Matrix } from "../api/shapes.ts";
import { formatCents } from "./money.ts";

const PADDING_PX = 24;
const WIDTH_PX_MIN = 96;
const STEP_PX = 8; /* columns do not twitch with each new cent */

export interface Extremes {
    least: number;
    most: number;
}

export function extremes(cells: Iterable<Cents>): Extremes {
    let least = 0;
    let most = 0;
    for (const cell of cells) {
        if (cell === null) continue;
        if (cell < least) least = cell;
        if (cell > most) most = cell;
    }
    return { least, most };
}

function* weekCells(matrix: Matrix): Iterable<Cents> {
    for (const row of matrix.rows) yield* row.cells;
    yield* matrix.totals.cells;
}

function* totalCells(matrix: Matrix): Iterable<Cents> {
    for (const row of matrix.rows) yield row.total_cents;
    yield matrix.totals.total_cents;
}

/** The texts that could be the widest; digits are of one width. */
export function widest({ least, most }: Extremes, mark: string): string[] {
    return [mark + formatCents(most), mark + formatCents(least)];
}

function measure(texts: string[]): number {
    const context = document.createElement("canvas").getContext("2d");
    if (!context) return Math.max(...texts.map((text) => text.length)) * 9;
    context.font = `700 13px ${getComputedStyle(document.body).fontFamily}`;
    return Math.max(...texts.map((text) => context.measureText(text).width));
}

function columnWidth(texts: string[]): number {
    const needed = Math.max(WIDTH_PX_MIN, measure(texts) + PADDING_PX);
    return Math.ceil(needed / STEP_PX) * STEP_PX;
}

export interface MoneyWidths {
    week: number;
    total: number;
}

/** `signs`: what stands before amounts in this view besides the sign of a dispute. */
export function moneyWidths(matrix: Matrix, signs: string): MoneyWidths {
    const isMarked = matrix.rows.some((row) => (row.disputed?.length ?? 0) > 0);
    return {
        week: columnWidth(widest(extremes(weekCells(matrix)), signs + (isMarked ? "⚑ " : ""))),
        total: columnWidth(widest(extremes(totalCells(matrix)), "")),
    };
}
