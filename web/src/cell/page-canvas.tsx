/* page-canvas.tsx - a page drawn `width` CSS pixels wide, with the places of a line marked.
 *
 * How:  boxes are placed in per cent of the page, so they need no knowledge of scale or screen density. The
 *       last finished drawing stays until the next one is ready. */
import type { PDFPageProxy } from "pdfjs-dist";
import { useEffect, useRef, useState, type CSSProperties, type RefObject } from "react";
import type { Box, Mark } from "./places.ts";

const PIXELS_MAX = 16_000_000; /* beyond that browsers refuse canvases or run out of memory */
const MARGIN_PT = 3;

interface Props {
    page: PDFPageProxy;
    width: number;
    marks: Mark[];
}

function boxStyle(box: Box, width: number, height: number): CSSProperties {
    const [x0, y0, x1, y1] = box;
    const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;
    return {
        left: percent(x0 - MARGIN_PT, width),
        top: percent(y0 - MARGIN_PT, height),
        width: percent(x1 - x0 + 2 * MARGIN_PT, width),
        height: percent(y1 - y0 + 2 * MARGIN_PT, height),
    };
}

function useDrawing(page: PDFPageProxy, width: number) {
    const canvas = useRef<HTMLCanvasElement>(null);
    const [drawn, setDrawn] = useState<PDFPageProxy | null>(null);
    useEffect(() => {
        const target = canvas.current;
        if (!target) return undefined;
        const natural = page.getViewport({ scale: 1 });
        const wanted = (width / natural.width) * window.devicePixelRatio;
        const scale = Math.min(wanted, Math.sqrt(PIXELS_MAX / (natural.width * natural.height)));
        const viewport = page.getViewport({ scale });
        const sheet = document.createElement("canvas");
        sheet.width = Math.floor(viewport.width);
        sheet.height = Math.floor(viewport.height);
        const canvasContext = sheet.getContext("2d");
        if (!canvasContext) return undefined;
        const task = page.render({ canvasContext, viewport });
        task.promise
            .then(() => {
                target.width = sheet.width;
                target.height = sheet.height;
                target.getContext("2d")?.drawImage(sheet, 0, 0);
                setDrawn(page);
            })
            .catch(() => undefined); /* cancelled by a newer drawing */
        return () => task.cancel();
    }, [page, width]);
    return { canvas, isDrawn: drawn === page };
}

/* Not scrollIntoView: that would also move the panel and the page around it. */
function centre(mark: HTMLElement, scroller: Element): void {
    const at = mark.getBoundingClientRect();
    const frame = scroller.getBoundingClientRect();
    scroller.scrollTop += at.top + at.height / 2 - (frame.top + frame.height / 2);
    scroller.scrollLeft += at.left + at.width / 2 - (frame.left + frame.width / 2);
}

interface MarkProps {
    mark: Mark;
    width: number;
    height: number;
    main: RefObject<HTMLDivElement | null>;
}

function MarkBox({ mark, width, height, main }: MarkProps) {
    const field = mark.field.replace(/_cents$/, "").replaceAll("_", " ");
    return (
        <div
            ref={mark.isMain ? main : null}
            className={mark.isMain ? "pdf-box" : "pdf-box light"}
            data-testid={mark.isMain ? "pdf-box" : undefined}
            role="img"
            title={field || undefined}
            aria-label={mark.isMain ? "The place this line's amount was read from" : `Place of ${field}`}
            style={boxStyle(mark.box, width, height)}
        />
    );
}

export function PageCanvas({ page, width, marks }: Props) {
    const { canvas, isDrawn } = useDrawing(page, width);
    const main = useRef<HTMLDivElement>(null);
    const size = page.getViewport({ scale: 1 });
    const height = (width * size.height) / size.width;
    useEffect(() => {
        const scroller = main.current?.closest(".pdf-scroll");
        if (main.current && scroller) centre(main.current, scroller);
    }, [marks, page, width]);
    const shown = marks.filter((mark) => mark.page === page.pageNumber);
    return (
        <div className="pdf-page" style={{ width, height }} aria-busy={!isDrawn}>
            <canvas ref={canvas} role="img" aria-label={`Page ${page.pageNumber} of the document`} />
            {shown.map((mark, index) => (
                <MarkBox key={index} mark={mark} width={size.width} height={size.height} main={main} />
            ))}
        </div>
    );
}
