/* screen.tsx - the film of an order: each version, invoice and paper with what it changed, and its document. */
import { useQuery } from "@tanstack/react-query";
import { useState, type KeyboardEvent } from "react";
import { readOrder } from "../api/review.ts";
import type { Campaign, OrderFilm, OrderStep } from "../api/shapes.ts";
import { formatCents, formatChange } from "../matrix/money.ts";
import { longDay, shortDay } from "../matrix/weeks.ts";
import { LinePaper } from "../review/papers.tsx";
import { Header } from "../shell/header.tsx";
import { FileLink } from "../ui/file-link.tsx";
import { momentText } from "../ui/moment.ts";
import { Empty, Failed, Loading } from "../ui/notice.tsx";
import { FilmChart } from "./chart.tsx";
import { changedWeeks, filmTitle, spanText, stepTitle, weekChange } from "./film.ts";

function WeekCell({ step, week }: { step: OrderStep; week: string }) {
    const found = weekChange(step, week);
    if (found === null) return <td className="number faint">–</td>;
    const title = `${formatCents(found.before)} → ${formatCents(found.after)}`;
    const isPullDown = found.isLess && (step.pull_down ?? false);
    return (
        <td className={found.isLess ? "number credit" : "number"} title={title}>
            {isPullDown && <span aria-label="pull-down">▼ </span>}
            {formatChange(found.change)}
        </td>
    );
}

interface StepProps {
    step: OrderStep;
    weeks: string[];
    tz: string;
    isShown: boolean;
    show: () => void;
}

function StepRow({ step, weeks, tz, isShown, show }: StepProps) {
    const change = (step.total_after_cents ?? 0) - (step.total_before_cents ?? 0);
    return (
        <tr className={isShown ? "film-shown" : undefined}>
            <td>
                <button type="button" className="link" aria-pressed={isShown} onClick={show}>
                    {stepTitle(step)}
                </button>
                {step.pull_down && <span className="standing pull-down">▼ pull-down</span>}
                {step.standing && <span className={`standing standing-${step.standing}`}>{step.standing}</span>}
                {step.standing_why && <div className="details">{step.standing_why}</div>}
            </td>
            <td>{step.input_id ? <FileLink input={step.input_id}>file</FileLink> : <span className="faint">–</span>}</td>
            <td>{step.date ? longDay(step.date) : <span className="faint">no date</span>}</td>
            <td>{momentText(step.known_from_ms, tz)}</td>
            <td className="number">{formatCents(step.gross_cents)}</td>
            <td className="number">
                <strong>{formatCents(step.total_after_cents)}</strong>
            </td>
            <td className={change < 0 ? "number credit" : "number"}>{formatChange(change)}</td>
            {weeks.map((week) => (
                <WeekCell key={week} step={step} week={week} />
            ))}
        </tr>
    );
}

/* Up and down walk the steps, as in the list of a cell's lines. */
function walk(event: KeyboardEvent<HTMLTableSectionElement>): void {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by === 0) return;
    const buttons = Array.from(event.currentTarget.querySelectorAll<HTMLElement>("button.link"));
    const next = buttons[buttons.findIndex((button) => button === document.activeElement) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.click();
}

function Film({ film, order, tz }: { film: OrderFilm; order: string; tz: string }) {
    const { steps } = film;
    const asked = steps.findIndex((step) => step.buy_line_id === order);
    const [at, setAt] = useState(asked < 0 ? steps.length - 1 : asked);
    const weeks = changedWeeks(film);
    const shown = steps[at];
    if (steps.length === 0) return <Empty title="Nothing is known of this order" />;
    return (
        <div className="film">
            <div className="film-main">
                <FilmChart film={film} />
                <div className="film-scroll">
                    <table className="table film-table" aria-label="Versions">
                        <thead>
                            <tr>
                                <th scope="col">Paper</th>
                                <th scope="col">File</th>
                                <th scope="col">Date</th>
                                <th scope="col">Known from</th>
                                <th scope="col" className="number">
                                    Its gross
                                </th>
                                <th scope="col" className="number">
                                    Order’s total
                                </th>
                                <th scope="col" className="number">
                                    Change
                                </th>
                                {weeks.map((week) => (
                                    <th key={week} scope="col" className="number" title={`Week of ${longDay(week)}`}>
                                        {shortDay(week)}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody onKeyDown={walk}>
                            {steps.map((step, index) => (
                                <StepRow
                                    key={index}
                                    step={step}
                                    weeks={weeks}
                                    tz={tz}
                                    isShown={index === at}
                                    show={() => setAt(index)}
                                />
                            ))}
                        </tbody>
                    </table>
                </div>
            </div>
            {shown && (
                <aside className="film-paper" aria-label="Document of the chosen version">
                    <LinePaper key={shown.buy_line_id} line={shown.buy_line_id} />
                </aside>
            )}
        </div>
    );
}

function FilmHead({ film }: { film: OrderFilm }) {
    const facts = [film.advertiser, film.station, film.market, film.medium, spanText(film)].filter(Boolean);
    return (
        <div className="page-head film-head">
            <h2>{filmTitle(film)}</h2>
            <p className="faint">{facts.join(" · ")}</p>
            <strong className="film-total">{formatCents(film.total_gross_cents)}</strong>
        </div>
    );
}

export default function OrderScreen({ campaign, order }: { campaign: Campaign; order: string }) {
    const { data, error, refetch } = useQuery({
        queryKey: ["order", order],
        queryFn: ({ signal }) => readOrder(order, signal),
        refetchInterval: 30_000,
    });
    return (
        <>
            <Header campaign={{ id: campaign.id, name: campaign.name ?? campaign.id, tab: null }}>
                <button type="button" onClick={() => history.back()}>
                    Back
                </button>
            </Header>
            <main className="film-page">
                {data ? (
                    <>
                        <FilmHead film={data} />
                        <Film film={data} order={order} tz={campaign.tz ?? "America/New_York"} />
                    </>
                ) : error ? (
                    <Failed error={error} retry={() => void refetch()} />
                ) : (
                    <Loading what="the order" />
                )}
            </main>
        </>
    );
}
