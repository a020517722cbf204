/* notice.tsx - what a screen says while it has nothing to show: loading, empty, failed. */
import type { ReactNode } from "react";
import { asProblem, problemText } from "../api/problem.ts";

export function Loading({ what }: { what: string }) {
    return (
        <div className="state" role="status">
            <span className="spinner" aria-hidden="true" />
            <p>Loading {what}…</p>
        </div>
    );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
    return (
        <div className="state">
            <h2>{title}</h2>
            {children}
        </div>
    );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
    const problem = asProblem(error);
    return (
        <div className="state" role="alert">
            <h2>{problem.title}</h2>
            {problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
            {problem.requestId && <p className="faint">Request {problem.requestId}</p>}
            {retry && (
                <button type="button" onClick={retry}>
                    Try again
                </button>
            )}
        </div>
    );
}

/** A failure inside a screen that otherwise works. */
export function InlineError({ error }: { error: unknown }) {
    return (
        <p className="inline-error" role="alert">
            {problemText(asProblem(error))}
        </p>
    );
}
