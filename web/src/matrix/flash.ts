/* flash.ts - makes the cells that differ from the matrix before flash. */
import type { GridApi } from "ag-grid-community";
import { useEffect, useRef } from "react";
import type { Matrix } from "../api/shapes.ts";
import { changesBetween, TOTALS_ROW, type Changes } from "./changes.ts";
import type { GridRow } from "./columns.ts";

function flash(api: GridApi<GridRow>, changes: Changes): void {
    if (api.isDestroyed()) return;
    for (const [key, columns] of changes) {
        const node = key === TOTALS_ROW ? api.getPinnedBottomRow(0) : api.getRowNode(key);
        try {
            if (node) api.flashCells({ rowNodes: [node], columns });
        } catch {
            /* The grid throws for a cell whose element is still to be drawn; flashing is decoration only. */
        }
    }
}

/* New rows and columns get their elements in the frame after they were handed over. */
function afterDrawing(work: () => void): () => void {
    let frame = requestAnimationFrame(() => {
        frame = requestAnimationFrame(work);
    });
    return () => cancelAnimationFrame(frame);
}

/** Differences flash while `view` stays the same; a switch of the view flashes nothing. */
export function useFlash(api: GridApi<GridRow> | null, matrix: Matrix, view: string): void {
    const last = useRef<{ matrix: Matrix; view: string } | null>(null);
    const waiting = useRef<Changes[]>([]);
    useEffect(() => {
        const before = last.current;
        last.current = { matrix, view };
        if (!api || !before || before.view !== view || before.matrix === matrix) return undefined;
        waiting.current.push(changesBetween(before.matrix, matrix));
        /* A newer matrix cancels the frame, not the changes: it takes them along. */
        return afterDrawing(() => {
            const ready = waiting.current;
            waiting.current = [];
            for (const changes of ready) flash(api, changes);
        });
    }, [api, matrix, view]);
}
