/* whole-list.ts - a cursor-paged list that is fetched to its end, up to a limit, because it is sorted or filtered here. */
import { useEffect } from "react";
import type { Page } from "../api/shapes.ts";
import { usePages } from "./pages.ts";

const ITEMS_MAX = 2_000;

/** `everyMs`: how often it is asked for again. `complete` is false while pages are missing; beyond the limit the reader asks for more. */
export function useWholeList<T>(
    key: readonly unknown[],
    read: (cursor: string | null) => Promise<Page<T>>,
    everyMs?: number,
) {
    const pages = usePages(key, read, everyMs);
    const { hasNextPage, isFetching, isError, fetchNextPage } = pages;
    const count = pages.items.length;
    useEffect(() => {
        if (hasNextPage && !isFetching && !isError && count < ITEMS_MAX) void fetchNextPage();
    }, [hasNextPage, isFetching, isError, count, fetchNextPage]);
    return { ...pages, complete: pages.isSuccess && !hasNextPage };
}
