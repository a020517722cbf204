/* papers.tsx - the documents behind the lines of a group, side by side, each at the place it was read from. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { readBuyLine } from "../api/client.ts";
import type { GroupLine } from "../api/shapes.ts";
import { DocumentView } from "../cell/document-view.tsx";
import { placeOf } from "../cell/places.ts";
import { Failed, Loading } from "../ui/notice.tsx";

/* More pages at once than this would make the browser slow before anybody looks at them. */
const OPEN_MAX = 3;

/** The document of a line with the line's places marked. */
export function LinePaper({ line }: { line: string }) {
    const { data, error, refetch } = useQuery({
        queryKey: ["line", line],
        queryFn: ({ signal }) => readBuyLine(line, signal),
        staleTime: 60_000,
    });
    const place = useMemo(() => data && placeOf({ kind: "line", id: data.id }, [data], []), [data]);
    if (error) return <Failed error={error} retry={() => void refetch()} />;
    if (!place) return <Loading what="the line" />;
    return <DocumentView key={place.inputId ?? "none"} place={place} />;
}

function Paper({ line, index, isOpen }: { line: GroupLine; index: number; isOpen: boolean }) {
    const [wanted, setWanted] = useState(isOpen);
    return (
        <section className={line.input_id ? "paper" : "paper empty"} aria-label={`Document of line ${index + 1}`}>
            <h3>
                Line {index + 1} · {[line.source, line.order_no].filter(Boolean).join(" · ")}
            </h3>
            {wanted ? (
                <LinePaper line={line.id} />
            ) : (
                <button type="button" onClick={() => setWanted(true)}>
                    Show the document
                </button>
            )}
        </section>
    );
}

export function Papers({ lines }: { lines: GroupLine[] }) {
    return (
        <div className="papers">
            {lines.map((line, index) => (
                <Paper key={line.id} line={line} index={index} isOpen={index < OPEN_MAX} />
            ))}
        </div>
    );
}
