import assert from "node:assert/strict";
import { test } from "node:test";
import { addCents, formatCents, sumCents } from "./money.ts";

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
