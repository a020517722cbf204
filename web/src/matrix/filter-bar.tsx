/* filter-bar.tsx - chooses the rows of the matrix: a side, a market, a medium, an advertiser. */
import { useEffect, useId, useState } from "react";
import type { MatrixFilter } from "../api/client.ts";
import type { Campaign } from "../api/shapes.ts";
import { MEDIA, NO_FILTER, SIDES } from "./filter.ts";
import { useMarketNames } from "./markets.ts";

type Change = (part: Partial<MatrixFilter>) => void;

interface ChoiceProps {
    label: string;
    words: readonly string[];
    value: string | null;
    change: (value: string | null) => void;
}

function Choice({ label, words, value, change }: ChoiceProps) {
    return (
        <label className="inline">
            {label}{" "}
            <select value={value ?? ""} onChange={({ target }) => change(target.value || null)}>
                <option value="">all</option>
                {words.map((word) => (
                    <option key={word} value={word}>
                        {word}
                    </option>
                ))}
            </select>
        </label>
    );
}

interface TextProps {
    label: string;
    options: readonly (readonly [string, string])[];
    value: string | null;
    change: (value: string | null) => void;
    isGood: (text: string) => boolean;
}

/* Takes effect with Enter or when it is left: half a name would be nobody's. */
function Text({ label, options, value, change, isGood }: TextProps) {
    const id = useId();
    const [text, setText] = useState(value ?? "");
    useEffect(() => setText(value ?? ""), [value]);
    const plain = text.trim();
    const isWrong = plain !== "" && !isGood(plain);
    const take = () => {
        if (!isWrong && plain !== (value ?? "")) change(plain || null);
    };
    return (
        <label className="inline">
            {label}{" "}
            <input
                value={text}
                list={id}
                placeholder="all"
                autoComplete="off"
                aria-invalid={isWrong || undefined}
                onChange={({ target }) => setText(target.value)}
                onBlur={take}
                onKeyDown={({ key }) => key === "Enter" && take()}
            />
            <datalist id={id}>
                {options.map(([option, words]) => (
                    <option key={option} value={option}>
                        {words}
                    </option>
                ))}
            </datalist>
        </label>
    );
}

interface Props {
    campaign: Campaign;
    filter: MatrixFilter;
    change: Change;
}

export function FilterBar({ campaign, filter, change }: Props) {
    const names = useMarketNames();
    const markets = (campaign.markets ?? []).map((code) => [String(code), names.get(code) ?? ""] as const);
    const advertisers = (campaign.advertisers ?? []).map(({ name }) => [name, ""] as const);
    return (
        <div className="as-of" role="group" aria-label="Rows shown">
            <Choice label="Side" words={SIDES} value={filter.side} change={(side) => change({ side })} />
            <Text
                label="Market"
                options={markets}
                value={filter.market}
                change={(market) => change({ market })}
                isGood={(text) => /^[1-9]\d\d$/.test(text)}
            />
            <Choice label="Medium" words={MEDIA} value={filter.medium} change={(medium) => change({ medium })} />
            <Text
                label="Advertiser"
                options={advertisers}
                value={filter.advertiser}
                change={(advertiser) => change({ advertiser })}
                isGood={() => true}
            />
            <button type="button" onClick={() => change(NO_FILTER)}>
                All rows
            </button>
        </div>
    );
}
