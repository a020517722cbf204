/* paper.mjs - writes a small PDF: lines of text at known places.
 *
 * Why:  a test that checks where a box is drawn must know where the words are; no station's paper is copied.
 * How:  PDF 1.4 with Helvetica named but not embedded, so that the reader on the screen must fetch that font itself. */

export const PAGE_WIDTH_PT = 612;
export const PAGE_HEIGHT_PT = 792;

function escaped(text) {
    return text.replace(/[\\()]/g, "\\$&");
}

/** One text `[x, y, size, words]`; y counts down from the upper edge to the base line. */
function pageStream(texts) {
    const parts = texts.map(([x, y, size, words]) => {
        return `BT /F1 ${size} Tf 1 0 0 1 ${x} ${PAGE_HEIGHT_PT - y} Tm (${escaped(words)}) Tj ET`;
    });
    return parts.join("\n");
}

/** The bytes of a PDF; `pages` is a list of lists of texts. */
export function makePdf(pages) {
    const kids = pages.map((_, index) => `${4 + 2 * index} 0 R`);
    const objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        `<< /Type /Pages /Count ${pages.length} /Kids [${kids.join(" ")}] >>`,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ];
    pages.forEach((texts, index) => {
        const stream = pageStream(texts);
        objects.push(
            `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_WIDTH_PT} ${PAGE_HEIGHT_PT}] ` +
                `/Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
            `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
        );
    });
    let text = "%PDF-1.4\n";
    const offsets = objects.map((body, index) => {
        const at = text.length;
        text += `${index + 1} 0 obj\n${body}\nendobj\n`;
        return at;
    });
    const xref = text.length;
    text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`;
    for (const offset of offsets) text += `${String(offset).padStart(10, "0")} 00000 n \n`;
    text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${xref}\n%%EOF\n`;
    return Buffer.from(text, "latin1");
}

/** Where the order below prints its gross amount, in points from the upper left corner of page 2. */
export const AMOUNT_AT = { page: 2, x: 420, y: 172, size: 10 };

/** A two-page order of our own making: terms first, the numbers on the second page. */
export function makeOrder(values = {}) {
    const { order = "3871301", revision = "2", gross = "$21,000.00", advertiser = "Ours for Senate" } = values;
    const terms = [
        [60, 60, 16, "POLITICAL CONTRACT"],
        [60, 90, 10, "Terms and conditions of this political candidate advertising order are printed overleaf."],
        [60, 106, 10, "The station does not discriminate."],
    ];
    const numbers = [
        [60, 60, 16, "CONTRACT"],
        [60, 90, 10, "Contract / Revision:"],
        [170, 90, 10, `${order} / ${revision}`],
        [340, 90, 10, "Station:"],
        [420, 90, 10, "WAAA-TV"],
        [60, 106, 10, "Advertiser:"],
        [170, 106, 10, advertiser],
        [340, 106, 10, "Market:"],
        [420, 106, 10, "Sampletown"],
        [60, 122, 10, "Product:"],
        [170, 122, 10, "US Senate"],
        [340, 122, 10, "Agency:"],
        [420, 122, 10, "Example Media"],
        [60, 138, 10, "Flight Dates:"],
        [170, 138, 10, "10/13/26 - 10/26/26"],
        [60, 172, 10, "Total Spots:"],
        [170, 172, 10, "42"],
        [340, AMOUNT_AT.y, 10, "Gross Amount:"],
        [AMOUNT_AT.x, AMOUNT_AT.y, AMOUNT_AT.size, gross],
    ];
    return makePdf([terms, numbers]);
}
