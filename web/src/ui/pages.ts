/* pages.ts - a cursor-paged list as one growing array. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { Page } from "../api/shapes.ts";

export function usePages<T>(key: readonly unknown[], read: (cursor: string | null) => Promise<Page<T>>) {
    const pages = useInfiniteQuery({
        queryKey: key,
        queryFn: ({ pageParam }) => read(pageParam),
        initialPageParam: null as string | null,
        getNextPageParam: (last) => last.next_cursor || null,
    });
    const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
    return { ...pages, items };
}
