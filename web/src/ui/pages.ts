/* pages.ts - a cursor-paged list as one growing array. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Page } from "../api/shapes.ts";

export function usePages<T>(
    key: readonly unknown[],
    read: (cursor: string | null) => Promise<Page<T>>,
    everyMs?: number,
) {
    const pages = useInfiniteQuery({
        queryKey: key,
        queryFn: ({ pageParam }) => read(pageParam),
        initialPageParam: null as string | null,
        getNextPageParam: (last) => last.next_cursor || null,
        refetchInterval: everyMs ?? false,
    });
    const { data } = pages;
    const items = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data]);
    return { ...pages, items };
}
