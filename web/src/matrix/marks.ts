/* marks.ts - what the grid must be told beyond its rows: the chosen cell, repeated labels, where to begin. */
import type { GridApi } from "ag-grid-community";
import { useEffect, useRef } from "react";
import { LABEL_COLUMNS, type CellMarks, type GridContext, type GridRow } from "./columns.ts";
import { splitCellKey } from "./fold.ts";
import { inWeek } from "./weeks.ts";

/* The chosen cell stays marked while its panel is open, and has the focus again when it closes. */
export function useSelectedMark(api: GridApi<GridRow> | null, selected: string | null) {
    const current = useRef(selected);
    const shown = useRef<string | null>(null);
    current.current = selected;
    useEffect(() => {
        const key = shown.current === null || selected !== null ? null : splitCellKey(shown.current);
        const index = key && api?.getRowNode(key.row)?.rowIndex;
        if (api && key && typeof index === "number") api.setFocusedCell(index, key.week);
        shown.current = selected;
    }, [api, selected]);
    useEffect(() => {
        const key = selected === null ? null : splitCellKey(selected);
        const node = key && api?.getRowNode(key.row);
        if (!api || !node || !key) return undefined;
        /* The panel takes room; after the grid has shrunk, the cell it is about must still be seen. */
        const timer = setTimeout(() => {
            api.ensureColumnVisible(key.week);
            api.ensureNodeVisible(node);
        }, 50);
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

/* Whether a label repeats the row above is known anew when rows come, go or move; the grid asks only then. */
export function useRepeatMarks(api: GridApi<GridRow> | null, rows: GridRow[]): void {
    const order = useRef("");
    useEffect(() => {
        const now = rows.map((row) => row.key).join(" ");
        if (!api || api.isDestroyed() || order.current === now) return;
        order.current = now;
        api.refreshCells({ columns: LABEL_COLUMNS, force: true });
    }, [api, rows]);
}

/* A race of many weeks opens where it stands today, unless a chosen cell says otherwise. */
export function useFirstWeek(api: GridApi<GridRow> | null, weeks: string[], today: string | null, isChosen: boolean): void {
    const done = useRef(false);
    useEffect(() => {
        if (!api || done.current || weeks.length === 0) return;
        done.current = true;
        const now = weeks.find((week) => today !== null && inWeek(week, today));
        if (now && !isChosen) api.ensureColumnVisible(now, "middle");
    }, [api, weeks, today, isChosen]);
}

/* Marks of cells reach the columns through the grid's context; when they change, what is drawn is drawn again. */
export function useCellMarks(api: GridApi<GridRow> | null, context: GridContext, marks: CellMarks): void {
    context.cells.current = marks;
    const { edits, adjusted, since } = marks;
    useEffect(() => {
        if (api && !api.isDestroyed()) api.refreshCells({ force: true });
    }, [api, edits, adjusted, since]);
}
