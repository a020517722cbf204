/* route.ts - the address bar as state.
 *
 * Why:  a dozen screens need no router library; a link to a cell must survive being mailed to a colleague.
 * How:  the history API, one subscription, typed routes. */
import { useMemo, useSyncExternalStore } from "react";

export const CAMPAIGN_TABS = ["matrix", "review", "decisions", "pending", "exceptions", "names", "sheets"] as const;

export type CampaignTab = (typeof CAMPAIGN_TABS)[number];

export type Route =
    | { screen: "sign-in" }
    | { screen: "campaigns" }
    | { screen: "new-campaign" }
    | { screen: "campaign"; id: string; tab: CampaignTab }
    | { screen: "order"; id: string; order: string }
    | { screen: "unknown" };

const CHANGED = "trailmix:navigated";

export function routeOf(path: string): Route {
    const parts = path.split("/").filter(Boolean).map(decodePart);
    if (parts.length === 0) return { screen: "campaigns" };
    if (parts[0] === "sign-in" && parts.length === 1) return { screen: "sign-in" };
    if (parts[0] !== "campaigns") return { screen: "unknown" };
    const [, id, tab = "matrix"] = parts;
    if (id === undefined) return { screen: "campaigns" };
    if (id === "new" && parts.length === 2) return { screen: "new-campaign" };
    const order = parts[3];
    if (tab === "orders" && order !== undefined && parts.length === 4) return { screen: "order", id, order };
    const known = CAMPAIGN_TABS.find((each) => each === tab);
    return known && parts.length <= 3 ? { screen: "campaign", id, tab: known } : { screen: "unknown" };
}

function decodePart(part: string): string {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

export function campaignPath(id: string, tab: CampaignTab = "matrix"): string {
    const base = `/campaigns/${encodeURIComponent(id)}`;
    return tab === "matrix" ? base : `${base}/${tab}`;
}

/** `order`: the id of an order or of any of its lines. */
export function orderPath(campaign: string, order: string): string {
    return `/campaigns/${encodeURIComponent(campaign)}/orders/${encodeURIComponent(order)}`;
}

export function groupPath(campaign: string, group: string): string {
    return `${campaignPath(campaign, "review")}?status=any&group=${encodeURIComponent(group)}`;
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
    if (options.replace) history.replaceState(null, "", to);
    else history.pushState(null, "", to);
    dispatchEvent(new Event(CHANGED));
}

function subscribe(listener: () => void): () => void {
    addEventListener("popstate", listener);
    addEventListener(CHANGED, listener);
    return () => {
        removeEventListener("popstate", listener);
        removeEventListener(CHANGED, listener);
    };
}

export function useRoute(): Route {
    const path = useSyncExternalStore(subscribe, () => location.pathname);
    return useMemo(() => routeOf(path), [path]);
}

export function useSearch(): URLSearchParams {
    const search = useSyncExternalStore(subscribe, () => location.search);
    return useMemo(() => new URLSearchParams(search), [search]);
}

/** Changes some search parameters of the current address; null removes one. */
export function setSearch(values: Record<string, string | null>, replace = false): void {
    const search = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
        if (value === null) search.delete(name);
        else search.set(name, value);
    }
    const text = search.toString();
    navigate(location.pathname + (text ? `?${text}` : ""), { replace });
}
