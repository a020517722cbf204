/* keys.ts - the keyboard of the review: one key, one verdict. Pure. */
export type Command =
    | { do: "next" | "previous" | "same" | "merge" | "separate" | "combine" | "covers" | "undo" | "help" }
    | { do: "winner" | "include"; index: number };

export interface Press {
    key: string;
    /** The key's place: with Shift a digit's key says something else on each keyboard. */
    code: string;
    shiftKey: boolean;
    ctrlKey: boolean;
    metaKey: boolean;
    altKey: boolean;
    /** A field has the focus: letters belong to it. */
    isTyping: boolean;
}

type Word = Exclude<Command["do"], "winner" | "include">;

const KEYS: Record<string, Word> = {
    j: "next",
    k: "previous",
    s: "same",
    m: "merge",
    x: "separate",
    c: "combine",
    v: "covers",
    u: "undo",
    "?": "help",
};

/** What the help overlay shows, in its order. */
export const HELP: readonly [string, string][] = [
    ["j", "next group"],
    ["k", "previous group"],
    ["1 … 9", "choose the line that counts"],
    ["Shift + 1 … 9", "leave a line of several out of the verdict, or take it in again"],
    ["s", "same buy: keep the chosen line as it is"],
    ["m", "same buy: keep the chosen line, fill its empty fields from the copies"],
    ["x", "separate buys: each counts"],
    ["c", "combine: parts of one buy become one line with their sum"],
    ["v", "covers: the market total covers the station lines"],
    ["u", "undo the last verdict"],
    ["?", "this help"],
];

/** The command of a key press; null for all others, also for those that belong to the browser. */
export function commandOf(press: Press): Command | null {
    if (press.isTyping || press.ctrlKey || press.metaKey || press.altKey) return null;
    const digit = /^Digit([1-9])$/.exec(press.code)?.[1];
    if (press.shiftKey && digit !== undefined) return { do: "include", index: Number(digit) - 1 };
    if (/^[1-9]$/.test(press.key)) return { do: "winner", index: Number(press.key) - 1 };
    const command = KEYS[press.key.length === 1 ? press.key.toLowerCase() : ""];
    return command === undefined ? null : { do: command };
}

/** Whether an element takes letters itself. */
export function takesLetters(tag: string, type: string, isEditable: boolean): boolean {
    if (isEditable || tag === "TEXTAREA" || tag === "SELECT") return true;
    return tag === "INPUT" && !["radio", "checkbox", "button", "range"].includes(type);
}
