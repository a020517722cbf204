/* campaigns.test.mjs - the list and the form that creates a campaign. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { missing, openBrowser, send, signIn } from "./chromium.mjs";

let server;

before(async () => {
    if (!missing) server = await startServer({});
});
after(() => server?.stop());

test("browser campaigns: an empty list, faults at their fields, then the new campaign", { skip: missing }, async () => {
    const browser = await openBrowser({ allow: [/status of 422/] });
    const { page } = browser;
    await signIn(page, server);
    await page.getByRole("heading", { name: "No campaigns yet" }).waitFor();
    await page.getByRole("link", { name: "New campaign" }).click();

    await page.getByRole("button", { name: "Create campaign" }).click();
    await page.getByText("A campaign needs a name").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "INPUT", "the faulty field has the focus");

    await page.getByLabel("Name", { exact: true }).fill("Senate, general");
    await page.getByLabel("Election date").fill("2026-11-03");
    await page.getByLabel("Markets").fill("504, 99");
    await page.getByLabel("Name of advertiser 1").fill("Ours for Senate");
    await page.getByRole("button", { name: "Add advertiser" }).click();
    await page.getByLabel("Name of advertiser 2").fill("Theirs for Senate");
    await page.getByRole("button", { name: "Create campaign" }).click();
    const markets = page.getByLabel("Markets");
    await page.locator(".field.wrong", { has: markets }).locator(".fault", { hasText: "99" }).waitFor();
    assert.equal(await markets.getAttribute("aria-invalid"), "true");

    await markets.fill("504, 535");
    await page.getByRole("button", { name: "Create campaign" }).click();
    await page.getByRole("heading", { name: "No spending known yet" }).waitFor();
    const id = decodeURIComponent(new URL(page.url()).pathname.split("/")[2]);
    const record = await send(server, "GET", `/api/v1/campaigns/${id}`);
    assert.equal(record.name, "Senate, general");
    assert.equal(record.election_date, "2026-11-03");
    assert.deepEqual(record.markets, [504, 535]);
    assert.deepEqual(record.advertisers.map(({ name, side }) => [name, side]), [
        ["Ours for Senate", "for"],
        ["Theirs for Senate", "against"],
    ]);

    await page.getByRole("link", { name: "TrailMix, all campaigns" }).click();
    await page.getByRole("link", { name: "Senate, general" }).waitFor();
    await page.getByText("Tue Nov 3, 2026").waitFor();
    await browser.close();
});

test("browser campaigns: one that does not exist says so", { skip: missing }, async () => {
    const other = await startServer({});
    const browser = await openBrowser({ allow: [/status of 404/] });
    try {
        await signIn(browser.page, other);
        await browser.page.goto(`${other.url}/campaigns/cmp_0000000000000`);
        await browser.page.getByRole("alert").waitFor();
        await browser.page.goto(`${other.url}/campaigns/cmp_x/nothing/here`);
        await browser.page.getByRole("heading", { name: "There is no such page" }).waitFor();
        await browser.close();
    } finally {
        await other.stop();
    }
});
