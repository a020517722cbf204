/* edit-bar.tsx - the edits that wait: how many, what they add, save with one reason, or not at all. */
import { useEffect, useRef, useState, type FormEvent } from "react";
import { conflictOf } from "../api/review.ts";
import type { Matrix } from "../api/shapes.ts";
import { useUndo } from "../review/use-undo.ts";
import { InlineError } from "../ui/notice.tsx";
import { changeOf, hasConflict, type Edit } from "./edits.ts";
import { splitCellKey } from "./fold.ts";
import { formatCents, formatChange } from "./money.ts";
import type { useEdits } from "./use-edits.ts";
import { shortDay } from "./weeks.ts";

type State = ReturnType<typeof useEdits>;

function counted(count: number): string {
    return count === 1 ? "1 edit" : `${count} edits`;
}

function cellName(key: string, matrix: Matrix): string {
    const at = splitCellKey(key);
    const labels = matrix.rows.find((row) => row.key === at?.row)?.labels;
    const parts = [labels?.advertiser, labels?.market, labels?.medium, labels?.station].filter(Boolean);
    return `${parts.join(" · ") || at?.row}, week of ${at ? shortDay(at.week) : key}`;
}

function Conflict({ edit, matrix, state }: { edit: Edit; matrix: Matrix; state: State }) {
    const name = cellName(edit.key, matrix);
    return (
        <li>
            <span>
                {name}: you saw {formatCents(edit.before)}, it is now{" "}
                <strong>{formatCents(edit.conflict?.cents)}</strong>; you want <strong>{formatCents(edit.cents)}</strong>.
            </span>
            <button type="button" aria-label={`Keep mine for ${name}`} onClick={() => state.insist(edit.key)}>
                Keep mine
            </button>
            <button type="button" aria-label={`Take theirs for ${name}`} onClick={() => state.drop(edit.key)}>
                Take theirs
            </button>
        </li>
    );
}

function Conflicts({ matrix, state }: { matrix: Matrix; state: State }) {
    const conflicts = [...state.edits.values()].filter((edit) => edit.conflict);
    if (conflicts.length === 0) return null;
    return (
        <div className="edit-conflicts" role="alert">
            <p>Somebody changed what you saw. Nothing was saved; the other edits are kept.</p>
            <ul>
                {conflicts.map((edit) => (
                    <Conflict key={edit.key} edit={edit} matrix={matrix} state={state} />
                ))}
            </ul>
        </div>
    );
}

function Saved({ state }: { state: State }) {
    const answer = state.save.data;
    const undo = useUndo();
    if (!answer || state.edits.size > 0) return null;
    const tokens = answer.adjustments.map((each) => each.undo_token ?? each.id);
    return (
        <div className="edit-bar" role="status">
            <span>
                {undo.isSuccess
                    ? `${counted(tokens.length)} taken back.`
                    : `${counted(tokens.length)} saved as version ${answer.version}.`}
            </span>
            {!undo.isSuccess && (
                <button type="button" disabled={undo.isPending} onClick={() => undo.mutate(tokens)}>
                    {undo.isPending ? "Undoing…" : "Undo"}
                </button>
            )}
            <button type="button" className="quiet" aria-label="Close message" onClick={() => state.save.reset()}>
                ✕
            </button>
            {undo.error && <InlineError error={undo.error} />}
        </div>
    );
}

function SaveForm({ state }: { state: State }) {
    const [reason, setReason] = useState("");
    const input = useRef<HTMLInputElement>(null);
    const { save } = state;
    const blocked = hasConflict(state.edits);
    const submit = (event: FormEvent) => {
        event.preventDefault();
        if (reason.trim() === "") return input.current?.focus();
        save.mutate(reason.trim());
    };
    return (
        <form className="edit-form" onSubmit={submit}>
            <label>
                <span className="visually-hidden">Reason of the edits</span>
                <input
                    ref={input}
                    value={reason}
                    maxLength={500}
                    required
                    placeholder="Reason, such as: rep called, revision follows"
                    onChange={(event) => setReason(event.target.value)}
                />
            </label>
            <button type="submit" className="primary" disabled={save.isPending || blocked}>
                {save.isPending ? "Saving…" : `Save ${counted(state.edits.size)}`}
            </button>
        </form>
    );
}

/** `canSave` is false in views in which amounts cannot be edited. */
export function EditBar({ state, matrix, canSave }: { state: State; matrix: Matrix; canSave: boolean }) {
    const { edits, fault, save } = state;
    const busy = edits.size > 0;
    useEffect(() => {
        if (!busy) return undefined;
        const warn = (event: BeforeUnloadEvent) => event.preventDefault();
        addEventListener("beforeunload", warn);
        return () => removeEventListener("beforeunload", warn);
    }, [busy]);
    return (
        <>
            {fault && (
                <p className="inline-error edit-fault" role="alert">
                    {fault}
                </p>
            )}
            <Saved state={state} />
            {busy && (
                <section className="edit-bar" aria-label="Edits that are not saved">
                    <span>
                        <strong>{counted(edits.size)}</strong> not saved, {formatChange(changeOf(edits))}
                    </span>
                    {canSave ? (
                        <SaveForm state={state} />
                    ) : (
                        <span className="faint">They can be saved in the view “Booked”, “Gross”, as of now, with their rows shown.</span>
                    )}
                    <button type="button" onClick={state.discard}>
                        Discard
                    </button>
                    <Conflicts matrix={matrix} state={state} />
                    {save.error && !conflictOf(save.error) && <InlineError error={save.error} />}
                </section>
            )}
        </>
    );
}
