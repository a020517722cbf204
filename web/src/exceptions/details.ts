/* details.ts - an exception's details as one line of text; their fields differ by kind. Pure. */
import { formatCents } from "../matrix/money.ts";

function valueText(name: string, value: unknown): string {
    if (value === null || value === undefined) return "unknown";
    if (name.endsWith("_cents") && typeof value === "number" && Number.isSafeInteger(value)) return formatCents(value);
    if (typeof value === "object") return JSON.stringify(value);
    return String(value);
}

export function detailsText(details: unknown): string {
    if (details === null || details === undefined) return "";
    if (typeof details === "string") return details;
    if (typeof details !== "object" || Array.isArray(details)) return JSON.stringify(details);
    return Object.entries(details)
        .map(([name, value]) => `${name.replace(/_cents$/, "").replaceAll("_", " ")}: ${valueText(name, value)}`)
        .join(" · ");
}
