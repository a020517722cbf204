/* pdf.ts - opens PDF bytes with pdf.js, fonts and all, without eval.
 *
 * Why:  documents come from strangers; the page's policy forbids eval and foreign code, so must the reader.
 * How:  the library is loaded when a document is first shown; each open document has a worker of its own, which
 *       ends with it, so a document that hangs its worker harms no other. */
import type { PDFDocumentProxy } from "pdfjs-dist";

export interface OpenPdf {
    pages: PDFDocumentProxy;
    close: () => void;
}

const HEAD_BYTES = 1024;

/** Whether the bytes claim to be a PDF; readers allow some rubbish before the mark. */
export function isPdf(bytes: ArrayBuffer): boolean {
    const head = new Uint8Array(bytes, 0, Math.min(HEAD_BYTES, bytes.byteLength));
    return new TextDecoder("latin1").decode(head).includes("%PDF-");
}

/** The text of the bytes if they are short and valid UTF-8 without control characters, else null. */
export function plainText(bytes: ArrayBuffer): string | null {
    if (bytes.byteLength > 262_144) return null;
    try {
        const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
        return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
    } catch {
        return null;
    }
}

/** Takes a copy of `bytes`, because the worker keeps what it is given. */
export async function openPdf(bytes: ArrayBuffer): Promise<OpenPdf> {
    const [pdfjs, { default: PdfWorker }] = await Promise.all([
        import("pdfjs-dist"),
        import("pdfjs-dist/build/pdf.worker.min.mjs?worker"),
    ]);
    const port = new PdfWorker();
    /* The library's type for `port` says only null, its documentation says Worker. */
    const worker = new pdfjs.PDFWorker({ port: port as unknown as null });
    const task = pdfjs.getDocument({
        data: bytes.slice(0),
        worker,
        isEvalSupported: false,
        enableXfa: false,
        standardFontDataUrl: new URL(PDF_FONTS_URL, location.origin).href,
        verbosity: pdfjs.VerbosityLevel.ERRORS,
    });
    const close = () => {
        void task.destroy().catch(() => undefined);
        worker.destroy();
        port.terminate();
    };
    try {
        return { pages: await task.promise, close };
    } catch (error) {
        close();
        throw error;
    }
}
