/* tray.tsx - the list of files being taken in, in the corner of the screen. */
import { useState, type FormEvent } from "react";
import { SourceField } from "../sheets/sources.tsx";
import { countOf, isFinal, type Item } from "./queue.ts";

const WORDS: Record<Item["stage"], string> = {
    asking: "whose is it?",
    waiting: "waiting",
    sending: "sending",
    reading: "being read",
    parsed: "read",
    unreadable: "unreadable",
    ignored: "ignored",
    failed: "failed",
};

function counted(count: number, one: string, many: string): string {
    return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}

function resultText(item: Item): string {
    if (item.why) return item.why;
    const { input } = item;
    if (!input || !isFinal(item.stage)) return "";
    const parts = [
        counted(countOf(input.documents), "document", "documents"),
        counted(countOf(input.lines), "line", "lines"),
        counted(countOf(input.exceptions), "exception", "exceptions"),
        input.reason ? input.reason.replaceAll("_", " ") : "",
    ];
    return parts.filter(Boolean).join(" · ");
}

function TrayItem({ item }: { item: Item }) {
    return (
        <li className={`tray-item stage-${item.stage}`}>
            <span className="tray-name" title={item.name}>
                {item.name}
            </span>
            <span className="tray-stage">{WORDS[item.stage]}</span>
            {item.stage === "sending" && (
                <progress max={1} value={item.sent} aria-label={`Sending ${item.name}`} />
            )}
            <span className="tray-result">{resultText(item)}</span>
        </li>
    );
}

const LAST_SOURCE = "trailmix.sheet_source";

interface AskProps {
    count: number;
    answer: (source: string) => void;
    refuse: () => void;
}

/* A sheet does not say who sent it; whoever drops it does. */
function AskSource({ count, answer, refuse }: AskProps) {
    const [source, setSource] = useState(() => sessionStorage.getItem(LAST_SOURCE) ?? "");
    const submit = (event: FormEvent) => {
        event.preventDefault();
        const name = source.trim();
        if (name === "") return;
        sessionStorage.setItem(LAST_SOURCE, name);
        answer(name);
    };
    return (
        <form className="tray-ask" onSubmit={submit} aria-label="Source of the sheets">
            <SourceField
                label={count === 1 ? "Source of the sheet" : `Source of ${count} sheets`}
                value={source}
                change={setSource}
            />
            <button type="submit" className="primary" disabled={source.trim() === ""}>
                Read
            </button>
            <button type="button" onClick={refuse}>
                Leave out
            </button>
        </form>
    );
}

interface TrayProps {
    items: readonly Item[];
    clear: () => void;
    answer: (source: string) => void;
    refuse: () => void;
}

export function Tray({ items, clear, answer, refuse }: TrayProps) {
    const asked = items.filter((item) => item.stage === "asking").length;
    const [open, setOpen] = useState(true);
    const done = items.filter((item) => isFinal(item.stage)).length;
    return (
        <section className="tray" aria-label="Filings">
            <div className="tray-head">
                <button type="button" className="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
                    Filings <span role="status">{`${done} of ${items.length} done`}</span>
                </button>
                <button type="button" className="quiet" onClick={clear} disabled={done === 0}>
                    Clear finished
                </button>
            </div>
            {asked > 0 && <AskSource count={asked} answer={answer} refuse={refuse} />}
            {open && (
                <ul>
                    {items.map((item) => (
                        <TrayItem key={item.id} item={item} />
                    ))}
                </ul>
            )}
        </section>
    );
}
