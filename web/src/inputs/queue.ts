/* queue.ts - files on their way to the server, and what became of each.
 *
 * How:  a small store outside React: at most two uploads at a time, then each input is asked for until its
 *       reading has ended. A filing is a station's; of a sheet a person must say whose it is, until then it waits.
 *       The screen only shows the list. */
import { readInput, uploadInput } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import type { RawInput } from "../api/shapes.ts";

export type Stage = "asking" | "waiting" | "sending" | "reading" | "parsed" | "unreadable" | "ignored" | "failed";

export interface Item {
    id: number;
    name: string;
    /** The source's name. */
    source: string;
    stage: Stage;
    /** Part sent, 0 to 1. */
    sent: number;
    input: RawInput | null;
    why: string;
}

const UPLOADS_MAX = 2;
const POLL_MS_MIN = 300;
const POLL_MS_MAX = 4_000;
const POLL_TOTAL_MS_MAX = 10 * 60_000;
const PROBLEMS_MAX = 5;

export function isFinal(stage: Stage): boolean {
    return stage !== "asking" && stage !== "waiting" && stage !== "sending" && stage !== "reading";
}

export type FileKind = "filing" | "sheet" | "other";

/** What a file is by its name, or by its type where the name says nothing. */
export function kindOf(name: string, type: string): FileKind {
    if (/\.pdf$/i.test(name) || type === "application/pdf") return "filing";
    return /\.(csv|xlsx)$/i.test(name) ? "sheet" : "other";
}

const FIRST_STAGE: Record<FileKind, Stage> = { filing: "waiting", sheet: "asking", other: "failed" };

function stageOf(input: RawInput): Stage {
    const { status } = input;
    return status === "parsed" || status === "unreadable" || status === "ignored" ? status : "reading";
}

export function countOf(value: number | unknown[] | null | undefined): number {
    return Array.isArray(value) ? value.length : (value ?? 0);
}

function pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
}

export class InputQueue {
    private items: readonly Item[] = [];
    private readonly files = new Map<number, File>();
    private readonly listeners = new Set<() => void>();
    private sending = 0;
    private nextId = 1;

    constructor(private readonly campaign: string) {}

    readonly subscribe = (listener: () => void): (() => void) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    };

    readonly list = (): readonly Item[] => this.items;

    add(files: readonly File[]): void {
        for (const file of files) {
            const id = this.nextId++;
            const kind = kindOf(file.name, file.type);
            const item = { id, name: file.name, sent: 0, input: null, source: "fcc" };
            const why = kind === "other" ? "Only PDF, CSV and XLSX files are taken here" : "";
            this.items = [...this.items, { ...item, stage: FIRST_STAGE[kind], why }];
            if (kind !== "other") this.files.set(id, file);
        }
        this.tell();
        this.pump();
    }

    /** Whose the sheets are that were asked about. */
    answer(source: string): void {
        this.items = this.items.map((item) => (item.stage === "asking" ? { ...item, stage: "waiting", source } : item));
        this.tell();
        this.pump();
    }

    /** Lets go of the sheets that were asked about. */
    refuse(): void {
        for (const item of this.items) if (item.stage === "asking") this.files.delete(item.id);
        this.items = this.items.filter((item) => item.stage !== "asking");
        this.tell();
    }

    clearFinished(): void {
        this.items = this.items.filter((item) => !isFinal(item.stage));
        this.tell();
    }

    private tell(): void {
        for (const listener of this.listeners) listener();
    }

    private set(id: number, part: Partial<Item>): void {
        this.items = this.items.map((item) => (item.id === id ? { ...item, ...part } : item));
        this.tell();
    }

    private pump(): void {
        for (const item of this.items) {
            if (this.sending >= UPLOADS_MAX) return;
            const file = this.files.get(item.id);
            if (item.stage !== "waiting" || !file) continue;
            this.files.delete(item.id);
            this.sending += 1;
            void this.carry(item.id, item.source, file);
        }
    }

    private async carry(id: number, source: string, file: File): Promise<void> {
        this.set(id, { stage: "sending" });
        try {
            const input = await this.upload(id, source, file);
            this.set(id, { stage: stageOf(input), sent: 1, input });
            if (stageOf(input) === "reading") await this.follow(id, input.id);
            else this.set(id, { input: await readInput(input.id) }); /* known bytes: ask for the counts */
        } catch (error) {
            this.set(id, { stage: "failed", why: problemText(asProblem(error)) });
        }
    }

    private async upload(id: number, source: string, file: File): Promise<RawInput> {
        try {
            return await uploadInput(this.campaign, source, file, (sent) => this.set(id, { sent }));
        } finally {
            this.sending -= 1;
            queueMicrotask(() => this.pump());
        }
    }

    private async follow(id: number, input: string): Promise<void> {
        const deadline = Date.now() + POLL_TOTAL_MS_MAX;
        let wait = POLL_MS_MIN;
        let problems = 0;
        while (Date.now() < deadline) {
            await pause(wait);
            wait = Math.min(POLL_MS_MAX, wait * 1.5);
            try {
                const state = await readInput(input);
                problems = 0;
                this.set(id, { input: state, stage: stageOf(state) });
                if (isFinal(stageOf(state))) return;
            } catch (error) {
                const { status } = asProblem(error);
                problems += 1;
                if (problems > PROBLEMS_MAX || (status >= 400 && status < 500 && status !== 429)) throw error;
            }
        }
        this.set(id, { stage: "failed", why: "Stored, but its reading has not ended; look again later" });
    }
}
