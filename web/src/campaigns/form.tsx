/* form.tsx - creates a campaign; each fault the server names is shown at its field. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { createCampaign } from "../api/client.ts";
import { asProblem, problemText } from "../api/problem.ts";
import { idempotencyKey } from "../api/wire.ts";
import { Header } from "../shell/header.tsx";
import { Link } from "../shell/link.tsx";
import { campaignPath, navigate } from "../shell/route.ts";
import { Field } from "../ui/field.tsx";
import { Advertisers } from "./advertisers.tsx";
import { bodyOf, EMPTY_DRAFT, localFaults, placeFaults, type CampaignDraft, type Faults } from "./draft.ts";
import { Scope, Timing } from "./fields.tsx";

/* One key as long as the body stays the same: pressing the button again after a lost answer creates nothing new. */
function useIdempotencyKey(): (text: string) => string {
    const last = useRef({ text: "", key: "" });
    return (text) => {
        if (last.current.text !== text) last.current = { text, key: idempotencyKey() };
        return last.current.key;
    };
}

function useCreate(draft: CampaignDraft) {
    const queries = useQueryClient();
    const keyFor = useIdempotencyKey();
    const [faults, setFaults] = useState<Faults>({});
    const create = useMutation({
        mutationFn: () => {
            const { body } = bodyOf(draft);
            return createCampaign(body, keyFor(JSON.stringify(body)));
        },
        onSuccess: (campaign) => {
            void queries.invalidateQueries({ queryKey: ["campaigns"] });
            queries.setQueryData(["campaign", campaign.id], campaign);
            navigate(campaignPath(campaign.id));
        },
        onError: (error) => {
            const { body, rows } = bodyOf(draft);
            setFaults(placeFaults(asProblem(error).errors, rows, body));
        },
    });
    const submit = () => {
        const local = localFaults(draft);
        setFaults(local);
        if (Object.keys(local).length === 0) create.mutate();
    };
    return { create, faults, submit };
}

/* After a refused attempt the keyboard goes to the first field that is wrong. */
function useFocusFirstFault(faults: Faults) {
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => {
        form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
    }, [faults]);
    return form;
}

export function CampaignForm() {
    const [draft, setDraft] = useState<CampaignDraft>(EMPTY_DRAFT);
    const change = (part: Partial<CampaignDraft>) => setDraft((before) => ({ ...before, ...part }));
    const { create, faults, submit } = useCreate(draft);
    const form = useFocusFirstFault(faults);
    useEffect(() => {
        document.title = "New campaign · TrailMix";
    }, []);
    const onSubmit = (event: FormEvent) => {
        event.preventDefault();
        submit();
    };
    return (
        <>
            <Header />
            <main className="page narrow">
                <h1>New campaign</h1>
                <form ref={form} onSubmit={onSubmit} noValidate>
                    <Field label="Name" faults={faults["name"]}>
                        {(control) => (
                            <input
                                {...control}
                                value={draft.name}
                                required
                                autoFocus
                                placeholder="Senate, general election"
                                onChange={(event) => change({ name: event.target.value })}
                            />
                        )}
                    </Field>
                    <Timing draft={draft} faults={faults} change={change} />
                    <Scope draft={draft} faults={faults} change={change} />
                    <Advertisers
                        advertisers={draft.advertisers}
                        faults={faults}
                        change={(advertisers) => change({ advertisers })}
                    />
                    <div className="form-end">
                        {create.error && (
                            <p className="fault" role="alert">
                                {[problemText(asProblem(create.error)), ...(faults[""] ?? [])].join(" · ")}
                            </p>
                        )}
                        <Link href="/" className="button quiet">
                            Cancel
                        </Link>
                        <button type="submit" className="primary" disabled={create.isPending}>
                            {create.isPending ? "Creating…" : "Create campaign"}
                        </button>
                    </div>
                </form>
            </main>
        </>
    );
}
