/* screen.tsx - the matrix of a campaign: toolbar, grid, the panel of the chosen cell, the drop of filings. */
import { useMemo } from "react";
import type { MatrixView } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import type { Basis, Campaign, Matrix, WeekMode } from "../api/shapes.ts";
import { CellPanel } from "../cell/panel.tsx";
import { InputDrop } from "../inputs/drop.tsx";
import { Header } from "../shell/header.tsx";
import { setSearch, useSearch } from "../shell/route.ts";
import { Empty, Failed, Loading } from "../ui/notice.tsx";
import { detailOf, type Detail } from "./detail.ts";
import { MatrixGrid } from "./grid.tsx";
import { LinkBadge, Toolbar } from "./toolbar.tsx";
import { useMatrix } from "./use-matrix.ts";
import { localDay } from "./weeks.ts";

const MODES: readonly WeekMode[] = ["booked", "projected", "future_only", "next_week"];

/* The view lives in the address: a link shows the same thing to whoever opens it. */
function useView() {
    const search = useSearch();
    const basis: Basis = search.get("basis") === "net" ? "net" : "gross";
    const weekMode = MODES.find((mode) => mode === search.get("week_mode")) ?? "booked";
    const detail = detailOf(search.get("detail"));
    const view = useMemo<MatrixView>(() => ({ basis, weekMode }), [basis, weekMode]);
    const change = (part: Partial<MatrixView & { detail: Detail }>) => {
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
    return { view, detail, cell: search.get("cell"), change };
}

function NoRows({ filtered }: { filtered: boolean }) {
    return (
        <Empty title={filtered ? "Nothing in these weeks" : "No spending known yet"}>
            {filtered ? (
                <p>Other weeks may hold amounts; choose “Booked” to see them all.</p>
            ) : (
                <p>Drop station filings (PDF) anywhere on this page, or import them on the server.</p>
            )}
        </Empty>
    );
}

interface BodyProps {
    campaign: Campaign;
    matrix: Matrix;
    busy: boolean;
    state: ReturnType<typeof useView>;
}

function MatrixBody({ campaign, matrix, busy, state }: BodyProps) {
    const { view, detail, cell, change } = state;
    const today = localDay(new Date(), campaign.tz ?? "America/New_York");
    const election = campaign.election_date ?? null;
    const marks = useMemo(() => ({ today, election }), [today, election]);
    const name = `${view.basis} ${view.weekMode}`;
    return (
        <>
            <Toolbar matrix={matrix} view={view} detail={detail} change={change} />
            <div className="workspace" aria-busy={busy}>
                {matrix.rows.length === 0 ? (
                    <NoRows filtered={view.weekMode !== "booked"} />
                ) : (
                    <MatrixGrid
                        matrix={matrix}
                        view={busy ? `${name} loading` : name}
                        detail={detail}
                        marks={marks}
                        selected={cell}
                        select={(key) => setSearch({ cell: key }, cell !== null)}
                    />
                )}
                {cell !== null && (
                    <CellPanel
                        key={cell}
                        campaign={campaign.id}
                        cell={cell}
                        matrix={matrix}
                        open={(key) => setSearch({ cell: key })}
                        close={() => setSearch({ cell: null }, true)}
                    />
                )}
            </div>
        </>
    );
}

export default function MatrixScreen({ campaign }: { campaign: Campaign }) {
    const state = useView();
    const { data: matrix, error, refetch, isPlaceholderData, link } = useMatrix(campaign.id, state.view);
    return (
        <InputDrop campaign={campaign.id}>
            {(addButton) => (
                <div className="matrix-screen">
                    <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: "matrix" }}>
                        {matrix && <LinkBadge link={link} version={matrix.version} />}
                        {addButton}
                    </Header>
                    {matrix && error && (
                        <p className="banner" role="alert">
                            The last refresh failed. {problemText(asProblem(error))}{" "}
                            <button type="button" onClick={() => void refetch()}>
                                Try again
                            </button>
                        </p>
                    )}
                    {matrix ? (
                        <MatrixBody campaign={campaign} matrix={matrix} busy={isPlaceholderData} state={state} />
                    ) : error ? (
                        <Failed error={error} retry={() => void refetch()} />
                    ) : (
                        <Loading what="the matrix" />
                    )}
                </div>
            )}
        </InputDrop>
    );
}
