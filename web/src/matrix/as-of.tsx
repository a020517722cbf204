/* as-of.tsx - goes back in time: a slider over what the campaign has known, an exact time, and the way back to now.
 *
 * How:  the slider moves at once, the matrix follows when it rests; the right end is now. */
import { useEffect, useRef, useState } from "react";
import type { Campaign, Matrix } from "../api/shapes.ts";
import { asProblem, problemText } from "../api/problem.ts";
import { localText, momentOf, momentText } from "../ui/moment.ts";
import { formatCents, formatChange } from "./money.ts";
import type { Since } from "./past.ts";

const REST_MS = 180;
const STEPS = 400;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

interface ControlProps {
    campaign: Campaign;
    asOfMs: number | null;
    /** null: now */
    change: (asOfMs: number | null) => void;
}

/* Where the slider stands before the matrix follows. */
function useSlider(asOfMs: number | null, nowMs: number, change: (asOfMs: number | null) => void) {
    const [moved, setMoved] = useState<number | null>(null);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    useEffect(() => () => clearTimeout(timer.current), []);
    useEffect(() => setMoved(null), [asOfMs]);
    const move = (ms: number, rest: number) => {
        clearTimeout(timer.current);
        setMoved(ms);
        timer.current = setTimeout(() => {
            setMoved(null);
            change(ms >= nowMs ? null : ms);
        }, rest);
    };
    return { ms: moved ?? asOfMs ?? nowMs, move };
}

export function AsOfControl({ campaign, asOfMs, change }: ControlProps) {
    const tz = campaign.tz ?? "America/New_York";
    const [nowMs, setNowMs] = useState(() => Date.now());
    const first = Math.min(campaign.created_ms ?? nowMs - 30 * DAY_MS, nowMs);
    const step = Math.max(1_000, Math.floor((nowMs - first) / STEPS / 1_000) * 1_000);
    const { ms, move } = useSlider(asOfMs, nowMs, change);
    const [typed, setTyped] = useState<string | null>(null);
    useEffect(() => setTyped(null), [ms]);
    useEffect(() => {
        if (asOfMs === null) setNowMs(Date.now());
    }, [asOfMs]);
    const wanted = typed === null ? ms : momentOf(typed, tz);
    const isOutside = wanted === null || wanted < first;
    const type = (text: string) => {
        setTyped(text);
        const exact = momentOf(text, tz);
        if (exact !== null && exact >= first) move(exact, 400);
    };
    const back = (by: number) => move(Math.max(first, ms - by), 0);
    return (
        <div className="as-of" role="group" aria-label="As known on">
            <span className="faint">{momentText(first, tz)}</span>
            <input
                type="range"
                aria-label="As known on"
                aria-valuetext={ms >= nowMs ? "now" : momentText(ms, tz)}
                min={first}
                max={nowMs}
                step={step}
                value={ms}
                onChange={(event) => {
                    const to = Number(event.target.value);
                    move(to + step > nowMs ? nowMs : to, REST_MS);
                }}
            />
            <span className="faint">now</span>
            <label className="inline">
                <span className="visually-hidden">Exact time in {tz}</span>
                <input
                    type="datetime-local"
                    step={1}
                    aria-invalid={isOutside || undefined}
                    value={typed ?? localText(ms, tz)}
                    onChange={(event) => type(event.target.value)}
                />
            </label>
            <span className="faint">{tz}</span>
            <button type="button" onClick={() => back(HOUR_MS)}>
                −1 h
            </button>
            <button type="button" onClick={() => back(DAY_MS)}>
                −1 day
            </button>
            <button type="button" disabled={asOfMs === null} onClick={() => change(null)}>
                Now
            </button>
            {isOutside && (
                <span className="fault" role="alert">
                    Nothing was known before {momentText(first, tz)}
                </span>
            )}
        </div>
    );
}

interface BannerProps {
    tz: string;
    asOfMs: number;
    then: Matrix | undefined;
    now: Matrix | undefined;
    since: ReadonlyMap<string, Since>;
    error: unknown;
    leave: () => void;
}

function differenceText({ then, now, since }: BannerProps): string {
    if (!then || !now) return "";
    if (since.size === 0) return "Nothing differs from now.";
    const cells = since.size === 1 ? "1 cell differs" : `${since.size} cells differ`;
    const [before, after] = [then.totals.total_cents, now.totals.total_cents];
    const change = formatChange((after ?? 0) - (before ?? 0));
    return `${cells} from now: total then ${formatCents(before)}, now ${formatCents(after)} (${change} since).`;
}

/** Nobody may take yesterday's matrix for today's. */
export function AsOfBanner(props: BannerProps) {
    const { tz, asOfMs, then, error, leave } = props;
    const version = then?.as_of?.version ?? then?.version;
    return (
        <div className="banner past" role="status">
            <strong>As known on {momentText(asOfMs, tz)}</strong>
            {error ? (
                <span>{problemText(asProblem(error))}</span>
            ) : then ? (
                <span>
                    version {version}
                    {then.as_of && `, stored ${momentText(then.as_of.at_ms, tz)}`}. {differenceText(props)}
                </span>
            ) : (
                <span>Loading…</span>
            )}
            <button type="button" onClick={leave}>
                Back to now
            </button>
        </div>
    );
}
