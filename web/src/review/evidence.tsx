/* evidence.tsx - why two lines may be one buy: points by rule, in words, and what forbids it. */
import type { DedupeGroup, DedupeReason } from "../api/shapes.ts";
import { scoreText } from "./compare.ts";

/** The most points each rule gives (domain 4.5). */
const POINTS_MAX: Record<string, number> = { station: 3_500, advertiser: 3_000, flight: 1_500, amount: 2_000 };

function Reason({ reason }: { reason: DedupeReason }) {
    const points = reason.points_x100 ?? 0;
    const most = POINTS_MAX[reason.rule] ?? 0;
    const name = reason.rule.replaceAll("_", " ");
    return (
        <li className="reason">
            <span className="reason-rule">{name}</span>
            <span className={points < 0 ? "reason-points credit" : "reason-points"}>
                {reason.points_x100 === null ? "" : scoreText(points)}
            </span>
            {most > 0 ? (
                <meter
                    min={0}
                    max={most}
                    value={Math.max(0, points)}
                    aria-label={`${name}: ${scoreText(points)} of ${scoreText(most)} points`}
                />
            ) : (
                <span />
            )}
            <span className="reason-text">{reason.text}</span>
        </li>
    );
}

export function Evidence({ group }: { group: DedupeGroup }) {
    const vetoes = group.vetoes ?? [];
    const reasons = group.reasons ?? [];
    return (
        <section className="evidence" aria-label="Evidence">
            <h3>Evidence</h3>
            <ul>
                {reasons.map((reason, index) => (
                    <Reason key={index} reason={reason} />
                ))}
            </ul>
            {vetoes.map((veto, index) => (
                <p key={index} className="veto">
                    <strong>Veto</strong> {veto}
                </p>
            ))}
        </section>
    );
}
