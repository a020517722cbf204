/* lines.tsx - the buy lines of a cell; choosing one shows its page, checking several makes them one buy. */
import { useMemo, type KeyboardEvent } from "react";
import type { BuyLine, Document } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";
import { Link } from "../shell/link.tsx";
import { orderPath } from "../shell/route.ts";
import { useCombine } from "../review/combine.tsx";
import { CheckRow } from "../ui/check.tsx";
import { useSelection, type Selection } from "../ui/selection.ts";
import type { Chosen } from "./places.ts";

function orderText(line: BuyLine): string {
    const order = line.order_no ? `Order ${line.order_no}` : "No order number";
    const revision = line.revision && line.revision !== "0" ? `rev ${line.revision}` : "";
    return [order, revision].filter(Boolean).join(" ");
}

function LineFacts({ line }: { line: BuyLine }) {
    const where = [line.station, line.market, line.medium].filter((part) => part !== null && part !== undefined);
    const spots = line.spots === null || line.spots === undefined ? "" : `${line.spots} spots`;
    const facts = [where.join(" · "), dayRange(line.flight_from, line.flight_to), spots, line.stage, line.source];
    return <span className="line-facts">{facts.filter(Boolean).join(" · ")}</span>;
}

function Amount({ line }: { line: BuyLine }) {
    return (
        <span className="line-amounts">
            <strong>{formatCents(line.gross_cents)}</strong>
            <span className="faint">net {formatCents(line.net_cents)}</span>
        </span>
    );
}

interface LineProps {
    line: BuyLine;
    campaign: string;
    isChosen: boolean;
    choose: () => void;
    /** null: nothing here can be combined. */
    selection: Selection | null;
}

function Line({ line, campaign, isChosen, choose, selection }: LineProps) {
    const standing = line.standing ?? "unknown";
    const filled = line.filled ?? [];
    return (
        <li className="line-item">
            {selection && (
                <span className="line-check">
                    {isPart(line) && (
                        <CheckRow selection={selection} id={line.id} label={`Select ${orderText(line)} to combine`} />
                    )}
                </span>
            )}
            <button type="button" className="line" aria-pressed={isChosen} onClick={choose}>
                <span className="line-head">
                    <span className={`standing standing-${standing}`}>{standing}</span>
                    <span className="line-order">{orderText(line)}</span>
                    {line.estimate && <span className="standing">estimate</span>}
                    {line.adjustment_of && <span className="standing">edit</span>}
                </span>
                <Amount line={line} />
                <LineFacts line={line} />
                {line.standing_why && <span className="line-why">{line.standing_why}</span>}
                {line.reason && <span className="line-why">“{line.reason}”</span>}
                {filled.length > 0 && <span className="line-why">filled from copies: {filled.join(", ")}</span>}
            </button>
            {line.order_no && (
                <Link
                    className="line-film"
                    href={orderPath(campaign, line.id)}
                    title="Every version of this order"
                    aria-label={`History of ${orderText(line)}`}
                >
                    History
                </Link>
            )}
        </li>
    );
}

/* Edits are differences, no buys; what does not count has its place already. */
function isPart(line: BuyLine): boolean {
    return line.standing === "winner" && !line.adjustment_of && !line.estimate;
}

/* Up and down walk the list, as in any list of choices. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const buttons = Array.from(event.currentTarget.querySelectorAll<HTMLElement>("button.line"));
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = buttons[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
}

interface LinesProps {
    lines: BuyLine[];
    campaign: string;
    chosen: Chosen | null;
    choose: (chosen: Chosen) => void;
    /** False where the past is shown. */
    canCombine: boolean;
}

export function Lines({ lines, campaign, chosen, choose, canCombine }: LinesProps) {
    const parts = useMemo(() => lines.filter(isPart).map((line) => line.id), [lines]);
    const selection = useSelection(parts);
    const { combine, bar } = useCombine(campaign);
    const count = selection.ids.length;
    if (lines.length === 0) return bar;
    return (
        <section className="lines" aria-label="Lines">
            <div className="lines-head">
                <h3>{lines.length === 1 ? "1 line" : `${lines.length} lines`}</h3>
                {count > 0 && (
                    <button
                        type="button"
                        disabled={count < 2 || combine.isPending}
                        title="Parts of one buy become one line with their sum"
                        onClick={() => combine.mutate(selection.ids, { onSuccess: selection.clear })}
                    >
                        {combine.isPending ? "Combining…" : `Combine ${count} lines`}
                    </button>
                )}
            </div>
            {bar}
            <ul onKeyDown={walk}>
                {lines.map((line) => (
                    <Line
                        key={line.id}
                        line={line}
                        campaign={campaign}
                        isChosen={chosen?.kind === "line" && chosen.id === line.id}
                        choose={() => choose({ kind: "line", id: line.id })}
                        selection={canCombine && parts.length > 1 ? selection : null}
                    />
                ))}
            </ul>
        </section>
    );
}

interface DocumentsProps {
    documents: Document[];
    chosen: Chosen | null;
    choose: (chosen: Chosen) => void;
}

export function OtherDocuments({ documents, chosen, choose }: DocumentsProps) {
    if (documents.length === 0) return null;
    return (
        <section className="other-documents" aria-label="Further documents">
            <h3>Further documents</h3>
            {documents.map((document) => (
                <button
                    key={document.id}
                    type="button"
                    aria-pressed={chosen?.kind === "document" && chosen.id === document.id}
                    onClick={() => choose({ kind: "document", id: document.id })}
                >
                    {[document.doc_type, document.order_no, document.filename ?? document.id].filter(Boolean).join(" · ")}
                </button>
            ))}
        </section>
    );
}
