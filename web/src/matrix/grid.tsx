/* grid.tsx - the matrix as an AG Grid: shows rows, flashes what changed, reports the chosen cell.
 *
 * How:  rows keep their identity while they do not change, so the grid touches only what did. Two matrices of
 *       the same view are compared and the differences flash; a switch of the view flashes nothing. An edit is only
 *       reported (readOnlyEdit): what is typed waits elsewhere until it is saved. */
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
    TextEditorModule,
    TooltipModule,
    type CellClassParams,
    type CellClickedEvent,
    type CellEditRequestEvent,
    type CellKeyDownEvent,
    type ColDef,
    type GridApi,
    type GridOptions,
} from "ag-grid-community";
import { AgGridReact } from "ag-grid-react";
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import type { Matrix } from "../api/shapes.ts";
import { TOTALS_ROW } from "./changes.ts";
import { columnsOf, isLabelColumn, type CellMarks, type GridRow, type WeekMarks } from "./columns.ts";
import { rowsAtDetail, withoutCollapsed, type Detail } from "./detail.ts";
import { useFlash } from "./flash.ts";
import { cellKey } from "./fold.ts";
import { useGroups } from "./groups.ts";
import { useCellMarks, useFirstWeek, useRepeatMarks, useSelectedMark } from "./marks.ts";
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
    TextEditorModule,
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
    readOnlyEdit: true,
    stopEditingWhenCellsLoseFocus: true,
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

/* A second press within this time means an edit; the panel of the first would move the cell away from under it. */
const DOUBLE_MS = 230;

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
    cells: CellMarks;
    /** A cell got a new text; nothing is stored by the grid. */
    edit: (key: string, text: string) => void;
}

/* Definitions change only with what they show: each new set makes the grid lay out its columns again. */
function useColumns(
    matrix: Matrix,
    marks: WeekMarks,
    selected: RefObject<string | null>,
    signs: string,
): ColDef<GridRow>[] {
    const weeks = matrix.weeks.join(" ");
    const { week, total } = useMemo(() => moneyWidths(matrix, signs), [matrix, signs]);
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

/* Opens a cell's panel after a press, unless the press becomes a double one. */
function useDelayed(open: (row: GridRow | undefined, column: string) => void) {
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    const cancel = () => clearTimeout(timer.current);
    useEffect(() => cancel, []);
    const press = ({ data, column }: CellClickedEvent<GridRow>, isEditable: boolean) => {
        cancel();
        const id = column.getColId();
        if (!isEditable) return open(data, id);
        timer.current = setTimeout(() => open(data, id), DOUBLE_MS);
    };
    return { press, cancel };
}

function signsOf({ edits, adjusted, since }: CellMarks): string {
    return (since.size > 0 ? "Δ " : "") + (adjusted.size > 0 || edits.size > 0 ? "✱! " : "");
}

export function MatrixGrid({ matrix, view, detail, marks, selected, select, cells, edit }: Props) {
    const [api, setApi] = useState<GridApi<GridRow> | null>(null);
    const current = useSelectedMark(api, selected);
    const columns = useColumns(matrix, marks, current, signsOf(cells));
    const groups = useGroups(api, detail);
    useCellMarks(api, groups.context, cells);
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
    const isWeek = (column: string | undefined) => column !== undefined && matrix.weeks.includes(column);
    const choose = (row: GridRow | undefined, column: string | undefined) => {
        if (!row || row.kind === "total" || !column) return;
        if (row.kind !== "leaf" && isLabelColumn(column)) return groups.toggle(row.key, column);
        if (isWeek(column)) select(cellKey(row.key, column));
    };
    const isEditable = (row: GridRow | undefined, column: string | undefined) =>
        cells.editable && row?.kind === "leaf" && isWeek(column);
    const delayed = useDelayed(choose);
    const onKey = (event: CellKeyDownEvent<GridRow> | { event?: Event | null }) => {
        const { event: pressed } = event;
        if (!("column" in event) || !(pressed instanceof KeyboardEvent)) return;
        if (pressed.key !== "Enter" && pressed.key !== " ") return;
        if (pressed.target instanceof HTMLInputElement) return; /* the cell is being edited */
        const column = event.column.getColId();
        if (pressed.key === "Enter" && isEditable(event.data, column)) return; /* the grid opens its editor */
        pressed.preventDefault(); /* a space would scroll */
        choose(event.data, column);
    };
    const onEdit = ({ data, colDef, newValue }: CellEditRequestEvent<GridRow>) => {
        if (data && colDef.colId) edit(cellKey(data.key, colDef.colId), String(newValue ?? ""));
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
                onCellClicked={(event) => {
                    if (event.event?.target instanceof HTMLInputElement) return;
                    delayed.press(event, isEditable(event.data, event.column.getColId()));
                }}
                onCellDoubleClicked={delayed.cancel}
                onCellEditingStarted={delayed.cancel}
                onCellEditRequest={onEdit}
                onCellKeyDown={onKey}
            />
        </div>
    );
}
