/* live.ts - the event stream of one campaign, kept alive.
 *
 * Why:  the browser's own reconnect gives up on any answer but 200 and tells nobody how it is doing.
 * How:  an EventSource a try; on its first error it is closed and opened again after a growing, jittered
 *       wait, with the last id seen. A page nobody looks at gives its connection back after a while (browsers
 *       allow six a server) and resumes when it is seen again. Deltas are handed over in batches, one a frame's time at most. A try
 *       that neither lasted nor delivered anything counts as failed, even if it was accepted. */
import { liveUrl } from "../api/client.ts";
import type { Delta, Snapshot } from "../api/shapes.ts";

export interface LinkState {
    state: "connecting" | "live" | "reconnecting";
    /** Failed tries since the stream was last good. */
    attempt: number;
    /** When the shown state began, milliseconds since 1970. */
    sinceMs: number;
}

export interface LinkEvents {
    onDeltas: (deltas: Delta[]) => void;
    onSnapshot: (snapshot: Snapshot) => void;
    onState: (state: LinkState) => void;
    /** Each failed try; the owner may find out whether the session is gone. */
    onFailure: () => void;
}

const WAIT_MS_MIN = 500;
const WAIT_MS_MAX = 15_000;
const SETTLED_MS = 5_000;
const BATCH_MS = 50;
const HIDDEN_MS = 5 * 60_000;

/** Wait before try `attempt` (1, 2, …): doubles up to a limit; `random` in [0, 1) takes away up to a third. */
export function waitMs(attempt: number, random: number): number {
    const full = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** Math.min(attempt - 1, 10));
    return Math.round(full * (1 - random / 3));
}

export class LiveLink {
    private source: EventSource | null = null;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private settled: ReturnType<typeof setTimeout> | undefined;
    private batchTimer: ReturnType<typeof setTimeout> | undefined;
    private hidden: ReturnType<typeof setTimeout> | undefined;
    private batch: Delta[] = [];
    private attempt = 0;
    private brokenSinceMs: number | null = null;

    constructor(
        private readonly campaign: string,
        private last: string | null,
        private readonly events: LinkEvents,
    ) {}

    start(): void {
        addEventListener("online", this.hurry);
        document.addEventListener("visibilitychange", this.look);
        addEventListener("pagehide", this.leave);
        addEventListener("pageshow", this.hurry);
        this.tell("connecting");
        this.open();
    }

    stop(): void {
        removeEventListener("online", this.hurry);
        document.removeEventListener("visibilitychange", this.look);
        removeEventListener("pagehide", this.leave);
        removeEventListener("pageshow", this.hurry);
        this.close();
        clearTimeout(this.timer);
        clearTimeout(this.hidden);
        clearTimeout(this.batchTimer);
        this.batch = [];
    }

    private tell(state: LinkState["state"]): void {
        const sinceMs = state === "reconnecting" ? (this.brokenSinceMs ??= Date.now()) : Date.now();
        if (state === "live") this.brokenSinceMs = null;
        this.events.onState({ state, attempt: this.attempt, sinceMs });
    }

    private open(): void {
        const source = new EventSource(liveUrl(this.campaign, this.last));
        this.source = source;
        source.onopen = () => {
            this.settled = setTimeout(() => (this.attempt = 0), SETTLED_MS);
            this.tell("live");
        };
        source.onerror = () => this.fail();
        source.addEventListener("delta", (event) => this.take(event, (data) => this.queue(data as Delta)));
        source.addEventListener("snapshot", (event) =>
            this.take(event, (data) => {
                this.flush();
                this.events.onSnapshot(data as Snapshot);
            }),
        );
    }

    private take(event: MessageEvent<string>, use: (data: unknown) => void): void {
        let data: unknown;
        try {
            data = JSON.parse(event.data);
        } catch {
            return this.fail(); /* cut off on the way; the last id still names the event before it */
        }
        if (event.lastEventId) this.last = event.lastEventId;
        this.attempt = 0;
        use(data);
    }

    private queue(delta: Delta): void {
        this.batch.push(delta);
        this.batchTimer ??= setTimeout(() => this.flush(), BATCH_MS);
    }

    private flush(): void {
        clearTimeout(this.batchTimer);
        this.batchTimer = undefined;
        const batch = this.batch;
        this.batch = [];
        if (batch.length > 0) this.events.onDeltas(batch);
    }

    private close(): void {
        clearTimeout(this.settled);
        this.source?.close();
        this.source = null;
    }

    private fail(): void {
        this.close();
        this.attempt += 1;
        this.tell("reconnecting");
        this.timer = setTimeout(() => this.open(), waitMs(this.attempt, Math.random()));
        this.events.onFailure();
    }

    /* The network is back or somebody looks at the page again: do not sit out the wait. */
    private readonly hurry = (): void => {
        if (this.source !== null || document.visibilityState === "hidden") return;
        clearTimeout(this.timer);
        this.open();
    };

    /* A page kept for the back button would keep its connection too, until none is left for the next page. */
    private readonly leave = (): void => {
        this.close();
        clearTimeout(this.timer);
        this.tell("connecting");
    };

    private readonly look = (): void => {
        clearTimeout(this.hidden);
        if (document.visibilityState !== "hidden") return this.hurry();
        this.hidden = setTimeout(this.leave, HIDDEN_MS);
    };
}
