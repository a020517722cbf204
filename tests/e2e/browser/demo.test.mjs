/* demo.test.mjs - what a newcomer sees first: the invented race, every cell with its page behind it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { cellText, missing, openBrowser, send, signIn } from "./chromium.mjs";

let server;
let browser;

before(async () => {
    if (missing) return;
    server = await startServer({ args: ["--demo"], ready: /demo: \d+ documents/, ms: 60_000 });
    browser = await openBrowser({ viewport: { width: 1600, height: 1000 } });
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

function dollars(cents) {
    const digits = String(Math.abs(cents)).padStart(3, "0");
    const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${cents < 0 ? "−" : ""}$${whole}.${digits.slice(-2)}`;
}

/* Some leaf cells with an amount, spread over the matrix. */
function samplesOf(matrix, count) {
    const leaves = matrix.rows.filter((row) => row.kind === "leaf" && row.cells.some((cell) => cell > 0));
    const step = Math.max(1, Math.floor(leaves.length / count));
    return leaves.filter((_, index) => index % step === 0).map((row) => {
        return { row, week: matrix.weeks[row.cells.findIndex((cell) => cell > 0)] };
    });
}

test("browser demo: the matrix is full, and cells lead to the page with the amount marked", { skip: missing }, async () => {
    const { page } = browser;
    const { items } = await send(server, "GET", "/api/v1/campaigns");
    const matrix = await send(server, "GET", `/api/v1/matrix?campaign_id=${items[0].id}`);
    await signIn(page, server);
    await page.getByRole("link", { name: items[0].name }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    assert.equal(await page.locator(".totals strong").textContent(), dollars(matrix.totals.total_cents));
    const first = matrix.rows[0];
    const { labels } = first;
    const texts = [labels.advertiser, labels.station ?? "–", labels.medium];
    assert.equal(await cellText(page, texts, "total"), dollars(first.total_cents));

    let marked = 0;
    for (const { row, week } of samplesOf(matrix, 5)) {
        const key = encodeURIComponent(`${row.key}@${week}`);
        await page.goto(`${server.url}/campaigns/${items[0].id}?cell=${key}`);
        await page.locator(".panel .line").first().waitFor();
        await page.waitForFunction(() => document.querySelector(".pdf-page[aria-busy=false], .panel .state:not([role=status])"));
        marked += await page.getByTestId("pdf-box").count();
    }
    assert.ok(marked >= 4, `amounts marked on their pages: ${marked}`);
});
