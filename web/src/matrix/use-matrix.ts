/* use-matrix.ts - the matrix of a campaign in one view, always up to date.
 *
 * Why:  fetched matrices and deltas overtake each other; whatever comes first, the newest version must show.
 * How:  each delta since the stream began is kept in a bounded log. A fetched booked matrix is folded with the
 *       log before it is shown, so an answer that was overtaken catches up; other week modes are fetched
 *       again. The stream begins where the first fetched matrix ends. */
import { keepPreviousData, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { readMatrix, readSession, type MatrixView } from "../api/client.ts";
import { ProblemError } from "../api/problem.ts";
import type { Delta, Matrix, OrderEvent, Snapshot } from "../api/shapes.ts";
import { filterKey, isFiltered, NO_FILTER } from "./filter.ts";
import { fold } from "./fold.ts";
import { LiveLink, type LinkState } from "./live.ts";
import { withNews } from "./news.ts";
import { Refetcher } from "./refetch.ts";

const LOG_LENGTH_MAX = 2_000;

function matrixKey(campaign: string, view: MatrixView) {
    return ["matrix", campaign, view.basis, view.weekMode, filterKey(view.filter)] as const;
}

/* Everything the stream's callbacks need, without opening the stream again when the view changes. */
class Follower {
    log: Delta[] = [];
    view: MatrixView = { basis: "gross", weekMode: "booked", filter: NO_FILTER };
    readonly refetcher: Refetcher;

    constructor(
        private readonly queries: QueryClient,
        private readonly campaign: string,
    ) {
        this.refetcher = new Refetcher(() => void this.refetch());
    }

    /* Edits of others come with the same changes as their amounts. */
    refetch(): Promise<void> {
        void this.queries.refetchQueries({ queryKey: ["adjustments", this.campaign], type: "active" });
        return this.queries.refetchQueries({ queryKey: ["matrix", this.campaign], type: "active" });
    }

    catchUp(matrix: Matrix, view: MatrixView): Matrix {
        if (view.weekMode !== "booked") return matrix;
        const folded = fold(matrix, this.log, isFiltered(view.filter));
        if (!folded.complete) this.refetcher.soon();
        return folded.matrix;
    }

    takeDeltas(deltas: Delta[]): void {
        this.log = [...this.log, ...deltas].slice(-LOG_LENGTH_MAX);
        if (this.view.weekMode !== "booked") return this.refetcher.soon();
        const key = matrixKey(this.campaign, this.view);
        const before = this.queries.getQueryData<Matrix>(key);
        if (before === undefined) return;
        const { matrix, complete } = fold(before, deltas, isFiltered(this.view.filter));
        this.queries.setQueryData(key, matrix);
        if (complete) this.refetcher.tidy();
        else this.refetcher.soon();
    }

    takeSnapshot(snapshot: Snapshot): void {
        this.log = [];
        const { weekMode, basis, filter } = this.view;
        const fits = weekMode === "booked" && basis === snapshot.basis && !isFiltered(filter);
        if (!fits) return this.refetcher.soon();
        void this.queries.cancelQueries({ queryKey: ["matrix", this.campaign] });
        this.queries.setQueryData(matrixKey(this.campaign, this.view), snapshot);
    }

    /* Both failures look alike to an EventSource; a session that is gone ends the screen. */
    async checkSession(): Promise<void> {
        try {
            await readSession();
        } catch (error) {
            const gone = error instanceof ProblemError && error.problem.status === 401;
            if (gone) this.queries.setQueryData(["session"], null);
        }
    }
}

function useFollower(campaign: string): Follower {
    const queries = useQueryClient();
    const follower = useRef<Follower | null>(null);
    follower.current ??= new Follower(queries, campaign);
    return follower.current;
}

type TakeNews = (deltas: readonly Delta[]) => void;

function useLink(campaign: string, follower: Follower, last: string | null, takeNews: TakeNews): LinkState {
    const [state, setState] = useState<LinkState>({ state: "connecting", attempt: 0, sinceMs: Date.now() });
    useEffect(() => {
        if (last === null) return undefined;
        const link = new LiveLink(campaign, last, {
            onDeltas: (deltas) => {
                follower.takeDeltas(deltas);
                takeNews(deltas);
            },
            onSnapshot: (snapshot) => follower.takeSnapshot(snapshot),
            onState: setState,
            onFailure: () => void follower.checkSession(),
        });
        link.start();
        return () => {
            link.stop();
            follower.refetcher.stop();
        };
    }, [campaign, follower, last, takeNews]);
    return state;
}

/** How often the present is asked for while the past is shown and the stream rests. */
const PAUSED_REFETCH_MS = 30_000;

/** Must be used by a component that is mounted anew for another campaign. While `paused` the stream is closed; it
 *  begins again where the matrix at hand ends, so nothing is missed. */
export function useMatrix(campaign: string, view: MatrixView, paused: boolean) {
    const follower = useFollower(campaign);
    follower.view = view;
    const query = useQuery({
        queryKey: matrixKey(campaign, view),
        queryFn: async ({ signal }) => follower.catchUp(await readMatrix(campaign, view, null, signal), view),
        placeholderData: keepPreviousData,
        staleTime: Infinity,
        gcTime: 0,
        refetchInterval: paused ? PAUSED_REFETCH_MS : false,
    });
    const start = useRef<string | null>(null);
    if (paused) start.current = null;
    else if (start.current === null && query.data) start.current = `${query.data.epoch}:${query.data.version}`;
    const [news, setNews] = useState<readonly OrderEvent[]>([]);
    const takeNews = useCallback<TakeNews>((deltas) => setNews((before) => withNews(before, deltas)), []);
    const clearNews = useCallback(() => setNews([]), []);
    const link = useLink(campaign, follower, start.current, takeNews);
    return { ...query, link, news, clearNews };
}

/** The matrix as it was known at an instant; idle while there is none. What was known does not change any more. */
export function usePastMatrix(campaign: string, view: MatrixView, asOfMs: number | null) {
    return useQuery({
        queryKey: ["past", campaign, view.basis, view.weekMode, filterKey(view.filter), asOfMs],
        queryFn: ({ signal }) => readMatrix(campaign, view, asOfMs, signal),
        enabled: asOfMs !== null,
        placeholderData: keepPreviousData,
        staleTime: Infinity,
    });
}
