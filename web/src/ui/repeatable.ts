/* repeatable.ts - the idempotency key of a write that a person may send again after a lost answer. */
import { useRef } from "react";
import { idempotencyKey } from "../api/wire.ts";

/** One key as long as the body stays the same: pressing again does nothing twice. After success call `done`. */
export function useRepeatable(): { keyFor: (body: unknown) => string; done: () => void } {
    const last = useRef({ text: "", key: "" });
    return {
        keyFor: (body) => {
            const text = JSON.stringify(body);
            if (last.current.text !== text) last.current = { text, key: idempotencyKey() };
            return last.current.key;
        },
        done: () => {
            last.current = { text: "", key: "" };
        },
    };
}
