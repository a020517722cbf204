/* export.tsx - the present view as a file: plain links, so that the browser shows and keeps the download. */
import { exportUrl, type ExportFormat, type MatrixView } from "../api/client.ts";
import type { Detail } from "./detail.ts";

const FORMATS: readonly [ExportFormat, string][] = [
    ["csv", "CSV"],
    ["xlsx", "XLSX"],
    ["pdf", "PDF"],
];

/* Details that show one level only go out as that level; the others go out whole. */
const LEVELS: Partial<Record<Detail, string>> = { flat: "station", side: "side" };

interface Props {
    campaign: string;
    view: MatrixView;
    asOfMs: number | null;
    detail: Detail;
}

export function ExportLinks({ campaign, view, asOfMs, detail }: Props) {
    return (
        <span className="export" role="group" aria-label="Export this view">
            {FORMATS.map(([format, word]) => (
                <a
                    key={format}
                    className="button"
                    href={exportUrl(campaign, view, asOfMs, LEVELS[detail] ?? null, format)}
                    download
                    title={`Download this view as ${word}`}
                >
                    {word}
                </a>
            ))}
        </span>
    );
}
