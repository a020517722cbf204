/* pdf-pages.tsx - one page of an open PDF at a time, with navigation, zoom and the chosen line's box. */
import type { PDFPageProxy } from "pdfjs-dist";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { contentUrl } from "../api/client.ts";
import { PageCanvas } from "./page-canvas.tsx";
import type { OpenPdf } from "./pdf.ts";
import type { Place } from "./places.ts";

const ZOOMS = [1, 1.25, 1.5, 2, 3, 4];

function usePage(pdf: OpenPdf, number: number) {
    const [page, setPage] = useState<PDFPageProxy | null>(null);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
        let live = true;
        setFailed(false);
        pdf.pages
            .getPage(number)
            .then((found) => live && setPage(found))
            .catch(() => live && setFailed(true));
        return () => {
            live = false;
        };
    }, [pdf, number]);
    return { page, failed };
}

function clamp(page: number, count: number): number {
    return Math.min(Math.max(1, page), count);
}

/* The page follows the chosen line; between choices the reader turns pages freely. */
function usePageNumber(place: Place, count: number) {
    const [shown, setShown] = useState({ place, page: clamp(place.page, count) });
    if (shown.place !== place && (shown.place.page !== place.page || shown.place.marks !== place.marks)) {
        setShown({ place, page: clamp(place.page, count) });
    }
    const turn = (by: number) => setShown(({ page }) => ({ place, page: clamp(page + by, count) }));
    return { number: shown.page, turn };
}

interface BarProps {
    number: number;
    count: number;
    zoom: number;
    place: Place;
    inputId: string;
    turn: (by: number) => void;
    setZoom: (zoom: number) => void;
}

function Bar({ number, count, zoom, place, inputId, turn, setZoom }: BarProps) {
    const at = ZOOMS.indexOf(zoom);
    const smaller = ZOOMS[at - 1];
    const larger = ZOOMS[at + 1];
    return (
        <div className="pdf-bar" role="toolbar" aria-label="Document pages">
            <span className="pdf-name" title={place.filename ?? inputId}>
                {place.filename ?? inputId}
            </span>
            <button type="button" className="quiet" aria-label="Previous page" disabled={number <= 1} onClick={() => turn(-1)}>
                ‹
            </button>
            <span aria-live="polite">
                Page {number} of {count}
            </span>
            <button type="button" className="quiet" aria-label="Next page" disabled={number >= count} onClick={() => turn(1)}>
                ›
            </button>
            <button
                type="button"
                className="quiet"
                aria-label="Zoom out"
                disabled={smaller === undefined}
                onClick={() => smaller !== undefined && setZoom(smaller)}
            >
                −
            </button>
            <span>{Math.round(zoom * 100)} %</span>
            <button
                type="button"
                className="quiet"
                aria-label="Zoom in"
                disabled={larger === undefined}
                onClick={() => larger !== undefined && setZoom(larger)}
            >
                +
            </button>
            <a className="button quiet" href={contentUrl(inputId)} download>
                Download
            </a>
        </div>
    );
}

function useWidth() {
    const box = useRef<HTMLDivElement>(null);
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const element = box.current;
        if (!element) return undefined;
        const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)));
        observer.observe(element);
        return () => observer.disconnect();
    }, []);
    return { box, width };
}

export function PdfPages({ pdf, place, inputId }: { pdf: OpenPdf; place: Place; inputId: string }) {
    const count = pdf.pages.numPages;
    const { number, turn } = usePageNumber(place, count);
    const { page, failed } = usePage(pdf, number);
    const { box, width } = useWidth();
    const [zoom, setZoom] = useState(1);
    const onKey = (event: KeyboardEvent) => {
        if (event.key === "PageDown" && number < count) turn(1);
        else if (event.key === "PageUp" && number > 1) turn(-1);
        else return;
        event.preventDefault();
    };
    return (
        <div className="pdf" onKeyDown={onKey}>
            <Bar {...{ number, count, zoom, place, inputId, turn, setZoom }} />
            <div ref={box} className="pdf-scroll" tabIndex={0} role="group" aria-label="Page">
                {failed && <p className="inline-error">This page cannot be shown.</p>}
                {page && !failed && width > 0 && (
                    <PageCanvas page={page} width={width * zoom} marks={place.marks} />
                )}
            </div>
        </div>
    );
}
