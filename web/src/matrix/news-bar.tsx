/* news-bar.tsx - orders that lost dollars while somebody was looking: the last ones, each a step to its history. */
import { useState } from "react";
import type { OrderEvent } from "../api/shapes.ts";
import { Link } from "../shell/link.tsx";
import { orderPath } from "../shell/route.ts";
import { formatChange } from "./money.ts";
import { changeOf, newsTitle } from "./news.ts";

interface Props {
    campaign: string;
    news: readonly OrderEvent[];
    clear: () => void;
}

function Event({ campaign, event }: { campaign: string; event: OrderEvent }) {
    return (
        <span>
            <Link href={orderPath(campaign, event.buy_line_id)}>{newsTitle(event)}</Link>{" "}
            <strong>{formatChange(changeOf(event))}</strong>
        </span>
    );
}

export function NewsBar({ campaign, news, clear }: Props) {
    const [isOpen, setOpen] = useState(false);
    const [first, ...others] = news;
    if (!first) return null;
    return (
        <div className="banner news" role="status">
            <div className="news-list">
                <Event campaign={campaign} event={first} />
                {isOpen && others.map((event, index) => <Event key={index} campaign={campaign} event={event} />)}
            </div>
            {others.length > 0 && (
                <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
                    {isOpen ? "Only the last" : `${others.length} more`}
                </button>
            )}
            <button type="button" className="quiet" aria-label="Close news" onClick={clear}>
                ✕
            </button>
        </div>
    );
}
