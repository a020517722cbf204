import assert from "node:assert/strict";
import { test } from "node:test";
import { commandOf, HELP, takesLetters, type Press } from "./keys.ts";

function press(key: string, more: Partial<Press> = {}): Press {
    return { key, code: "", shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, isTyping: false, ...more };
}

test("commandOf: one key, one command", () => {
    const found = ["j", "k", "s", "m", "x", "c", "v", "u", "?"].map((key) => commandOf(press(key))?.do);
    assert.deepEqual(found, ["next", "previous", "same", "merge", "separate", "combine", "covers", "undo", "help"]);
    assert.deepEqual(commandOf(press("S")), { do: "same" }, "caps lock does not matter");
    assert.deepEqual(commandOf(press("1")), { do: "winner", index: 0 });
    assert.deepEqual(commandOf(press("9")), { do: "winner", index: 8 });
    const shifted = { code: "Digit3", shiftKey: true };
    assert.deepEqual(commandOf(press("#", shifted)), { do: "include", index: 2 });
    assert.deepEqual(commandOf(press("§", shifted)), { do: "include", index: 2 }, "on any keyboard");
    assert.deepEqual(commandOf(press("?", { code: "Slash", shiftKey: true })), { do: "help" });
});

test("commandOf: the browser's keys and other keys stay theirs", () => {
    for (const key of ["0", "a", "Enter", " ", "Escape", "Shift", "winner"]) assert.equal(commandOf(press(key)), null, key);
    for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isTyping: true }]) {
        assert.equal(commandOf(press("s", more)), null);
    }
});

test("takesLetters: text fields do, check boxes and radios do not", () => {
    assert.equal(takesLetters("INPUT", "text", false), true);
    assert.equal(takesLetters("INPUT", "number", false), true);
    assert.equal(takesLetters("INPUT", "radio", false), false);
    assert.equal(takesLetters("SELECT", "select-one", false), true);
    assert.equal(takesLetters("DIV", "", true), true);
    assert.equal(takesLetters("BUTTON", "button", false), false);
});

test("HELP: names every key that does something", () => {
    const shown = HELP.map(([key]) => key);
    for (const key of ["j", "k", "s", "m", "x", "c", "v", "u", "?"]) assert.ok(shown.includes(key), key);
});
