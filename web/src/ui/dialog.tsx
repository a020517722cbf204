/* dialog.tsx - a box above the page that keeps the focus until it is closed. */
import { useEffect, useId, useRef, type ReactNode } from "react";

interface Props {
    title: string;
    close: () => void;
    children: ReactNode;
}

export function Dialog({ title, close, children }: Props) {
    const box = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const before = document.activeElement;
        box.current?.showModal();
        return () => {
            if (before instanceof HTMLElement) before.focus();
        };
    }, []);
    return (
        <dialog
            ref={box}
            className="dialog"
            aria-labelledby={id}
            onCancel={(event) => {
                event.preventDefault(); /* React takes it away, so that state and page agree */
                close();
            }}
        >
            <div className="dialog-head">
                <h2 id={id}>{title}</h2>
                <button type="button" className="quiet" aria-label="Close" onClick={close}>
                    ✕
                </button>
            </div>
            {children}
        </dialog>
    );
}
