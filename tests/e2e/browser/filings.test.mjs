/* filings.test.mjs - from a dropped PDF to the marked amount on its page, and lines that fit no campaign. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { cellText, createCampaign, missing, openBrowser, rowIndex, signIn, waitForCell } from "./chromium.mjs";
import { AMOUNT_AT, makeOrder, makePdf, PAGE_HEIGHT_PT, PAGE_WIDTH_PT } from "./paper.mjs";

const OURS = ["For", "Ours for Senate", "WAAA"];
let server;
let browser;
let page;

before(async () => {
    if (missing) return;
    server = await startServer({});
    browser = await openBrowser();
    page = browser.page;
    await signIn(page, server);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

/* As a person drops files from a folder: the page sees a real drop event with real files. */
async function drop(files) {
    const list = files.map(({ name, bytes }) => ({ name, base64: bytes.toString("base64") }));
    const transfer = await page.evaluateHandle((given) => {
        const data = new DataTransfer();
        for (const { name, base64 } of given) {
            const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
            data.items.add(new File([bytes], name, { type: name.endsWith(".pdf") ? "application/pdf" : "" }));
        }
        return data;
    }, list);
    const target = page.locator(".drop-target");
    await target.dispatchEvent("dragenter", { dataTransfer: transfer });
    await page.getByText("to read them into this campaign").waitFor();
    await target.dispatchEvent("drop", { dataTransfer: transfer });
}

/** Dark pixels of the shown page inside the marked box: the amount is drawn there. */
async function inkInBox() {
    return page.evaluate(() => {
        const canvas = document.querySelector(".pdf-page canvas");
        const box = document.querySelector("[data-testid=pdf-box]").getBoundingClientRect();
        const frame = canvas.getBoundingClientRect();
        const scale = canvas.width / frame.width;
        const { data } = canvas
            .getContext("2d")
            .getImageData((box.x - frame.x) * scale, (box.y - frame.y) * scale, box.width * scale, box.height * scale);
        let dark = 0;
        for (let at = 0; at < data.length; at += 4) dark += data[at] + data[at + 1] + data[at + 2] < 380 ? 1 : 0;
        return dark;
    });
}

test("browser filings: a dropped order is read, reaches the matrix and shows where it was read", { skip: missing }, async () => {
    const { id } = await createCampaign(server);
    await page.goto(`${server.url}/campaigns/${id}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await drop([
        { name: "WAAA order.pdf", bytes: makeOrder() },
        { name: "notes.txt", bytes: Buffer.from("no filing") },
    ]);
    const tray = page.getByRole("region", { name: "Filings", exact: true });
    const item = (name) => tray.getByRole("listitem").filter({ hasText: name });
    await item("notes.txt").getByText("Only PDF, CSV and XLSX files are taken here").waitFor();
    await item("WAAA order.pdf").getByText("read", { exact: true }).waitFor({ timeout: 30_000 });
    await item("WAAA order.pdf").getByText("1 line", { exact: false }).waitFor();
    await waitForCell(page, OURS, "2026-10-12", "$9,000.00");
    assert.equal(await cellText(page, OURS, "total"), "$21,000.00");

    const row = await rowIndex(page, OURS);
    await page.locator(`.ag-row[row-index="${row}"] .ag-cell[col-id="2026-10-12"]`).click();
    const panel = page.getByLabel("Lines behind the cell");
    await panel.getByText("Order 3871301 rev 2").waitFor();
    await panel.getByText(`Page ${AMOUNT_AT.page} of 2`).waitFor();
    const box = panel.getByTestId("pdf-box");
    await box.waitFor();
    const sheet = await panel.locator(".pdf-page").boundingBox();
    const mark = await box.boundingBox();
    const x = ((mark.x + mark.width / 2 - sheet.x) / sheet.width) * PAGE_WIDTH_PT;
    const y = ((mark.y + mark.height / 2 - sheet.y) / sheet.height) * PAGE_HEIGHT_PT;
    assert.ok(Math.abs(y - (AMOUNT_AT.y - 3.5)) < 5, `the box is at the amount's height: ${y}`);
    assert.ok(x > AMOUNT_AT.x && x < AMOUNT_AT.x + 60, `the box is at the amount: ${x}`);
    await page.waitForFunction(() => document.querySelector(".pdf-page[aria-busy=false]"));
    assert.ok((await inkInBox()) > 20, "the amount is drawn inside the box");

    await panel.getByRole("button", { name: "Previous page" }).click();
    await panel.getByText("Page 1 of 2").waitFor();
    await panel.getByRole("button", { name: "Zoom in" }).click();
    await panel.getByText("125 %").waitFor();
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
});

test("browser filings: known bytes are known, a paper without text says so", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Second race" });
    await page.goto(`${server.url}/campaigns/${id}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.locator('input[type="file"]').setInputFiles([
        { name: "again.pdf", mimeType: "application/pdf", buffer: makeOrder() },
        { name: "scan.pdf", mimeType: "application/pdf", buffer: makePdf([[]]) },
    ]);
    const tray = page.getByRole("region", { name: "Filings", exact: true });
    await tray.getByText("2 of 2 done").waitFor({ timeout: 30_000 });
    const item = (name) => tray.getByRole("listitem").filter({ hasText: name });
    await item("again.pdf").getByText("read", { exact: true }).waitFor();
    await item("scan.pdf").getByText(/^(unreadable|ignored)$/).waitFor();
    await tray.getByRole("button", { name: "Clear finished" }).click();
    await tray.waitFor({ state: "detached" });
});

test("browser filings: a line of no campaign waits, and one press gives it to this one", { skip: missing }, async () => {
    const { id } = await createCampaign(server, {
        name: "Narrow race",
        markets: [999],
        advertisers: [{ name: "Somebody Else", side: "for", aliases: [] }],
    });
    const advertiser = "Nobody Knows Us";
    const answer = await fetch(`${server.url}/api/v1/inputs?source=fcc&filename=other.pdf`, {
        method: "POST",
        headers: { "x-api-key": server.key, "content-type": "application/pdf" },
        body: makeOrder({ order: "5550001", revision: "0", gross: "$14,000.00", advertiser }),
    });
    assert.ok(answer.ok, `upload: ${answer.status}`);
    await page.goto(`${server.url}/campaigns/${id}/pending`);
    const row = page.getByRole("row").filter({ hasText: "5550001" });
    for (let tries = 0; tries < 40 && (await row.count()) === 0; tries++) {
        await page.waitForTimeout(250);
        await page.reload();
        await page.getByRole("heading", { name: /Pending lines|Nothing is pending/ }).first().waitFor();
        await page.waitForTimeout(100);
    }
    await row.getByText("$14,000.00").waitFor();
    await row.getByRole("button", { name: /^Assign/ }).click();
    await row.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Matrix" }).click();
    await waitForCell(page, [advertiser, "WAAA"], "total", "$14,000.00");
    await page.getByRole("link", { name: "Exceptions" }).click();
    await page.getByRole("heading", { name: "Exceptions", exact: true }).waitFor();
});
