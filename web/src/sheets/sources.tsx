/* sources.tsx - whose sheet is it? */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { listMappings } from "../api/sheets.ts";

/* Sources that exist from the first start and send sheets; others have a mapping. */
const KNOWN = ["rep_mail", "adimpact", "upload", "newsletter", "press", "manual"];

export function useMappings() {
    return useQuery({ queryKey: ["mappings"], queryFn: () => listMappings(null), staleTime: 30_000 });
}

interface Props {
    label: string;
    value: string;
    change: (source: string) => void;
}

/** A field with suggestions: the server knows which sources there are, and says so if one is not. */
export function SourceField({ label, value, change }: Props) {
    const id = useId();
    const { data } = useMappings();
    const mapped = (data?.items ?? []).map((mapping) => mapping.source);
    const names = [...new Set([...mapped, ...KNOWN])];
    return (
        <label className="inline">
            {label}{" "}
            <input
                value={value}
                list={id}
                maxLength={50}
                required
                autoComplete="off"
                onChange={(event) => change(event.target.value)}
            />
            <datalist id={id}>
                {names.map((name) => (
                    <option key={name} value={name} />
                ))}
            </datalist>
        </label>
    );
}
