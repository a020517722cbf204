/* sheets.test.mjs - sheets taken in, their columns mapped, whole lists compared, spellings confirmed. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer, until } from "../server.mjs";
import { createCampaign, missing, openBrowser, postLine, send, signIn, waitForCell } from "./chromium.mjs";

const OURS = ["For", "Ours for Senate", "WAAA"];
let server;
let browser;
let page;

before(async () => {
    if (missing) return;
    server = await startServer({});
    browser = await openBrowser({ allow: [/status of 422/] });
    page = browser.page;
    await signIn(page, server);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

function csv(rows) {
    return Buffer.from(`${rows.join("\n")}\n`);
}

const HEADINGS = "Sponsor,Sender,DMA,Media,From,Through,Dollars";

test("browser sheets: headings of a file become a mapping, and the sheet's rows become lines", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Sheet race" });
    await page.goto(`${server.url}/campaigns/${id}/sheets`);
    await page.getByText("No source has a mapping of its own.").waitFor();
    await page.getByRole("button", { name: "New mapping" }).click();
    const form = page.getByRole("form", { name: "Column mapping" });
    await form.getByRole("button", { name: "Save mapping" }).click();
    await form.getByText("Whose sheets are they?").waitFor();
    await form.getByLabel("Source").fill("rep_mail");
    await form.locator('input[type="file"]').setInputFiles({ name: "rep.csv", mimeType: "text/csv", buffer: csv([HEADINGS]) });
    const valueIs = (label, value) => until(`${label}: ${value}`, async () => (await form.getByLabel(label).inputValue()) === value);
    await valueIs("Heading of column 1", "Sponsor");
    await valueIs("What column 1 holds", "advertiser");
    await form.getByLabel("What column 2 holds").selectOption("station");
    await form.getByLabel("What column 5 holds").selectOption("flight_from");
    await form.getByLabel("What column 6 holds").selectOption("flight_to");
    await form.getByLabel("What column 7 holds").selectOption("gross_cents");
    await form.getByRole("button", { name: "Save mapping" }).click();
    await form.waitFor({ state: "detached" });
    await page.getByText("Sender → station").waitFor();
    const { items } = await send(server, "GET", "/api/v1/column-mappings");
    assert.deepEqual(items.map((each) => each.source), ["rep_mail"]);

    await page.locator('input[type="file"][aria-label="Choose filings"]').setInputFiles({
        name: "rep.csv",
        mimeType: "text/csv",
        buffer: csv([
            HEADINGS,
            "Ours for Senate,WAAA,504,broadcast,2026-10-12,2026-10-18,\"$3,000.00\"",
            "Ours for Senate,WBBB,504,broadcast,2026-10-12,2026-10-18,2000",
        ]),
    });
    const ask = page.getByRole("form", { name: "Source of the sheets" });
    await ask.getByLabel("Source of the sheet").fill("rep_mail");
    await ask.getByRole("button", { name: "Read" }).click();
    const tray = page.getByRole("region", { name: "Filings", exact: true });
    await tray.getByText("2 lines", { exact: false }).waitFor({ timeout: 30_000 });
    await page.getByRole("link", { name: "Matrix" }).click();
    await waitForCell(page, OURS, "2026-10-12", "$3,000.00");
    await waitForCell(page, ["For", "WBBB"], "2026-10-12", "$2,000.00");

    const matrix = await send(server, "GET", `/api/v1/matrix?campaign_id=${id}`);
    const row = matrix.rows.find((each) => each.labels.station === "WBBB");
    await page.goto(`${server.url}/campaigns/${id}?cell=${encodeURIComponent(`${row.key}@2026-10-12`)}`);
    const mark = page.locator(".plain-content mark");
    await mark.waitFor();
    assert.match(await mark.textContent(), /^Ours for Senate,WBBB/);
});

test("browser sheets: a source nobody knows is refused in words", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Odd race" });
    await page.goto(`${server.url}/campaigns/${id}/sheets`);
    await page.locator('input[type="file"][aria-label="Choose filings"]').setInputFiles({
        name: "odd.csv", mimeType: "text/csv", buffer: csv(["A,B", "1,2"]),
    });
    const ask = page.getByRole("form", { name: "Source of the sheets" });
    await ask.getByLabel("Source of the sheet").fill("no_such_source");
    await ask.getByRole("button", { name: "Read" }).click();
    await page.getByRole("region", { name: "Filings", exact: true }).getByText("failed", { exact: true }).waitFor();
});

test("browser reconciliation: equal, differing and missing rows of a list", { skip: missing }, async () => {
    const advertiser = "List for Senate"; /* the sheets of the tests before are not about it */
    const { id } = await createCampaign(server, { name: "List race", advertisers: [{ name: advertiser, side: "for", aliases: [] }] });
    const line = (station, gross_cents) =>
        postLine(server, id, { advertiser, station, gross_cents, flight_from: "2026-10-12", flight_to: "2026-10-18" });
    await line("WAAA", 300_000);
    await line("WBBB", 200_000);
    await line("WCCC", 100_000);
    await page.goto(`${server.url}/campaigns/${id}/sheets`);
    const form = page.getByRole("form", { name: "Reconcile a list" });
    await form.getByLabel("Whose list").fill("adimpact");
    await form.getByLabel(/^List/).setInputFiles({
        name: "list.csv",
        mimeType: "text/csv",
        buffer: csv([
            "advertiser,station,market,medium,flight_from,flight_to,gross",
            `${advertiser},WAAA,504,broadcast,2026-10-12,2026-10-18,3000.00`,
            `${advertiser},WBBB,504,broadcast,2026-10-12,2026-10-18,2500.00`,
            `${advertiser},WDDD,504,broadcast,2026-10-12,2026-10-18,700.00`,
        ]),
    });
    await form.getByRole("button", { name: "Compare" }).click();
    const counts = page.getByRole("group", { name: "Rows shown" });
    await counts.getByRole("button", { name: "1 differ" }).waitFor();
    await counts.getByRole("button", { name: "1 equal" }).waitFor();
    await counts.getByRole("button", { name: "1 missing here" }).waitFor();
    await counts.getByRole("button", { name: "1 missing there" }).waitFor();
    await counts.getByRole("button", { name: "1 differ" }).click();
    const table = page.getByRole("table", { name: "Rows of the comparison" });
    const rows = table.locator("tbody tr");
    assert.equal(await rows.count(), 1);
    assert.match(await rows.first().textContent(), /WBBB.*\$2,000\.00.*\$2,500\.00.*\+\$500\.00/);
    await page.reload();
    await counts.getByRole("button", { name: "1 differ" }).waitFor();
    assert.equal((await send(server, "GET", `/api/v1/matrix?campaign_id=${id}`)).totals.total_cents, 600_000, "nothing was changed");
});

test("browser names: a spelling is confirmed, another rejected, a third given to somebody else", { skip: missing }, async () => {
    const { id } = await createCampaign(server, {
        name: "Names race",
        advertisers: [
            { name: "Buckeye Values Action", side: "for", aliases: [] },
            { name: "Citizens for Lake County", side: "against", aliases: [] },
        ],
    });
    const spell = (advertiser, station) => postLine(server, id, { advertiser, station, gross_cents: 100_000 });
    await spell("Buckeye Value Action", "WAAA");
    await spell("Citizens for Lakes County", "WBBB");
    await spell("Buckeyes Values Action", "WCCC");
    // spellings are compared after the line is answered
    const open = async () => (await send(server, "GET", "/api/v1/names/proposals?status=open&kind=advertiser")).items;
    await until("three proposals", async () => (await open()).length >= 3);

    await page.goto(`${server.url}/campaigns/${id}/names`);
    const row = (text) => page.getByRole("row").filter({ has: page.getByText(text, { exact: true }) });
    await row("Buckeye Value Action").getByText("Buckeye Values Action").waitFor();
    await row("Buckeye Value Action").getByRole("button", { name: /^Confirm/ }).click();
    await row("Buckeye Value Action").waitFor({ state: "detached" });
    await row("Citizens for Lakes County").getByRole("button", { name: /^Reject/ }).click();
    await row("Citizens for Lakes County").waitFor({ state: "detached" });
    await row("Buckeyes Values Action").getByRole("button", { name: /^Choose another/ }).click();
    await page.getByRole("combobox", { name: "Advertiser" }).fill("citizens");
    await page.getByRole("option", { name: "Citizens for Lake County", exact: true }).waitFor();
    await page.getByRole("option", { name: "Citizens for Lake County", exact: true }).click();
    await row("Buckeyes Values Action").waitFor({ state: "detached" });
    const all = (await send(server, "GET", "/api/v1/names/proposals")).items;
    const of = (text) => all.find((each) => each.text === text);
    assert.equal(of("Buckeye Value Action").status, "confirmed");
    assert.equal(of("Citizens for Lakes County").status, "rejected");
    assert.equal(of("Buckeyes Values Action").status, "confirmed");
    assert.equal(of("Buckeyes Values Action").target, "Citizens for Lake County");
    await page.getByLabel("Status").selectOption("confirmed");
    await row("Buckeye Value Action").waitFor();
});
