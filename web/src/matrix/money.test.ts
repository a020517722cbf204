import assert from "node:assert/strict";
import { test } from "node:test";
import { addCents, formatCents, formatChange, parseCents, sumCents } from "./money.ts";

test("formatCents: dollars and cents exactly", () => {
    assert.equal(formatCents(2100000), "$21,000.00");
    assert.equal(formatCents(428571), "$4,285.71");
    assert.equal(formatCents(5), "$0.05");
    assert.equal(formatCents(50), "$0.50");
    assert.equal(formatCents(100), "$1.00");
    assert.equal(formatCents(99999), "$999.99");
    assert.equal(formatCents(100000000), "$1,000,000.00");
});

test("formatCents: a known zero differs from nothing known", () => {
    assert.equal(formatCents(0), "$0.00");
    assert.equal(formatCents(-0), "$0.00");
    assert.equal(formatCents(null), "–");
    assert.equal(formatCents(undefined), "–");
});

test("formatCents: credits carry a minus sign before the dollar sign", () => {
    assert.equal(formatCents(-42857), "−$428.57");
    assert.equal(formatCents(-7), "−$0.07");
});

test("formatCents: the largest safe amount keeps its last cent", () => {
    assert.equal(formatCents(Number.MAX_SAFE_INTEGER), "$90,071,992,547,409.91");
    assert.equal(formatCents(8796093022208099), "$87,960,930,222,080.99");
});

test("formatCents: refuses fractions", () => {
    assert.throws(() => formatCents(0.5), RangeError);
    assert.throws(() => formatCents(Number.MAX_SAFE_INTEGER + 1), RangeError);
});

test("sums keep null apart from zero", () => {
    assert.equal(addCents(null, null), null);
    assert.equal(addCents(null, 0), 0);
    assert.equal(addCents(5, null), 5);
    assert.equal(sumCents([null, 428571, 571429]), 1000000);
    assert.equal(sumCents([null, null]), null);
    assert.equal(sumCents([]), null);
});

test("parseCents: what people type, exactly", () => {
    const cases: [string, number][] = [
        ["9500", 950_000],
        ["$9,500.00", 950_000],
        ["⚑ $9,500.05", 950_005],
        ["9500.5", 950_050],
        [".5", 50],
        ["0", 0],
        ["-0", 0],
        ["-12.34", -1_234],
        ["−$1,000.00", -100_000],
        ["(250)", -25_000],
        ["12k", 1_200_000],
        ["1.5m", 150_000_000],
        ["0.1", 10],
        ["1.10", 110],
        ["4285.710", 428_571],
    ];
    for (const [text, cents] of cases) assert.equal(parseCents(text), cents, text);
});

test("parseCents: what is no amount, or would have to be rounded, is refused", () => {
    for (const text of ["", "–", "-", "$", "abc", "1.234", "12,34", "1,2345", "1e5", "(5", "5)", "9999999999999999", "NaN"]) {
        assert.equal(parseCents(text), null, text);
    }
});

test("parseCents: reads what formatCents writes", () => {
    for (const cents of [0, 1, -1, 99, 100, -428_571, 123_456_789_012]) assert.equal(parseCents(formatCents(cents)), cents);
});

test("formatChange: a rise says so", () => {
    assert.equal(formatChange(800_000), "+$8,000.00");
    assert.equal(formatChange(-800_000), "−$8,000.00");
    assert.equal(formatChange(0), "$0.00");
    assert.equal(formatChange(null), "–");
});
