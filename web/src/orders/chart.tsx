/* chart.tsx - the total of an order over its versions, as a stepped line.
 *
 * How:  uPlot draws on a canvas; colours come from the page's own, the table beside it says the same in words. */
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { OrderFilm } from "../api/shapes.ts";
import { formatCents } from "../matrix/money.ts";
import { curveOf } from "./film.ts";

const HEIGHT_PX = 190;
const AXIS_PX = 108;

function optionsOf(film: OrderFilm, width: number, box: HTMLElement): uPlot.Options {
    const { labels } = curveOf(film);
    const style = getComputedStyle(box);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
        stroke: colour("--muted"),
        font: `12px ${style.fontFamily}`,
        grid: { stroke: colour("--line"), width: 1 },
        ticks: { stroke: colour("--line"), width: 1 },
    };
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    return {
        width,
        height: HEIGHT_PX,
        legend: { show: false },
        cursor: { show: false },
        scales: {
            x: { time: false, range: (_, least, most) => [least - 0.25, most + 0.75] },
            y: { range: (_, least, most) => [Math.min(0, least), Math.max(1, most) * 1.08] },
        },
        axes: [
            { ...axis, splits: () => labels.map((_, index) => index), values: () => labels },
            { ...axis, size: AXIS_PX, values: (_, splits) => splits.map((cents) => formatCents(Math.round(cents))) },
        ],
        series: [
            {},
            {
                label: "Total",
                stroke: colour("--accent"),
                fill: colour("--accent-soft"),
                width: 2,
                points: {
                    show: true,
                    size: 7,
                    fill: colour("--accent"),
                    filter: () => labels.map((_, index) => index), /* the end of the line is no version */
                },
                ...(stepped ? { paths: stepped } : {}),
            },
        ],
    };
}

export function FilmChart({ film }: { film: OrderFilm }) {
    const box = useRef<HTMLDivElement>(null);
    useEffect(() => {
        const element = box.current;
        if (!element) return undefined;
        const { x, y } = curveOf(film);
        /* A single version would be a point; its end is drawn too. */
        const last = y.at(-1) ?? null;
        const data: uPlot.AlignedData = [[...x, x.length - 0.4], [...y, last]];
        const chart = new uPlot(optionsOf(film, element.clientWidth, element), data, element);
        const observer = new ResizeObserver(() => {
            chart.setSize({ width: element.clientWidth, height: HEIGHT_PX });
        });
        observer.observe(element);
        return () => {
            observer.disconnect();
            chart.destroy();
        };
    }, [film]);
    const totals = film.steps.map((step) => formatCents(step.total_after_cents)).join(", then ");
    return <div ref={box} className="film-chart" role="img" aria-label={`Total of the order: ${totals}`} />;
}
