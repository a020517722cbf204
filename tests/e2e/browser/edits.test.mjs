/* edits.test.mjs - amounts edited in the grid: collected, saved together, refused one by one, taken back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { cellText, createCampaign, missing, openBrowser, postLine, rowIndex, send, signIn, waitForCell } from "./chromium.mjs";

const OURS = ["For", "Ours for Senate", "WAAA"];
const WEEKS = ["2026-10-12", "2026-10-19", "2026-10-26"];
let server;
let browser;
let page;

before(async () => {
    if (missing) return;
    server = await startServer({});
    browser = await openBrowser({ allow: [/status of 409/, /net::ERR_FAILED/] });
    page = browser.page;
    await signIn(page, server);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function cell(texts, week) {
    const row = await rowIndex(page, texts);
    return page.locator(`.ag-row[row-index="${row}"] .ag-cell[col-id="${week}"]`);
}

async function type(week, text) {
    await (await cell(OURS, week)).dblclick();
    await page.locator(".ag-cell-inline-editing input").waitFor();
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
    await page.keyboard.press("Enter");
}

const bar = () => page.getByRole("region", { name: "Edits that are not saved" });

async function open(id) {
    await page.goto(`${server.url}/campaigns/${id}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await waitForCell(page, OURS, WEEKS[0], "$9,000.00");
}

test("browser edits: several cells, one reason; marked, explained, and taken back", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Edit race" });
    await postLine(server, id, { order_no: "500100" });
    await open(id);
    await type(WEEKS[0], "9,500");
    await waitForCell(page, OURS, WEEKS[0], "✱ $9,500.00");
    await type(WEEKS[1], "nonsense");
    await page.getByText("“nonsense” is no amount").waitFor();
    await type(WEEKS[1], "10k");
    await bar().getByText("2 edits", { exact: true }).waitFor();
    assert.match(await bar().textContent(), /2 edits not saved, \$0\.00/);
    assert.equal(await page.locator(".panel").count(), 0, "a double press opens no panel");

    await page.getByRole("link", { name: "Exceptions" }).click();
    await page.getByRole("link", { name: "Matrix" }).click();
    await bar().getByText("2 edits", { exact: true }).waitFor(); /* a look elsewhere loses nothing */

    await bar().getByRole("button", { name: "Save 2 edits" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "INPUT", "a reason is asked for");
    await page.keyboard.type("rep called");
    await page.keyboard.press("Enter");
    await page.getByText(/2 edits saved as version \d+/).waitFor();
    await waitForCell(page, OURS, WEEKS[0], "✎ $9,500.00");
    await waitForCell(page, OURS, WEEKS[1], "✎ $10,000.00");
    await waitForCell(page, OURS, "total", "$21,000.00");
    const { items } = await send(server, "GET", `/api/v1/matrix/adjustments?campaign_id=${id}`);
    assert.deepEqual(items.map((each) => [each.gross_cents, each.delta_cents, each.reason]).sort(), [
        [950_000, 50_000, "rep called"],
        [1_000_000, -50_000, "rep called"],
    ].sort());

    await (await cell(OURS, WEEKS[0])).click();
    const edits = page.getByRole("region", { name: "Edits of this cell" });
    await edits.getByText("“rep called”").waitFor();
    assert.match(await edits.textContent(), /\$9,000\.00 → \$9,500\.00 \(\+\$500\.00\)/);
    await edits.getByRole("button", { name: /^Undo the edit/ }).click();
    await waitForCell(page, OURS, WEEKS[0], "$9,000.00");
    await edits.getByText(/undone/).waitFor();
    await page.getByRole("button", { name: "Close panel" }).click(); /* it leaves no room for the total */
    await waitForCell(page, OURS, "total", "$20,500.00");
});

test("browser edits: a cell changed meanwhile is refused alone, and the author decides", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Conflict race" });
    await postLine(server, id, { order_no: "500100", revision: "1" });
    await open(id);
    await type(WEEKS[0], "9500");
    await type(WEEKS[2], "2000");
    await bar().getByText("2 edits", { exact: true }).waitFor();
    /* Another airing in the first week only: the edit of that cell is out of date, the other is not. */
    await postLine(server, id, { order_no: "500101", flight_from: "2026-10-12", flight_to: "2026-10-18", gross_cents: 100_000 });
    const matrix = await send(server, "GET", `/api/v1/matrix?campaign_id=${id}`);
    assert.equal(matrix.rows[0].cells[0], 1_000_000);
    await bar().getByLabel("Reason of the edits").fill("two calls");
    await page.keyboard.press("Enter");
    const told = bar().getByRole("alert");
    await told.getByText("you saw $9,000.00, it is now $10,000.00; you want $9,500.00").waitFor();
    assert.equal((await send(server, "GET", `/api/v1/matrix/adjustments?campaign_id=${id}`)).items.length, 0, "nothing was saved");
    await bar().getByText("2 edits", { exact: true }).waitFor();
    await told.getByRole("button", { name: /^Keep mine/ }).click();
    await bar().getByRole("button", { name: "Save 2 edits" }).click();
    await page.getByText(/2 edits saved/).waitFor();
    await waitForCell(page, OURS, WEEKS[0], "✎ $9,500.00");
    await waitForCell(page, OURS, WEEKS[2], "✎ $2,000.00");
    await page.getByRole("status").getByRole("button", { name: "Undo" }).click();
    await page.getByText("2 edits taken back").waitFor();
    await waitForCell(page, OURS, WEEKS[0], "$10,000.00");
    await waitForCell(page, OURS, WEEKS[2], "$1,500.00");
});

test("browser edits: the server's refusal names the cell, even where this page knew nothing of it", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Stale race" });
    await postLine(server, id, { order_no: "500100" });
    await page.route("**/api/v1/live?**", (route) => route.abort());
    try {
        await page.goto(`${server.url}/campaigns/${id}`);
        await waitForCell(page, OURS, WEEKS[0], "$9,000.00");
        await type(WEEKS[0], "1234.56");
        await postLine(server, id, { order_no: "500101", flight_from: "2026-10-12", flight_to: "2026-10-18", gross_cents: 100_000 });
        await bar().getByLabel("Reason of the edits").fill("stale");
        await page.keyboard.press("Enter");
        await bar().getByText("it is now $10,000.00").waitFor();
        await bar().getByRole("button", { name: /^Take theirs/ }).click();
        await bar().waitFor({ state: "detached" });
    } finally {
        await page.unroute("**/api/v1/live?**");
    }
});

test("browser edits: by keyboard; only station cells of the booked gross view can be edited", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Keyboard race" });
    await postLine(server, id, { order_no: "500100" });
    await open(id);
    const first = await cell(OURS, WEEKS[0]);
    await first.evaluate((element) => element.focus());
    await page.keyboard.press("Enter");
    await page.locator(".ag-cell-inline-editing input").waitFor();
    await page.keyboard.press("Escape");
    assert.equal(await bar().count(), 0);
    await page.keyboard.type("7");
    await page.locator(".ag-cell-inline-editing input").waitFor();
    await page.keyboard.type("000");
    await page.keyboard.press("Enter");
    await waitForCell(page, OURS, WEEKS[0], "✱ $7,000.00");
    await bar().getByRole("button", { name: "Discard" }).click();
    await waitForCell(page, OURS, WEEKS[0], "$9,000.00");

    await (await cell(["For", "All advertisers"], WEEKS[0])).dblclick();
    await page.waitForTimeout(300);
    assert.equal(await page.locator(".ag-cell-inline-editing").count(), 0, "a subtotal is a sum");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Net", exact: true }).click();
    await waitForCell(page, OURS, WEEKS[0], "$7,650.00");
    await (await cell(OURS, WEEKS[0])).dblclick();
    await page.waitForTimeout(300);
    assert.equal(await page.locator(".ag-cell-inline-editing").count(), 0, "net follows from gross");
    assert.equal(await cellText(page, OURS, WEEKS[0]), "$7,650.00");
});
