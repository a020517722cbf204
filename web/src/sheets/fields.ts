/* fields.ts - what a column of a sheet may hold, and which field a heading sounds like. Pure. */

export const FIELDS: readonly [string, string][] = [
    ["advertiser", "who pays"],
    ["agency", "the buyer"],
    ["station", "call sign, or cable operator and system"],
    ["market", "name or DMA code"],
    ["medium", "medium"],
    ["product", "product"],
    ["flight_from", "first air day"],
    ["flight_to", "last air day"],
    ["flight", "first and last air day in one cell"],
    ["week", "first day of a week of air days"],
    ["hiatus", "ranges of days without spots"],
    ["gross_cents", "gross dollars"],
    ["net_cents", "net dollars"],
    ["amount", "dollars whose basis stands elsewhere"],
    ["amount_basis", "gross, net or unknown"],
    ["commission_bp", "commission in per cent"],
    ["low_cents", "lowest possible gross dollars"],
    ["high_cents", "highest possible gross dollars"],
    ["spots", "spots"],
    ["grp_x10", "rating points"],
    ["length_s", "length of the spots"],
    ["daypart", "part of the day"],
    ["stage", "proposed, ordered, confirmed, invoiced or cancelled"],
    ["layer", "airtime or disbursement"],
    ["estimate", "yes: counts only in projected"],
    ["order_no", "order or contract number"],
    ["alt_order_no", "the same order in another system"],
    ["revision", "version of the order"],
    ["revision_date", "day of the revision"],
    ["external_id", "its name in the source’s own list"],
];

/* Headings that mean a field, folded; the field's own name always does. */
const SYNONYMS: Record<string, string> = {
    "call sign": "station",
    "call letters": "station",
    sponsor: "advertiser",
    client: "advertiser",
    dma: "market",
    media: "medium",
    "media type": "medium",
    start: "flight_from",
    "start date": "flight_from",
    "flight start": "flight_from",
    end: "flight_to",
    "end date": "flight_to",
    "flight end": "flight_to",
    dates: "flight",
    "flight dates": "flight",
    "week of": "week",
    gross: "gross_cents",
    "gross amount": "gross_cents",
    net: "net_cents",
    "net amount": "net_cents",
    spend: "amount",
    dollars: "amount",
    total: "amount",
    commission: "commission_bp",
    grp: "grp_x10",
    grps: "grp_x10",
    length: "length_s",
    order: "order_no",
    "order number": "order_no",
    contract: "order_no",
    "contract number": "order_no",
    rev: "revision",
    id: "external_id",
};

function folded(text: string): string {
    return text.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
}

/** The field a heading sounds like; "" if none. */
export function fieldFor(heading: string): string {
    const plain = folded(heading);
    const own = FIELDS.find(([field]) => folded(field) === plain || folded(field.replace(/_(cents|bp|s|x10)$/, "")) === plain);
    return own?.[0] ?? SYNONYMS[plain] ?? "";
}

const COLUMNS_MAX = 60;

/** The headings of a CSV file: its first line that is not empty, quotes taken off. A byte order mark is skipped. */
export function headingsOf(text: string): string[] {
    const cells: string[] = [];
    let cell = "";
    let isQuoted = false;
    for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < text.length; at++) {
        const letter = text.charAt(at);
        if (letter === '"') {
            if (isQuoted && text.charAt(at + 1) === '"') cell += text.charAt(++at);
            else isQuoted = !isQuoted;
        } else if (!isQuoted && (letter === "," || letter === ";" || letter === "\t")) {
            cells.push(cell.trim());
            cell = "";
        } else if (!isQuoted && (letter === "\n" || letter === "\r")) {
            if (cells.length > 0 || cell.trim() !== "") break;
            cell = "";
        } else {
            cell += letter;
        }
    }
    cells.push(cell.trim());
    return cells.filter((each) => each !== "").slice(0, COLUMNS_MAX);
}

export interface ColumnDraft {
    field: string;
    header: string;
}

/** Faults of a mapping that the server need not be asked about. */
export function mappingFaults(source: string, columns: readonly ColumnDraft[]): string[] {
    const faults: string[] = [];
    if (source.trim() === "") faults.push("Whose sheets are they? Choose a source.");
    const used = columns.filter((each) => each.field !== "" || each.header.trim() !== "");
    if (used.length === 0) faults.push("A mapping needs a column.");
    const half = used.filter((each) => each.field === "" || each.header.trim() === "");
    if (half.length > 0) faults.push("Each column needs a heading and what it holds.");
    const fields = used.map((each) => each.field).filter((field) => field !== "");
    const twice = fields.filter((field, index) => fields.indexOf(field) !== index);
    if (twice.length > 0) faults.push(`Two columns hold the same: ${[...new Set(twice)].join(", ")}.`);
    return faults;
}
