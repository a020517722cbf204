/* screen.tsx - the matrix of a campaign: toolbar, time, grid, the panel of the chosen cell, edits, the drop of filings. */
import { useMemo, useState } from "react";
import type { MatrixView } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import type { Adjustment, Basis, Campaign, Matrix, WeekMode } from "../api/shapes.ts";
import { CellPanel } from "../cell/panel.tsx";
import { InputDrop } from "../inputs/drop.tsx";
import { Header } from "../shell/header.tsx";
import { setSearch, useSearch } from "../shell/route.ts";
import { Empty, Failed, Loading } from "../ui/notice.tsx";
import { AsOfBanner, AsOfControl } from "./as-of.tsx";
import type { CellMarks } from "./columns.ts";
import { detailOf, type Detail } from "./detail.ts";
import { EditBar } from "./edit-bar.tsx";
import { NO_EDITS, type Edits } from "./edits.ts";
import { ExportLinks } from "./export.tsx";
import { filterIn, filterKey, isFiltered } from "./filter.ts";
import { FilterBar } from "./filter-bar.tsx";
import { splitCellKey } from "./fold.ts";
import { MatrixGrid } from "./grid.tsx";
import { NewsBar } from "./news-bar.tsx";
import { sinceThen, type Since } from "./past.ts";
import { LinkBadge, PausedBadge, Toolbar } from "./toolbar.tsx";
import { useAdjusted, useEdits } from "./use-edits.ts";
import { useMatrix, usePastMatrix } from "./use-matrix.ts";
import { localDay } from "./weeks.ts";

const MODES: readonly WeekMode[] = ["booked", "projected", "future_only", "next_week"];

/* The view lives in the address: a link shows the same thing to whoever opens it. */
function useView() {
    const search = useSearch();
    const basis: Basis = search.get("basis") === "net" ? "net" : "gross";
    const weekMode = MODES.find((mode) => mode === search.get("week_mode")) ?? "booked";
    const detail = detailOf(search.get("detail"));
    const asOfText = search.get("as_of") ?? "";
    const asOf = /^\d{1,15}$/.test(asOfText) ? Number(asOfText) : null;
    const filter = useMemo(() => filterIn(search), [search]);
    const view = useMemo<MatrixView>(() => ({ basis, weekMode, filter }), [basis, weekMode, filter]);
    const change = (part: { basis?: Basis; weekMode?: WeekMode; detail?: Detail }) => {
        const next = { basis, weekMode, detail, ...part };
        setSearch(
            {
                basis: next.basis === "gross" ? null : next.basis,
                week_mode: next.weekMode === "booked" ? null : next.weekMode,
                detail: next.detail === "leaf" ? null : next.detail,
            },
            true,
        );
    };
    return { view, detail, asOf, cell: search.get("cell"), change };
}

function NoRows({ weeks, rows, past }: { weeks: boolean; rows: boolean; past: boolean }) {
    if (rows) {
        return (
            <Empty title="No such rows">
                <p>Other rows may hold amounts; choose “All rows” in the filter to see them.</p>
            </Empty>
        );
    }
    if (past) return <Empty title="Nothing was known yet" />;
    return (
        <Empty title={weeks ? "Nothing in these weeks" : "No spending known yet"}>
            {weeks ? (
                <p>Other weeks may hold amounts; choose “Booked” to see them all.</p>
            ) : (
                <p>Drop station filings (PDF) or sheets (CSV, XLSX) anywhere on this page, or import them on the server.</p>
            )}
        </Empty>
    );
}

const NOTHING: ReadonlyMap<string, Since> = new Map();

interface BodyProps {
    campaign: Campaign;
    /** As known now. */
    now: Matrix;
    /** What is shown: now, or the past. */
    matrix: Matrix;
    busy: boolean;
    state: ReturnType<typeof useView>;
    since: ReadonlyMap<string, Since>;
}

/* The marks of cells keep their identity, or the grid would draw everything again with each render. */
function useMarks(props: BodyProps, edits: Edits, adjusted: ReadonlyMap<string, Adjustment>): CellMarks {
    const { view, asOf } = props.state;
    const isNow = asOf === null;
    const canEdit = isNow && view.basis === "gross" && view.weekMode === "booked" && !props.busy;
    const { since } = props;
    return useMemo<CellMarks>(
        () => ({
            edits: canEdit ? edits : NO_EDITS,
            adjusted: isNow ? adjusted : new Map(),
            since,
            editable: canEdit,
        }),
        [canEdit, isNow, edits, adjusted, since],
    );
}

/* What a filter leaves out cannot be compared with what its author saw. */
function areHere(edits: Edits, now: Matrix, view: MatrixView): boolean {
    if (!isFiltered(view.filter)) return true;
    const rows = new Set(now.rows.map((row) => row.key));
    return [...edits.keys()].every((key) => rows.has(splitCellKey(key)?.row ?? ""));
}

function MatrixBody(props: BodyProps) {
    const { campaign, now, matrix, busy, state } = props;
    const { view, detail, cell, asOf } = state;
    const today = localDay(new Date(), campaign.tz ?? "America/New_York");
    const election = campaign.election_date ?? null;
    const marks = useMemo(() => ({ today, election }), [today, election]);
    const name = `${view.basis} ${view.weekMode} ${filterKey(view.filter)} ${asOf ?? "now"}`;
    const edits = useEdits(campaign.id, now);
    const { adjusted } = useAdjusted(campaign.id);
    const cells = useMarks(props, edits.edits, adjusted);
    return (
        <>
            <div className="workspace" aria-busy={busy}>
                {matrix.rows.length === 0 ? (
                    <NoRows
                        weeks={view.weekMode !== "booked"}
                        rows={isFiltered(view.filter)}
                        past={asOf !== null}
                    />
                ) : (
                    <MatrixGrid
                        matrix={matrix}
                        view={busy ? `${name} loading` : name}
                        detail={detail}
                        marks={marks}
                        selected={cell}
                        select={(key) => setSearch({ cell: key }, cell !== null)}
                        cells={cells}
                        edit={edits.type}
                    />
                )}
                {cell !== null && (
                    <CellPanel
                        key={cell}
                        campaign={campaign}
                        cell={cell}
                        matrix={matrix}
                        asOfMs={asOf}
                        open={(key) => setSearch({ cell: key })}
                        close={() => setSearch({ cell: null }, true)}
                    />
                )}
            </div>
            <EditBar state={edits} matrix={now} canSave={cells.editable && areHere(edits.edits, now, view)} />
        </>
    );
}

/* The matrix as known now, and beside it the past if one is asked for. */
function useShown(campaign: string, view: MatrixView, asOf: number | null) {
    const live = useMatrix(campaign, view, asOf !== null);
    const past = usePastMatrix(campaign, view, asOf);
    const now = live.data;
    const then = asOf === null ? undefined : past.data;
    const isReady = then !== undefined && now !== undefined && !past.isPlaceholderData && !live.isPlaceholderData;
    const since = useMemo(() => (isReady ? sinceThen(then, now) : NOTHING), [isReady, then, now]);
    const busy = asOf === null ? live.isPlaceholderData : past.isPlaceholderData;
    return { live, past, now, then, matrix: asOf === null ? now : then, since, busy };
}

function TimeButton({ open, toggle }: { open: boolean; toggle: () => void }) {
    return (
        <button type="button" aria-expanded={open} onClick={toggle} title="Show the matrix as it was known at a time">
            As of…
        </button>
    );
}

export default function MatrixScreen({ campaign }: { campaign: Campaign }) {
    const state = useView();
    const { view, detail, asOf, change } = state;
    const { live, past, now, then, matrix, since, busy } = useShown(campaign.id, view, asOf);
    const [isTimeOpen, setTimeOpen] = useState(asOf !== null);
    const [isFilterOpen, setFilterOpen] = useState(isFiltered(view.filter));
    const goTo = (ms: number | null) => setSearch({ as_of: ms === null ? null : String(ms) }, true);
    const failed = asOf === null ? live : past;
    const tz = campaign.tz ?? "America/New_York";
    return (
        <InputDrop campaign={campaign.id}>
            {(addButton) => (
                <div className="matrix-screen">
                    <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "matrix" }}>
                        {asOf !== null ? <PausedBadge /> : now && <LinkBadge link={live.link} version={now.version} />}
                        {addButton}
                    </Header>
                    {asOf === null && now && live.error && (
                        <p className="banner" role="alert">
                            The last refresh failed. {problemText(asProblem(live.error))}{" "}
                            <button type="button" onClick={() => void live.refetch()}>
                                Try again
                            </button>
                        </p>
                    )}
                    {asOf === null && (
                        <NewsBar campaign={campaign.id} news={live.news} clear={live.clearNews} />
                    )}
                    {(matrix ?? now) && (
                        <Toolbar matrix={(matrix ?? now) as Matrix} view={view} detail={detail} change={change}>
                            <button
                                type="button"
                                aria-expanded={isFilterOpen}
                                onClick={() => setFilterOpen(!isFilterOpen)}
                                title="Show some of the rows"
                            >
                                Filter{isFiltered(view.filter) ? " ●" : "…"}
                            </button>
                            <TimeButton open={isTimeOpen} toggle={() => setTimeOpen(!isTimeOpen)} />
                            <ExportLinks campaign={campaign.id} view={view} asOfMs={asOf} detail={detail} />
                        </Toolbar>
                    )}
                    {isFilterOpen && (
                        <FilterBar
                            campaign={campaign}
                            filter={view.filter}
                            change={(part) => setSearch({ ...part }, true)}
                        />
                    )}
                    {isTimeOpen && <AsOfControl campaign={campaign} asOfMs={asOf} change={goTo} />}
                    {asOf !== null && (
                        <AsOfBanner
                            {...{ tz, asOfMs: asOf, then, now, since, error: past.error }}
                            leave={() => goTo(null)}
                        />
                    )}
                    {matrix && now ? (
                        <MatrixBody {...{ campaign, now, matrix, busy, state, since }} />
                    ) : failed.error ? (
                        <Failed error={failed.error} retry={() => void failed.refetch()} />
                    ) : (
                        <Loading what="the matrix" />
                    )}
                </div>
            )}
        </InputDrop>
    );
}
