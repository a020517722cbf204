/* news.ts - what the stream tells beyond amounts: orders that lost dollars or were cancelled. Pure. */
import type { Delta, OrderEvent } from "../api/shapes.ts";

const KEPT_MAX = 50;

/** The newest first; older ones than can be read go. */
export function withNews(news: readonly OrderEvent[], deltas: readonly Delta[]): readonly OrderEvent[] {
    const fresh = deltas.flatMap((delta) => delta.events ?? []).reverse();
    return fresh.length === 0 ? news : [...fresh, ...news].slice(0, KEPT_MAX);
}

/** What the order's weeks gained or lost together. */
export function changeOf(event: OrderEvent): number {
    return event.weeks.reduce((sum, week) => sum + (week.after_cents ?? 0) - (week.before_cents ?? 0), 0);
}

export function newsTitle(event: OrderEvent): string {
    const what = event.kind === "cancel" ? "Cancelled" : "Pull-down";
    const order = event.order_no ? `order ${event.order_no}` : "an order";
    return `${what}: ${[event.advertiser, event.station, order].filter(Boolean).join(" · ")}`;
}
