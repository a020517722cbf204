/* filter.ts - which kinds of exceptions there are and which are shown. Pure. */
import type { Exception } from "../api/shapes.ts";

/** Kinds with their numbers, the most frequent first. */
export function kindsOf(exceptions: readonly Exception[]): [string, number][] {
    const counts = new Map<string, number>();
    for (const { kind } of exceptions) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

export function ofKind(exceptions: readonly Exception[], kind: string | null): Exception[] {
    return exceptions.filter((each) => kind === null || each.kind === kind);
}
