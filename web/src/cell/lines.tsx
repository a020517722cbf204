/* lines.tsx - the buy lines of a cell; choosing one shows its page. */
import type { KeyboardEvent } from "react";
import type { BuyLine, Document } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { dayRange } from "../matrix/weeks.ts";
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
    isChosen: boolean;
    choose: () => void;
}

function Line({ line, isChosen, choose }: LineProps) {
    const standing = line.standing ?? "unknown";
    return (
        <li>
            <button type="button" className="line" aria-pressed={isChosen} onClick={choose}>
                <span className="line-head">
                    <span className={`standing standing-${standing}`}>{standing}</span>
                    <span className="line-order">{orderText(line)}</span>
                    {line.estimate && <span className="standing">estimate</span>}
                </span>
                <Amount line={line} />
                <LineFacts line={line} />
                {line.standing_why && <span className="line-why">{line.standing_why}</span>}
            </button>
        </li>
    );
}

/* Up and down walk the list, as in any list of choices. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step === 0) return;
    const buttons = Array.from(event.currentTarget.querySelectorAll("button"));
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = buttons[at + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
}

interface LinesProps {
    lines: BuyLine[];
    chosen: Chosen | null;
    choose: (chosen: Chosen) => void;
}

export function Lines({ lines, chosen, choose }: LinesProps) {
    if (lines.length === 0) return null;
    return (
        <section className="lines" aria-label="Lines">
            <h3>{lines.length === 1 ? "1 line" : `${lines.length} lines`}</h3>
            <ul onKeyDown={walk}>
                {lines.map((line) => (
                    <Line
                        key={line.id}
                        line={line}
                        isChosen={chosen?.kind === "line" && chosen.id === line.id}
                        choose={() => choose({ kind: "line", id: line.id })}
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
