/* film.ts - the steps of an order as a table and a curve. Pure. */
import type { Cents, OrderFilm, OrderStep } from "../api/shapes.ts";
import { dayRange, shortDay } from "../matrix/weeks.ts";

const WORDS: Record<string, string> = {
    placed: "placed",
    raised: "raised",
    cut: "cut",
    changed: "changed",
    cancelled: "cancelled",
    invoiced: "invoiced",
    paper: "further paper",
    credit: "credit",
};

export function kindText(kind: string): string {
    return WORDS[kind] ?? kind.replaceAll("_", " ");
}

/** Weeks in which any step changed something; the others would be empty columns. */
export function changedWeeks(film: OrderFilm): string[] {
    const changed = new Set(film.steps.flatMap((step) => (step.weeks ?? []).map((each) => each.week)));
    const known = film.weeks.filter((week) => changed.has(week));
    const others = [...changed].filter((week) => !film.weeks.includes(week)).sort();
    return [...known, ...others].sort();
}

export interface WeekChange {
    before: Cents;
    after: Cents;
    change: number;
    /** Fewer dollars in it than before. */
    isLess: boolean;
}

/** What a step did to a week; null: nothing. */
export function weekChange(step: OrderStep, week: string): WeekChange | null {
    const found = (step.weeks ?? []).find((each) => each.week === week);
    if (!found) return null;
    const { before_cents: before, after_cents: after } = found;
    const change = (after ?? 0) - (before ?? 0);
    return { before, after, change, isLess: change < 0 };
}

/** The curve: one point a step; what is not known breaks it. */
export function curveOf(film: OrderFilm): { x: number[]; y: Cents[]; labels: string[] } {
    const x = film.steps.map((_, index) => index);
    const y = film.steps.map((step) => step.total_after_cents);
    const labels = film.steps.map((step, index) => (step.date ? shortDay(step.date) : `no. ${index + 1}`));
    return { x, y, labels };
}

export function stepTitle(step: OrderStep): string {
    const revision = step.revision && step.revision !== "0" ? ` rev ${step.revision}` : "";
    return `${kindText(step.kind)}${revision}`;
}

export function filmTitle(film: OrderFilm): string {
    return film.order_no ? `Order ${film.order_no}` : "Line without order number";
}

export function spanText(film: OrderFilm): string {
    const [first] = film.weeks;
    const last = film.weeks.at(-1);
    return first && last ? `weeks of ${dayRange(first, last)}` : "";
}
