/* bulk.test.mjs - many at once: exceptions closed with one reason, pending lines given to a campaign. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { orderPdf } from "../with.mjs";
import { startServer, storeInput } from "../server.mjs";
import { createCampaign, missing, openBrowser, send, signIn, waitForCell } from "./chromium.mjs";

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

test("browser exceptions: a range is chosen with Shift and closed with one reason", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Problem race" });
    /* Each order names a station that nobody knows. */
    for (let number = 0; number < 4; number++) {
        const bytes = orderPdf({ number: `730200${number}`, station: `XQZ${number}`, advertiser: "Ours for Senate" });
        await storeInput(server, `problem ${number}.pdf`, bytes, `&campaign_id=${id}`);
    }
    const before = (await send(server, "GET", `/api/v1/exceptions?campaign_id=${id}&status=open`)).items;
    assert.ok(before.length >= 3, `exceptions to work with: ${before.length}`);
    await page.goto(`${server.url}/campaigns/${id}/exceptions`);
    const boxes = page.locator("tbody").getByRole("checkbox");
    await page.waitForFunction((n) => document.querySelectorAll("tbody input[type=checkbox]").length === n, before.length);
    await boxes.nth(0).click();
    await boxes.nth(2).click({ modifiers: ["Shift"] });
    await page.getByText("3 selected").waitFor();
    await page.getByRole("button", { name: "Close 3" }).click();
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("placeholder")), "Why nothing more is to do");
    await page.keyboard.type("known call signs, market is right");
    await page.keyboard.press("Enter");
    await page.getByText("3 closed.").waitFor();
    await page.waitForFunction((n) => document.querySelectorAll("tbody input[type=checkbox]").length === n, before.length - 3);
    const closed = (await send(server, "GET", `/api/v1/exceptions?campaign_id=${id}&status=closed`)).items;
    assert.equal(closed.length, 3);
    for (const each of closed) assert.equal(each.closed_reason, "known call signs, market is right");

    await page.getByLabel("Status").selectOption("closed");
    await page.getByText("“known call signs, market is right”").first().waitFor();
    const kind = closed[0].kind;
    await page.getByLabel("Kind").selectOption(kind);
    assert.match(page.url(), new RegExp(`kind=${kind}`));
    await page.reload();
    await page.getByText(kind.replaceAll("_", " "), { exact: true }).first().waitFor();
});

test("browser pending: all lines are chosen and given to one campaign", { skip: missing }, async () => {
    const other = await createCampaign(server, { name: "Right race", markets: [999], advertisers: [{ name: "Somebody", side: "for", aliases: [] }] });
    const here = await createCampaign(server, { name: "Wrong race", markets: [998], advertisers: [{ name: "Else", side: "for", aliases: [] }] });
    for (let number = 0; number < 3; number++) {
        const bytes = orderPdf({ number: `740300${number}`, station: "WAAA", advertiser: "Nobody Knows Us" });
        await storeInput(server, `pending ${number}.pdf`, bytes);
    }
    await page.goto(`${server.url}/campaigns/${here.id}/pending`);
    const boxes = page.locator("tbody").getByRole("checkbox");
    await boxes.nth(2).waitFor();
    await page.getByLabel("Select all lines").click();
    const count = await boxes.count();
    await page.getByText(`${count} selected`).waitFor();
    await page.getByLabel("Campaign", { exact: true }).last().selectOption(other.id);
    await page.getByRole("button", { name: `Assign ${count}` }).click();
    await page.getByText(`${count} assigned to Right race.`).waitFor();
    await page.getByRole("heading", { name: "Nothing is pending" }).waitFor();
    await page.goto(`${server.url}/campaigns/${other.id}`);
    await waitForCell(page, ["Nobody Knows Us", "WAAA"], "total", `$${count},000.00`);
});
