/* panel.tsx - what stands behind one cell: its amounts, its lines, the page each line was read from. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { readCell } from "../api/client.ts";
import { asProblem } from "../api/problem.ts";
import type { Campaign, CellDetail, Matrix } from "../api/shapes.ts";
import { splitCellKey } from "../matrix/fold.ts";
import { useMarketNames } from "../matrix/markets.ts";
import { addDays, dayRange } from "../matrix/weeks.ts";
import { Side } from "../ui/side.tsx";
import { Empty, Failed, Loading } from "../ui/notice.tsx";
import { Amounts } from "./amounts.tsx";
import { Breakdown } from "./breakdown.tsx";
import { DocumentView } from "./document-view.tsx";
import { CellEdits } from "./edits.tsx";
import { Lines, OtherDocuments } from "./lines.tsx";
import { otherDocuments, placeOf, sortLines, type Chosen } from "./places.ts";

interface Props {
    campaign: Campaign;
    cell: string;
    matrix: Matrix;
    /** Null: as known now. */
    asOfMs: number | null;
    /** Shows another cell in its place. */
    open: (cell: string) => void;
    close: () => void;
}

function useCell(campaign: string, cell: string, matrix: Matrix, asOfMs: number | null) {
    const key = splitCellKey(cell);
    const row = matrix.rows.find((each) => each.key === key?.row);
    const column = key ? matrix.weeks.indexOf(key.week) : -1;
    /* A new amount in the matrix means new lines behind it. */
    const amount = row?.cells[column] ?? null;
    const query = useQuery({
        queryKey: ["cell", campaign, cell, matrix.basis, amount, asOfMs],
        queryFn: ({ signal }) => readCell(campaign, cell, asOfMs, signal),
        placeholderData: keepPreviousData,
        enabled: row === undefined || row.kind === "leaf", /* lines stand behind leaf cells only */
    });
    return { ...query, row, week: key?.week ?? "" };
}

function Title({ row, week }: { row: ReturnType<typeof useCell>["row"]; week: string }) {
    const labels = row?.labels;
    const markets = useMarketNames();
    const code = labels?.market;
    const market = code ? `${code} ${markets.get(code) ?? ""}`.trim() : null;
    const where = [market, labels?.medium, labels?.station].filter((part) => part !== null && part !== undefined);
    return (
        <div className="panel-title">
            <h2>
                {labels ? (labels.advertiser ?? (row.kind === "side" ? "All advertisers" : "Unknown advertiser")) : "Cell"}
            </h2>
            <p>
                {labels && <Side side={labels.side} />} {where.join(" · ")}
                {where.length > 0 && " · "}
                {week && dayRange(week, addDays(week, 6))}
            </p>
        </div>
    );
}

function NothingKnown() {
    return (
        <Empty title="No counted line touches this week">
            <p>An empty cell means that nothing is known, not that nothing was spent.</p>
        </Empty>
    );
}

interface BehindProps {
    detail: CellDetail;
    campaign: Campaign;
    asOfMs: number | null;
}

function Behind({ detail, campaign, asOfMs }: BehindProps) {
    const lines = useMemo(() => sortLines(detail.lines), [detail.lines]);
    const [chosen, setChosen] = useState<Chosen | null>(null);
    const others = otherDocuments(lines, detail.documents);
    const first = lines[0];
    const current = chosen ?? (first ? ({ kind: "line", id: first.id } as const) : null);
    const place = useMemo(
        () => (current ? placeOf(current, lines, detail.documents) : null),
        [current?.kind, current?.id, lines, detail.documents],
    );
    return (
        <>
            <Amounts detail={detail} />
            {asOfMs === null && <CellEdits campaign={campaign} cell={detail.key} />}
            {lines.length === 0 && <NothingKnown />}
            <div className="behind" hidden={lines.length === 0 && others.length === 0}>
                <Lines
                    lines={lines}
                    campaign={campaign.id}
                    chosen={current}
                    choose={setChosen}
                    canCombine={asOfMs === null}
                />
                <OtherDocuments documents={others} chosen={current} choose={setChosen} />
            </div>
            {place && <DocumentView key={place.inputId ?? "none"} place={place} />}
        </>
    );
}

export function CellPanel({ campaign, cell, matrix, asOfMs, open, close }: Props) {
    const { data, error, refetch, row, week } = useCell(campaign.id, cell, matrix, asOfMs);
    const panel = useRef<HTMLElement>(null);
    useEffect(() => panel.current?.focus({ preventScroll: true }), []); /* the grid takes the focus back */
    return (
        <aside
            ref={panel}
            className="panel"
            tabIndex={-1}
            aria-label="Lines behind the cell"
            onKeyDown={(event) => event.key === "Escape" && close()}
        >
            <div className="panel-head">
                <Title row={row} week={week} />
                <button type="button" className="quiet" onClick={close} aria-label="Close panel" title="Close (Esc)">
                    ✕
                </button>
            </div>
            {row && row.kind !== "leaf" ? (
                <Breakdown matrix={matrix} row={row} week={week} open={open} />
            ) : data ? (
                <Behind detail={data} campaign={campaign} asOfMs={asOfMs} />
            ) : error && asProblem(error).status === 404 ? (
                <NothingKnown />
            ) : error ? (
                <Failed error={error} retry={() => void refetch()} />
            ) : (
                <Loading what="the lines" />
            )}
        </aside>
    );
}
