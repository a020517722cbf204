/* grid.tsx - the matrix as an AG Grid: shows rows, flashes what changed, reports the chosen cell.
 *
 * How:  rows keep their identity while they do not change, so the grid touches only what did. Two matrices of
 *       the same view are compared and the differences flash; a switch of the view flashes nothing. */
import {
    CellStyleModule,
    ClientSideRowModelModule,
    ColumnApiModule,
    createTheme,
    HighlightChangesModule,
    ModuleRegistry,
    PinnedRowModule,
    RenderApiModule,
    RowApiModule,
    RowStyleModule,
    ScrollApiModule,
    TooltipModule,
    type CellClassParams,
    type CellKeyDownEvent,
    type ColDef,
    type GridApi,
    type GridOptions,
} from "ag-grid-community";
import { AgGridReact } from "ag-grid-react";
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import type { Matrix } from "../api/shapes.ts";
import { changesBetween, TOTALS_ROW, type Changes } from "./changes.ts";
import { columnsOf, isLabelColumn, type GridContext, type GridRow, type WeekMarks } from "./columns.ts";
import { rowsAtDetail, withoutCollapsed, type Detail } from "./detail.ts";
import { cellKey, splitCellKey } from "./fold.ts";
import { useMarketNames } from "./markets.ts";
import { moneyWidths } from "./width.ts";

ModuleRegistry.registerModules([
    CellStyleModule,
    ClientSideRowModelModule,
    ColumnApiModule,
    HighlightChangesModule,
    PinnedRowModule,
    RenderApiModule,
    RowApiModule,
    RowStyleModule,
    ScrollApiModule,
    TooltipModule,
]);

/* Icon sets are left out: they are data: addresses, which the page's policy does not allow. */
const THEME = createTheme().withParams({
    backgroundColor: "var(--surface)",
    foregroundColor: "var(--text)",
    borderColor: "var(--line)",
    accentColor: "var(--accent)",
    headerBackgroundColor: "var(--head)",
    headerTextColor: "var(--muted)",
    headerFontWeight: 600,
    rowHoverColor: "var(--hover)",
    fontFamily: "inherit",
    fontSize: 13,
    spacing: 6,
    rowHeight: 28,
    headerHeight: 34,
    cellHorizontalPadding: 10,
    wrapperBorder: false,
    wrapperBorderRadius: 0,
    columnBorder: false,
    pinnedColumnBorder: { color: "var(--line-strong)" },
    pinnedRowBorder: { color: "var(--line-strong)" },
    valueChangeValueHighlightBackgroundColor: "var(--flash)",
});

const OPTIONS: GridOptions<GridRow> = {
    theme: THEME,
    animateRows: false,
    suppressDragLeaveHidesColumns: true,
    suppressMovableColumns: true,
    suppressColumnVirtualisation: false,
    enableCellTextSelection: true,
    ensureDomOrder: true,
    tooltipShowDelay: 400,
    cellFlashDuration: 900,
    cellFadeDuration: 900,
    defaultColDef: { sortable: false, suppressHeaderMenuButton: true, suppressHeaderContextMenu: true },
    getRowId: ({ data }) => data.key,
    rowClassRules: {
        "row-leaf": ({ data }) => data?.kind === "leaf",
        "row-medium": ({ data }) => data?.kind === "medium",
        "row-market": ({ data }) => data?.kind === "market",
        "row-advertiser": ({ data }) => data?.kind === "advertiser",
        "row-side": ({ data }) => data?.kind === "side",
        "row-total": ({ data }) => data?.kind === "total",
    },
};

/* From here on the panel and all pinned columns leave room for several weeks. */
const ROOMY_PX = 1_750;

interface Props {
    matrix: Matrix;
    /** Names the view; while it stays the same, differences flash. */
    view: string;
    detail: Detail;
    marks: WeekMarks;
    selected: string | null;
    select: (key: string) => void;
}

function flash(api: GridApi<GridRow>, changes: Changes): void {
    for (const [key, columns] of changes) {
        const node = key === TOTALS_ROW ? api.getPinnedBottomRow(0) : api.getRowNode(key);
        if (node) api.flashCells({ rowNodes: [node], columns });
    }
}

function useFlash(api: GridApi<GridRow> | null, matrix: Matrix, view: string): void {
    const last = useRef<{ matrix: Matrix; view: string } | null>(null);
    useEffect(() => {
        const before = last.current;
        last.current = { matrix, view };
        if (!api || !before || before.view !== view || before.matrix === matrix) return;
        flash(api, changesBetween(before.matrix, matrix));
    }, [api, matrix, view]);
}

/* The chosen cell stays marked while its panel is open. */
function useSelectedMark(api: GridApi<GridRow> | null, selected: string | null) {
    const current = useRef(selected);
    current.current = selected;
    useEffect(() => {
        const key = selected === null ? null : splitCellKey(selected);
        const node = key && api?.getRowNode(key.row);
        if (!api || !node || !key) return undefined;
        /* The panel takes room; after the grid has shrunk, the cell it is about must still be seen. */
        const timer = setTimeout(() => api.ensureColumnVisible(key.week), 50);
        const paint = { rowNodes: [node], columns: [key.week], force: true };
        api.refreshCells(paint);
        return () => {
            clearTimeout(timer);
            queueMicrotask(() => {
                if (!api.isDestroyed()) api.refreshCells(paint);
            });
        };
    }, [api, selected]);
    return current;
}

/* Which groups are closed. The grid's columns read it from the context, so it is kept in references too. */
function useGroups(api: GridApi<GridRow> | null, detail: Detail) {
    const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
    const toggled = useRef<{ row: string; column: string } | null>(null);
    const markets = useMarketNames();
    const [context] = useState<GridContext>(() => ({
        collapsed: { current: collapsed },
        lowest: { current: detail },
        markets: { current: markets },
    }));
    context.collapsed.current = collapsed;
    context.lowest.current = detail;
    context.markets.current = markets;
    const toggle = (row: string, column: string) => {
        const next = new Set(collapsed);
        if (!next.delete(row)) next.add(row);
        toggled.current = { row, column };
        setCollapsed(next);
    };
    useEffect(() => {
        if (!api || api.isDestroyed()) return;
        api.refreshCells({ columns: ["advertiser", "market", "medium", "station"] });
        /* Rows above came or went; the focus stays with the group, not with a position. */
        const index = toggled.current && api.getRowNode(toggled.current.row)?.rowIndex;
        if (toggled.current && typeof index === "number") api.setFocusedCell(index, toggled.current.column);
        toggled.current = null;
    }, [api, collapsed, detail]);
    return { collapsed, context, toggle };
}

/* Definitions change only with what they show: each new set makes the grid lay out its columns again. */
function useColumns(matrix: Matrix, marks: WeekMarks, selected: RefObject<string | null>): ColDef<GridRow>[] {
    const weeks = matrix.weeks.join(" ");
    const { week, total } = useMemo(() => moneyWidths(matrix), [matrix]);
    const isTotalPinned = selected.current === null || innerWidth > ROOMY_PX;
    return useMemo(() => {
        const look = { marks, widths: { week, total }, isTotalPinned };
        const isSelected = ({ data, colDef }: CellClassParams<GridRow>) =>
            data !== undefined && cellKey(data.key, colDef.colId ?? "") === selected.current;
        return columnsOf(weeks === "" ? [] : weeks.split(" "), look).map((column) => ({
            ...column,
            cellClassRules: { ...column.cellClassRules, selected: isSelected },
        }));
    }, [weeks, week, total, isTotalPinned, marks, selected]);
}

export function MatrixGrid({ matrix, view, detail, marks, selected, select }: Props) {
    const [api, setApi] = useState<GridApi<GridRow> | null>(null);
    const current = useSelectedMark(api, selected);
    const columns = useColumns(matrix, marks, current);
    const groups = useGroups(api, detail);
    const rows = useMemo<GridRow[]>(
        () => withoutCollapsed(rowsAtDetail(matrix.rows, detail), groups.collapsed),
        [matrix.rows, detail, groups.collapsed],
    );
    const bottom = useMemo<GridRow[]>(
        () => [{ key: TOTALS_ROW, kind: "total", ...matrix.totals }],
        [matrix.totals],
    );
    useFlash(api, matrix, view);

    const choose = (row: GridRow | undefined, column: string | undefined) => {
        if (!row || row.kind === "total" || !column) return;
        if (row.kind !== "leaf" && isLabelColumn(column)) return groups.toggle(row.key, column);
        if (matrix.weeks.includes(column)) select(cellKey(row.key, column));
    };
    const onKey = (event: CellKeyDownEvent<GridRow> | { event?: Event | null }) => {
        const key = event.event instanceof KeyboardEvent ? event.event.key : "";
        if (!("column" in event) || (key !== "Enter" && key !== " ")) return;
        event.event?.preventDefault(); /* a space would scroll */
        choose(event.data, event.column.getColId());
    };
    return (
        <div className="grid" aria-label="Spend matrix" role="region">
            <AgGridReact<GridRow>
                gridOptions={OPTIONS}
                context={groups.context}
                columnDefs={columns}
                rowData={rows}
                pinnedBottomRowData={bottom}
                onGridReady={(event) => setApi(event.api)}
                onCellClicked={(event) => choose(event.data, event.column.getColId())}
                onCellKeyDown={onKey}
            />
        </div>
    );
}
