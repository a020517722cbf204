/* search.tsx - finds an advertiser by a part of its name; arrows and Enter choose, Escape leaves. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { findAdvertisers } from "../api/client.ts";
import type { Advertiser } from "../api/shapes.ts";
import { InlineError } from "../ui/notice.tsx";

const REST_MS = 150;

function useRested(text: string): string {
    const [rested, setRested] = useState(text);
    useEffect(() => {
        const timer = setTimeout(() => setRested(text), REST_MS);
        return () => clearTimeout(timer);
    }, [text]);
    return rested;
}

interface Props {
    choose: (advertiser: Advertiser) => void;
    close: () => void;
}

export function AdvertiserSearch({ choose, close }: Props) {
    const id = useId();
    const [text, setText] = useState("");
    const [at, setAt] = useState(0);
    const wanted = useRested(text.trim());
    const { data, error } = useQuery({
        queryKey: ["advertisers", wanted],
        queryFn: ({ signal }) => findAdvertisers(wanted, signal),
        placeholderData: keepPreviousData,
        enabled: wanted !== "",
    });
    const found = wanted === "" ? [] : (data?.items ?? []);
    const current = Math.min(at, found.length - 1);
    const onKey = (event: KeyboardEvent) => {
        const chosen = found[current];
        if (event.key === "ArrowDown") setAt(Math.min(current + 1, found.length - 1));
        else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
        else if (event.key === "Enter" && chosen) choose(chosen);
        else if (event.key === "Escape") close();
        else return;
        event.preventDefault();
        event.stopPropagation();
    };
    return (
        <div className="advertiser-search">
            <input
                role="combobox"
                aria-label="Advertiser"
                aria-expanded={found.length > 0}
                aria-controls={`${id}-list`}
                aria-activedescendant={found[current] ? `${id}-${current}` : undefined}
                autoComplete="off"
                autoFocus
                value={text}
                placeholder="Part of the name"
                onChange={(event) => {
                    setText(event.target.value);
                    setAt(0);
                }}
                onKeyDown={onKey}
            />
            {error && <InlineError error={error} />}
            {wanted !== "" && data && found.length === 0 && <p className="faint">Nobody by that name</p>}
            <ul id={`${id}-list`} role="listbox" aria-label="Advertisers found">
                {found.map((advertiser, index) => (
                    <li
                        key={advertiser.id}
                        id={`${id}-${index}`}
                        role="option"
                        aria-selected={index === current}
                        onMouseDown={(event) => event.preventDefault()} /* the focus stays in the field */
                        onClick={() => choose(advertiser)}
                    >
                        {advertiser.name}
                    </li>
                ))}
            </ul>
        </div>
    );
}
