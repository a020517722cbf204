/* filter.ts - which rows of the matrix are looked at, in the address. Pure. */
import type { MatrixFilter } from "../api/client.ts";

export const NO_FILTER: MatrixFilter = { side: null, market: null, medium: null, advertiser: null };
export const SIDES = ["for", "against", "neutral"];
export const MEDIA = ["broadcast", "cable", "satellite", "radio", "ctv", "digital", "mail", "phone", "creator", "other"];

function oneOf(words: readonly string[], word: string | null): string | null {
    return words.find((each) => each === word) ?? null;
}

/** What the server could not be asked is left out. */
export function filterIn(search: URLSearchParams): MatrixFilter {
    const market = search.get("market") ?? "";
    return {
        side: oneOf(SIDES, search.get("side")),
        market: /^[1-9]\d\d$/.test(market) ? market : null,
        medium: oneOf(MEDIA, search.get("medium")),
        advertiser: search.get("advertiser")?.trim() || null,
    };
}

export function isFiltered(filter: MatrixFilter): boolean {
    return Object.values(filter).some((value) => value !== null);
}

/** One text for each filter. */
export function filterKey(filter: MatrixFilter): string {
    return JSON.stringify([filter.side, filter.market, filter.medium, filter.advertiser]);
}
