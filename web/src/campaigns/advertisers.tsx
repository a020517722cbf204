/* advertisers.tsx - the list of advertisers in the create form. */
import { Field } from "../ui/field.tsx";
import { EMPTY_ADVERTISER, type AdvertiserDraft, type Faults } from "./draft.ts";

interface RowProps {
    index: number;
    advertiser: AdvertiserDraft;
    faults: Faults;
    change: (part: Partial<AdvertiserDraft>) => void;
    remove: () => void;
}

function AdvertiserRow({ index, advertiser, faults, change, remove }: RowProps) {
    const at = (name: string) => faults[`advertisers[${index}].${name}`];
    const who = `advertiser ${index + 1}`;
    return (
        <div className="advertiser-row" role="group" aria-label={`Advertiser ${index + 1}`}>
            <Field label={`Name of ${who}`} hideLabel faults={at("name")}>
                {(control) => (
                    <input
                        {...control}
                        value={advertiser.name}
                        placeholder="Committee or PAC"
                        onChange={(event) => change({ name: event.target.value })}
                    />
                )}
            </Field>
            <Field label={`Side of ${who}`} hideLabel faults={at("side")}>
                {(control) => (
                    <select
                        {...control}
                        value={advertiser.side}
                        onChange={(event) => change({ side: event.target.value })}
                    >
                        <option value="for">For</option>
                        <option value="against">Against</option>
                        <option value="neutral">Neutral</option>
                    </select>
                )}
            </Field>
            <Field label={`Aliases of ${who}`} hideLabel faults={at("aliases")}>
                {(control) => (
                    <input
                        {...control}
                        value={advertiser.aliases}
                        placeholder="Other spellings, separated by commas"
                        onChange={(event) => change({ aliases: event.target.value })}
                    />
                )}
            </Field>
            <button type="button" className="quiet" onClick={remove} aria-label={`Remove ${who}`}>
                ✕
            </button>
        </div>
    );
}

interface Props {
    advertisers: AdvertiserDraft[];
    faults: Faults;
    change: (advertisers: AdvertiserDraft[]) => void;
}

export function Advertisers({ advertisers, faults, change }: Props) {
    const replace = (index: number, part: Partial<AdvertiserDraft>) =>
        change(advertisers.map((each, at) => (at === index ? { ...each, ...part } : each)));
    return (
        <fieldset>
            <legend>Advertisers</legend>
            <p className="hint">
                Lines of these advertisers reach the campaign. Leave this and the keywords empty to take every
                advertiser in the markets.
            </p>
            {faults["advertisers"] && <p className="fault">{faults["advertisers"].join("; ")}</p>}
            <div className="advertiser-row head" aria-hidden="true">
                <span>Name</span>
                <span>Side</span>
                <span>Aliases</span>
            </div>
            {advertisers.map((advertiser, index) => (
                <AdvertiserRow
                    key={index}
                    index={index}
                    advertiser={advertiser}
                    faults={faults}
                    change={(part) => replace(index, part)}
                    remove={() => change(advertisers.filter((_, at) => at !== index))}
                />
            ))}
            <button type="button" onClick={() => change([...advertisers, { ...EMPTY_ADVERTISER }])}>
                Add advertiser
            </button>
        </fieldset>
    );
}
