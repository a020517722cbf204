/* markets.ts - names of the DMA codes, as far as they were imported; the codes alone are enough to work with. */
import { useQuery } from "@tanstack/react-query";
import { listMarkets } from "../api/client.ts";

const PAGES_MAX = 10;

export type MarketNames = ReadonlyMap<number, string>;

async function readNames(): Promise<MarketNames> {
    const names = new Map<number, string>();
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page++) {
        const { items, next_cursor } = await listMarkets(cursor);
        for (const market of items) {
            if (market.dma_code && market.name) names.set(market.dma_code, market.name);
        }
        cursor = next_cursor;
        if (!cursor) break;
    }
    return names;
}

const NONE: MarketNames = new Map();

export function useMarketNames(): MarketNames {
    const { data } = useQuery({ queryKey: ["markets"], queryFn: readNames, staleTime: Infinity });
    return data ?? NONE;
}
