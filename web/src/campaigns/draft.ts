/* draft.ts - the create form's state, the body it stands for, and where each fault is shown.
 *
 * Why:  people type lists; the server wants arrays and answers with paths into those arrays.
 * How:  empty advertiser rows are not sent, so `rows` remembers which form row each sent one was. Pure. */
import type { FieldError } from "../api/shapes.ts";

export interface AdvertiserDraft {
    name: string;
    side: string;
    aliases: string;
}

export interface CampaignDraft {
    name: string;
    electionDate: string;
    weekBasis: string;
    tz: string;
    markets: string;
    keywords: string;
    advertisers: AdvertiserDraft[];
}

export interface CampaignBody {
    name: string;
    election_date?: string;
    week_basis: string;
    tz: string;
    markets: number[];
    keywords: string[];
    advertisers: { name: string; side: string; aliases: string[] }[];
}

/** Form field (`advertisers[2].name`, or "" for the whole form) → messages. */
export type Faults = Record<string, string[]>;

export const EMPTY_ADVERTISER: AdvertiserDraft = { name: "", side: "against", aliases: "" };

export const EMPTY_DRAFT: CampaignDraft = {
    name: "",
    electionDate: "",
    weekBasis: "broadcast",
    tz: "America/New_York",
    markets: "",
    keywords: "",
    advertisers: [{ ...EMPTY_ADVERTISER, side: "for" }],
};

export function splitList(text: string): string[] {
    return text
        .split(/[,;\n]/)
        .map((part) => part.trim())
        .filter((part) => part !== "");
}

function isBlank(advertiser: AdvertiserDraft): boolean {
    return advertiser.name.trim() === "" && advertiser.aliases.trim() === "";
}

/** Faults the server could not even be asked about. */
export function localFaults(draft: CampaignDraft): Faults {
    const faults: Faults = {};
    const odd = splitList(draft.markets).filter((code) => !/^\d{1,6}$/.test(code));
    if (odd.length > 0) faults["markets"] = [`DMA codes are numbers; this is not: ${odd.join(", ")}`];
    if (draft.name.trim() === "") faults["name"] = ["A campaign needs a name"];
    return faults;
}

/** `rows[i]` is the form row of the i-th advertiser sent. */
export function bodyOf(draft: CampaignDraft): { body: CampaignBody; rows: number[] } {
    const rows = draft.advertisers.flatMap((each, index) => (isBlank(each) ? [] : [index]));
    const advertisers = rows.map((index) => {
        const { name, side, aliases } = draft.advertisers[index] ?? EMPTY_ADVERTISER;
        return { name: name.trim(), side, aliases: splitList(aliases) };
    });
    const body: CampaignBody = {
        name: draft.name.trim(),
        week_basis: draft.weekBasis,
        tz: draft.tz.trim(),
        markets: splitList(draft.markets).map(Number),
        keywords: splitList(draft.keywords),
        advertisers,
    };
    if (draft.electionDate !== "") body.election_date = draft.electionDate;
    return { body, rows };
}

const FIELDS = ["name", "election_date", "week_basis", "tz", "markets", "keywords"];

/* The form field a path of the server belongs to; "" if the form has none. */
function fieldOf(path: string, rows: readonly number[]): string {
    const advertiser = /^advertisers\[(\d+)\](?:\.(name|side|aliases))?/.exec(path);
    if (advertiser) {
        const row = rows[Number(advertiser[1])];
        return row === undefined ? "advertisers" : `advertisers[${row}].${advertiser[2] ?? "name"}`;
    }
    if (path.startsWith("advertisers")) return "advertisers";
    const head = path.replace(/[[.].*$/, "");
    return FIELDS.includes(head) ? head : "";
}

/** The server's field errors by form field. What has no field keeps its path in the text. */
export function placeFaults(errors: readonly FieldError[], rows: readonly number[], body: CampaignBody): Faults {
    const faults: Faults = {};
    for (const error of errors) {
        const field = fieldOf(error.field, rows);
        const market = /^markets\[(\d+)\]/.exec(error.field);
        const code = market ? body.markets[Number(market[1])] : undefined;
        const lead = field === "" && error.field !== "" ? `${error.field}: ` : code === undefined ? "" : `${code}: `;
        (faults[field] ??= []).push(lead + error.message);
    }
    return faults;
}
