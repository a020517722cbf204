/* groups.ts - which groups of rows are closed, and what the columns must know of it. */
import type { GridApi } from "ag-grid-community";
import { useEffect, useRef, useState } from "react";
import { LABEL_COLUMNS, NO_MARKS, type GridContext, type GridRow } from "./columns.ts";
import type { Detail } from "./detail.ts";
import { useMarketNames } from "./markets.ts";

/* Which groups are closed. The grid's columns read it from the context, so it is kept in references too. */
export function useGroups(api: GridApi<GridRow> | null, detail: Detail) {
    const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
    const toggled = useRef<{ row: string; column: string } | null>(null);
    const markets = useMarketNames();
    const [context] = useState<GridContext>(() => ({
        collapsed: { current: collapsed },
        lowest: { current: detail },
        markets: { current: markets },
        cells: { current: NO_MARKS },
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
        api.refreshCells({ columns: LABEL_COLUMNS });
        /* Rows above came or went; the focus stays with the group, not with a position. */
        const index = toggled.current && api.getRowNode(toggled.current.row)?.rowIndex;
        if (toggled.current && typeof index === "number") api.setFocusedCell(index, toggled.current.column);
        toggled.current = null;
    }, [api, collapsed, detail]);
    return { collapsed, context, toggle };
}
