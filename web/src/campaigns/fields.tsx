/* fields.tsx - the plain fields of the create form: when, and what is looked for. */
import { Field } from "../ui/field.tsx";
import type { CampaignDraft, Faults } from "./draft.ts";

interface Props {
    draft: CampaignDraft;
    faults: Faults;
    change: (part: Partial<CampaignDraft>) => void;
}

const US_ZONES = [
    "America/New_York",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Kentucky/Louisville",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
];

export function Timing({ draft, faults, change }: Props) {
    return (
        <div className="field-row">
            <Field label="Election date" faults={faults["election_date"]}>
                {(control) => (
                    <input
                        {...control}
                        type="date"
                        value={draft.electionDate}
                        onChange={(event) => change({ electionDate: event.target.value })}
                    />
                )}
            </Field>
            <Field label="Weeks run" faults={faults["week_basis"]}>
                {(control) => (
                    <select
                        {...control}
                        value={draft.weekBasis}
                        onChange={(event) => change({ weekBasis: event.target.value })}
                    >
                        <option value="broadcast">Monday – Sunday (broadcast)</option>
                        <option value="political">Tuesday – Monday (political)</option>
                    </select>
                )}
            </Field>
            <Field label="Time zone" faults={faults["tz"]}>
                {(control) => (
                    <>
                        <input
                            {...control}
                            value={draft.tz}
                            list="time-zones"
                            onChange={(event) => change({ tz: event.target.value })}
                        />
                        <datalist id="time-zones">
                            {US_ZONES.map((zone) => (
                                <option key={zone} value={zone} />
                            ))}
                        </datalist>
                    </>
                )}
            </Field>
        </div>
    );
}

export function Scope({ draft, faults, change }: Props) {
    return (
        <>
            <Field
                label="Markets"
                hint="DMA codes separated by commas, such as 504, 535. Empty takes every market."
                faults={faults["markets"]}
            >
                {(control) => (
                    <input
                        {...control}
                        value={draft.markets}
                        inputMode="numeric"
                        onChange={(event) => change({ markets: event.target.value })}
                    />
                )}
            </Field>
            <Field
                label="Keywords"
                hint="A line whose advertiser or product contains one of these reaches the campaign too."
                faults={faults["keywords"]}
            >
                {(control) => (
                    <input
                        {...control}
                        value={draft.keywords}
                        onChange={(event) => change({ keywords: event.target.value })}
                    />
                )}
            </Field>
        </>
    );
}
