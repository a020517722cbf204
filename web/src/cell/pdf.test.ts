import assert from "node:assert/strict";
import { test } from "node:test";
import { isPdf, plainText } from "./pdf.ts";

function bytes(text: string): ArrayBuffer {
    return new TextEncoder().encode(text).buffer as ArrayBuffer;
}

test("isPdf: the mark may follow some rubbish, not much", () => {
    assert.equal(isPdf(bytes("%PDF-1.4\n")), true);
    assert.equal(isPdf(bytes(`${"x".repeat(500)}%PDF-1.7`)), true);
    assert.equal(isPdf(bytes(`${"x".repeat(2000)}%PDF-1.7`)), false);
    assert.equal(isPdf(bytes("")), false);
});

test("plainText: short clean UTF-8 only", () => {
    assert.equal(plainText(bytes("a,b\r\n1,2\n")), "a,b\r\n1,2\n");
    assert.equal(plainText(bytes("a\u0000b")), null);
    assert.equal(plainText(new Uint8Array([0xff, 0xfe, 0x41]).buffer), null);
    assert.equal(plainText(bytes("x".repeat(300_000))), null);
});
