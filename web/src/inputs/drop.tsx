/* drop.tsx - takes filings and sheets dropped anywhere on the screen, or chosen with a button. */
import { useEffect, useRef, useState, useSyncExternalStore, type DragEvent, type ReactNode } from "react";
import { InputQueue } from "./queue.ts";
import { Tray } from "./tray.tsx";

interface Props {
    campaign: string;
    children: (addButton: ReactNode) => ReactNode;
}

function hasFiles(event: DragEvent): boolean {
    return event.dataTransfer.types.includes("Files");
}

/* Entering a child fires before leaving its parent, so depth is counted. */
function useDropTarget(take: (files: File[]) => void) {
    const [depth, setDepth] = useState(0);
    const target = {
        onDragEnter: (event: DragEvent) => {
            if (!hasFiles(event)) return;
            event.preventDefault();
            setDepth((before) => before + 1);
        },
        onDragOver: (event: DragEvent) => {
            if (hasFiles(event)) event.preventDefault();
        },
        onDragLeave: (event: DragEvent) => {
            if (hasFiles(event)) setDepth((before) => Math.max(0, before - 1));
        },
        onDrop: (event: DragEvent) => {
            if (!hasFiles(event)) return;
            event.preventDefault();
            setDepth(0);
            take(Array.from(event.dataTransfer.files));
        },
    };
    return { target, isOver: depth > 0 };
}

function AddButton({ take }: { take: (files: File[]) => void }) {
    const input = useRef<HTMLInputElement>(null);
    return (
        <>
            <button type="button" onClick={() => input.current?.click()}>
                Add filings
            </button>
            <input
                ref={input}
                type="file"
                accept="application/pdf,.pdf,.csv,.xlsx"
                multiple
                hidden
                aria-label="Choose filings"
                onChange={(event) => {
                    take(Array.from(event.target.files ?? []));
                    event.target.value = "";
                }}
            />
        </>
    );
}

export function InputDrop({ campaign, children }: Props) {
    const [queue] = useState(() => new InputQueue(campaign));
    const items = useSyncExternalStore(queue.subscribe, queue.list);
    const take = (files: File[]) => queue.add(files);
    const { target, isOver } = useDropTarget(take);
    const busy = items.some((item) => item.stage === "waiting" || item.stage === "sending");
    useEffect(() => {
        if (!busy) return undefined;
        const warn = (event: BeforeUnloadEvent) => event.preventDefault();
        addEventListener("beforeunload", warn);
        return () => removeEventListener("beforeunload", warn);
    }, [busy]);
    return (
        <div className="drop-target" {...target}>
            {children(<AddButton take={take} />)}
            {isOver && (
                <div className="drop-cover">
                    <p>Drop station filings (PDF) or sheets (CSV, XLSX) to read them into this campaign</p>
                </div>
            )}
            {items.length > 0 && (
                <Tray
                    items={items}
                    clear={() => queue.clearFinished()}
                    answer={(source) => queue.answer(source)}
                    refuse={() => queue.refuse()}
                />
            )}
        </div>
    );
}
