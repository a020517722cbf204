/* toolbar.tsx - above the matrix: how it is viewed, its total, whether it is live. */
import { useEffect, useState, type ReactNode } from "react";
import type { MatrixView } from "../api/client.ts";
import type { Basis, Matrix, WeekMode } from "../api/shapes.ts";
import { DETAILS, detailOf, type Detail } from "./detail.ts";
import type { LinkState } from "./live.ts";
import { formatCents } from "./money.ts";

const MODES: readonly [WeekMode, string, string][] = [
    ["booked", "Booked", "Ordered, confirmed, invoiced and known zeros"],
    ["projected", "Projected", "Booked plus proposed lines and estimates"],
    ["future_only", "Future", "Booked, weeks after this one"],
    ["next_week", "Next week", "Booked, only the next week"],
];

const BASES: readonly [Basis, string, string][] = [
    ["gross", "Gross", "What the advertiser pays"],
    ["net", "Net", "Gross less agency commission"],
];

interface ChoiceProps<T extends string> {
    label: string;
    options: readonly (readonly [T, string, string])[];
    value: T;
    change: (value: T) => void;
}

function Choice<T extends string>({ label, options, value, change }: ChoiceProps<T>) {
    return (
        <div className="choice" role="group" aria-label={label}>
            {options.map(([option, word, why]) => (
                <button
                    key={option}
                    type="button"
                    title={why}
                    aria-pressed={option === value}
                    onClick={() => change(option)}
                >
                    {word}
                </button>
            ))}
        </div>
    );
}

function useNow(everyMs: number, running: boolean): number {
    const [now, setNow] = useState(Date.now());
    useEffect(() => {
        if (!running) return undefined;
        setNow(Date.now());
        const timer = setInterval(() => setNow(Date.now()), everyMs);
        return () => clearInterval(timer);
    }, [everyMs, running]);
    return now;
}

/** While the past is shown the stream rests. */
export function PausedBadge() {
    return (
        <span className="badge link-paused">
            <span className="dot" aria-hidden="true" />
            Paused
        </span>
    );
}

export function LinkBadge({ link, version }: { link: LinkState; version: number | undefined }) {
    const broken = link.state === "reconnecting";
    const now = useNow(1_000, broken);
    const staleS = Math.max(0, Math.round((now - link.sinceMs) / 1_000));
    const words =
        link.state === "live"
            ? "Live"
            : broken
              ? `Reconnecting… attempt ${link.attempt} · stale for ${staleS} s`
              : "Connecting…";
    return (
        <span className={`badge link-${link.state}`} title={version === undefined ? "" : `Version ${version}`}>
            <span className="dot" aria-hidden="true" />
            <span aria-hidden={broken || undefined}>{words}</span>
            <span className="visually-hidden" role="status">
                {broken ? "Connection lost, the matrix may be stale. Reconnecting." : ""}
            </span>
        </span>
    );
}

function Totals({ matrix }: { matrix: Matrix }) {
    const unplaced = matrix.totals.unplaced_cents ?? 0;
    return (
        <div className="totals">
            <span className="totals-word">Total {matrix.basis}</span>
            <strong>{formatCents(matrix.totals.total_cents)}</strong>
            {unplaced !== 0 && (
                <span className="unplaced" title="Amounts without a flight; in no week and in no total">
                    · {formatCents(unplaced)} unplaced
                </span>
            )}
        </div>
    );
}

interface Props {
    matrix: Matrix;
    view: MatrixView;
    detail: Detail;
    change: (part: { basis?: Basis; weekMode?: WeekMode; detail?: Detail }) => void;
    children?: ReactNode;
}

export function Toolbar({ matrix, view, detail, change, children }: Props) {
    return (
        <div className="toolbar" role="toolbar" aria-label="Matrix view">
            <Choice label="Weeks shown" options={MODES} value={view.weekMode} change={(weekMode) => change({ weekMode })} />
            <Choice label="Amounts" options={BASES} value={view.basis} change={(basis) => change({ basis })} />
            <label className="inline">
                <span className="visually-hidden">Detail</span>
                <select value={detail} onChange={(event) => change({ detail: detailOf(event.target.value) })}>
                    {DETAILS.map(([option, word]) => (
                        <option key={option} value={option}>
                            {word}
                        </option>
                    ))}
                </select>
            </label>
            {children}
            <Totals matrix={matrix} />
        </div>
    );
}
