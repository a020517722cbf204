/* refetch.ts - asks for a new matrix soon, but not for each event.
 *
 * Why:  a delta says nothing about labels, order of rows, marks or other week modes; after one the matrix
 *       is asked for again. Many deltas must not become many requests, nor all clients ask at once.
 * How:  a trailing timer that later calls push back, up to a limit; soon for what is visibly missing, later
 *       and jittered for what is only tidying up. */
const SOON_MS = 250;
const SOON_MS_MAX = 1_500;
const TIDY_MS = 2_000;
const TIDY_MS_MAX = 10_000;

export class Refetcher {
    private timer: ReturnType<typeof setTimeout> | undefined;
    private firstMs: number | null = null;
    private dueMs = Infinity;

    constructor(private readonly refetch: () => void) {}

    soon(): void {
        this.schedule(SOON_MS, SOON_MS_MAX);
    }

    tidy(): void {
        this.schedule(TIDY_MS + Math.random() * 1_000, TIDY_MS_MAX);
    }

    stop(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.firstMs = null;
        this.dueMs = Infinity;
    }

    private schedule(waitMs: number, limitMs: number): void {
        const now = Date.now();
        this.firstMs ??= now;
        const due = Math.min(now + waitMs, this.firstMs + limitMs);
        /* A pending "soon" is not put off by a later "tidy". */
        if (waitMs >= TIDY_MS && this.dueMs < due && this.dueMs - now < TIDY_MS) return;
        clearTimeout(this.timer);
        this.dueMs = due;
        this.timer = setTimeout(() => {
            this.stop();
            this.refetch();
        }, Math.max(0, due - now));
    }
}
