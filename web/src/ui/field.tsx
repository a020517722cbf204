/* field.tsx - a labelled control with its hint and its faults, tied together for screen readers. */
import { useId, type ReactNode } from "react";

export interface ControlProps {
    id: string;
    "aria-invalid": true | undefined;
    "aria-describedby": string | undefined;
}

interface Props {
    label: string;
    hint?: string;
    faults?: string[] | undefined;
    hideLabel?: boolean;
    children: (control: ControlProps) => ReactNode;
}

export function Field({ label, hint, faults, hideLabel, children }: Props) {
    const id = useId();
    const wrong = faults !== undefined && faults.length > 0;
    const described = [hint ? `${id}-hint` : "", wrong ? `${id}-fault` : ""].filter(Boolean).join(" ");
    return (
        <div className={wrong ? "field wrong" : "field"}>
            <label htmlFor={id} className={hideLabel ? "visually-hidden" : undefined}>
                {label}
            </label>
            {children({ id, "aria-invalid": wrong || undefined, "aria-describedby": described || undefined })}
            {wrong && (
                <p id={`${id}-fault`} className="fault">
                    {faults.join("; ")}
                </p>
            )}
            {hint && (
                <p id={`${id}-hint`} className="hint">
                    {hint}
                </p>
            )}
        </div>
    );
}
