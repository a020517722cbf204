/* comparison.tsx - the lines of a group side by side, what differs marked, the one that counts chosen. */
import type { DedupeGroup, GroupLine } from "../api/shapes.ts";
import { Link } from "../shell/link.tsx";
import { orderPath } from "../shell/route.ts";
import { compare, linesOf, type FieldRow } from "./compare.ts";

interface HeadProps {
    group: DedupeGroup;
    line: GroupLine;
    index: number;
    winner: string | null;
    choose: (line: string) => void;
    isOut: boolean;
    /** null: too few lines to leave one out. */
    leaveOut: ((line: string) => void) | null;
}

function LineHead({ group, line, index, winner, choose, isOut, leaveOut }: HeadProps) {
    const role = group.members?.find((member) => member.buy_line_id === line.id)?.role ?? "candidate";
    return (
        <th scope="col" className={winner === line.id ? "compare-winner" : undefined}>
            <label>
                <input
                    type="radio"
                    name={`winner-${group.id}`}
                    checked={winner === line.id}
                    disabled={group.status !== "open" || isOut}
                    onChange={() => choose(line.id)}
                />
                <kbd>{index + 1}</kbd> Line {index + 1}
            </label>
            <span className={`standing standing-${line.standing ?? "unknown"}`}>
                {role === "candidate" ? (line.standing ?? role) : role}
            </span>
            {group.suggested_winner === line.id && <span className="standing">suggested</span>}
            {leaveOut && (
                <label className="compare-include" title={`Shift + ${index + 1}`}>
                    <input
                        type="checkbox"
                        aria-label={`Line ${index + 1} is part of the verdict`}
                        checked={!isOut}
                        onChange={() => leaveOut(line.id)}
                    />
                    in this verdict
                </label>
            )}
        </th>
    );
}

const SIGNS = { equal: "", differs: "≠", missing: "○" };
const WORDS = { equal: "", differs: "differs", missing: "not told by all" };

function CompareRow({ row }: { row: FieldRow }) {
    return (
        <tr className={`agree-${row.agreement}`}>
            <th scope="row">
                {row.label}{" "}
                {row.agreement !== "equal" && (
                    <span className="compare-sign" role="img" aria-label={WORDS[row.agreement]} title={WORDS[row.agreement]}>
                        {SIGNS[row.agreement]}
                    </span>
                )}
            </th>
            {row.values.map((value, index) => (
                <td key={index}>{value}</td>
            ))}
        </tr>
    );
}

interface Props {
    campaign: string;
    group: DedupeGroup;
    winner: string | null;
    choose: (line: string) => void;
    /** Lines that the verdict shall not be about. */
    out: ReadonlySet<string>;
    leaveOut: (line: string) => void;
}

export function Comparison({ campaign, group, winner, choose, out, leaveOut }: Props) {
    const lines = linesOf(group);
    const canLeaveOut = group.status === "open" && lines.length > 2;
    return (
        <div className="compare-scroll">
            <table className="compare" aria-label="Lines side by side">
                <thead>
                    <tr>
                        <td />
                        {lines.map((line, index) => (
                            <LineHead
                                key={line.id}
                                {...{ group, line, index, winner, choose }}
                                isOut={out.has(line.id)}
                                leaveOut={canLeaveOut ? leaveOut : null}
                            />
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {compare(group).map((row) => (
                        <CompareRow key={row.field} row={row} />
                    ))}
                    <tr>
                        <th scope="row">History</th>
                        {lines.map((line, index) => (
                            <td key={line.id}>
                                {line.order_no ? (
                                    <Link href={orderPath(campaign, line.id)}>
                                        Every version<span className="visually-hidden"> of line {index + 1}</span>
                                    </Link>
                                ) : (
                                    <span className="faint">no order number</span>
                                )}
                            </td>
                        ))}
                    </tr>
                </tbody>
            </table>
        </div>
    );
}
