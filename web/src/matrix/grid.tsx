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
import { useMemo, useState, type RefObject } from "react";
import type { Matrix } from "../api/shapes.ts";
import { TOTALS_ROW } from "./changes.ts";
import { columnsOf, isLabelColumn, type GridRow, type WeekMarks } from "./columns.ts";
import { rowsAtDetail, withoutCollapsed, type Detail } from "./detail.ts";
import { useFlash } from "./flash.ts";
import { cellKey } from "./fold.ts";
import { useGroups } from "./groups.ts";
import { useFirstWeek, useRepeatMarks, useSelectedMark } from "./marks.ts";
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

/* Definitions change only with what they show: each new set makes the grid lay out its columns again. */
function useColumns(matrix: Matrix, marks: WeekMarks, selected: RefObject<string | null>): ColDef<GridRow>[] {
    const weeks = matrix.weeks.join(" ");
    const { week, total } = useMemo(() => moneyWidths(matrix), [matrix]);
    const isTotalShown = selected.current === null || innerWidth > ROOMY_PX;
    return useMemo(() => {
        const look = { marks, widths: { week, total }, isTotalShown };
        const isSelected = ({ data, colDef }: CellClassParams<GridRow>) =>
            data !== undefined && cellKey(data.key, colDef.colId ?? "") === selected.current;
        return columnsOf(weeks === "" ? [] : weeks.split(" "), look).map((column) => ({
            ...column,
            cellClassRules: { ...column.cellClassRules, selected: isSelected },
        }));
    }, [weeks, week, total, isTotalShown, marks, selected]);
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
    useRepeatMarks(api, rows);
    useFirstWeek(api, matrix.weeks, marks.today, selected !== null);
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
