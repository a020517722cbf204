/* document-view.tsx - the input behind a line: its page with the line's box, or what else can be said of it. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { contentUrl, readContent } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import { Loading } from "../ui/notice.tsx";
import { PdfPages } from "./pdf-pages.tsx";
import { isPdf, openPdf, plainText, type OpenPdf } from "./pdf.ts";
import type { Place } from "./places.ts";

function Download({ inputId }: { inputId: string }) {
    return (
        <a href={contentUrl(inputId)} download>
            Download the file
        </a>
    );
}

function Unshowable({ inputId, why, retry }: { inputId: string; why: string; retry?: () => void }) {
    return (
        <div className="state" role="alert">
            <p>{why}</p>
            <p>
                <Download inputId={inputId} />
            </p>
            {retry && (
                <button type="button" onClick={retry}>
                    Try again
                </button>
            )}
        </div>
    );
}

type Opened = { pdf: OpenPdf } | { failure: string } | null;

function failureText(error: unknown): string {
    const name = error instanceof Error ? error.name : "";
    if (name === "PasswordException") return "This PDF is encrypted and cannot be shown here.";
    if (name === "InvalidPDFException") return "This PDF is damaged and cannot be shown here.";
    return "This PDF cannot be shown here.";
}

function useOpened(bytes: ArrayBuffer): Opened {
    const [opened, setOpened] = useState<Opened>(null);
    useEffect(() => {
        let live = true;
        let pdf: OpenPdf | null = null;
        setOpened(null);
        openPdf(bytes)
            .then((result) => {
                if (!live) return result.close();
                pdf = result;
                setOpened({ pdf });
            })
            .catch((error: unknown) => {
                if (live) setOpened({ failure: failureText(error) });
            });
        return () => {
            live = false;
            pdf?.close();
        };
    }, [bytes]);
    return opened;
}

function PdfView({ bytes, place, inputId }: { bytes: ArrayBuffer; place: Place; inputId: string }) {
    const opened = useOpened(bytes);
    if (opened === null) return <Loading what="the document" />;
    if ("failure" in opened) return <Unshowable inputId={inputId} why={opened.failure} />;
    return <PdfPages pdf={opened.pdf} place={place} inputId={inputId} />;
}

/* A sheet as text, the row of the line marked and in sight. */
function PlainText({ text, row }: { text: string; row: number | null }) {
    const mark = useRef<HTMLElement>(null);
    useEffect(() => mark.current?.scrollIntoView({ block: "center" }), []);
    const rows = useMemo(() => text.split("\n"), [text]);
    if (row === null || row > rows.length) return <pre className="plain-content">{text}</pre>;
    return (
        <pre className="plain-content">
            {rows.slice(0, row - 1).map((each) => `${each}\n`)}
            <mark ref={mark}>{rows[row - 1]}</mark>
            {"\n"}
            {rows.slice(row).join("\n")}
        </pre>
    );
}

function Content({ inputId, place }: { inputId: string; place: Place }) {
    const { data, error, refetch } = useQuery({
        queryKey: ["content", inputId],
        queryFn: ({ signal }) => readContent(inputId, signal),
        staleTime: Infinity,
        gcTime: 60_000,
        structuralSharing: false,
    });
    const text = useMemo(() => (data && !isPdf(data) ? plainText(data) : null), [data]);
    if (error) {
        const why = problemText(asProblem(error));
        return <Unshowable inputId={inputId} why={why} retry={() => void refetch()} />;
    }
    if (!data) return <Loading what="the document" />;
    if (isPdf(data)) return <PdfView bytes={data} place={place} inputId={inputId} />;
    if (text !== null) return <PlainText key={place.row} text={text} row={place.row} />;
    const where = place.row === null ? "" : ` The line stands in row ${place.row}.`;
    return <Unshowable inputId={inputId} why={`This file is no PDF and cannot be shown here.${where}`} />;
}

export function DocumentView({ place }: { place: Place }) {
    if (place.inputId === null) {
        return (
            <div className="state">
                <p>No document: this line was entered by hand or came from a list.</p>
            </div>
        );
    }
    return (
        <section className="document" aria-label="Document">
            <Content inputId={place.inputId} place={place} />
        </section>
    );
}
