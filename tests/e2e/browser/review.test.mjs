/* review.test.mjs - one buy told twice: evidence, verdicts by keyboard, undo, the history of decisions. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { createCampaign, missing, openBrowser, postLine, send, signIn, waitForCell } from "./chromium.mjs";
import { makeOrder } from "./paper.mjs";

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

/* Walkthrough 6 of the rules: a filing of $20,400.00 and a rep sheet's 17.3 thousand net, 93.79 points. */
async function filingAndSheet(id, station = "WAAA") {
    const filing = await postLine(server, id, {
        station,
        source: "fcc",
        order_no: `38713${station.charCodeAt(1)}`,
        flight_from: "2026-10-13",
        flight_to: "2026-10-19",
        gross_cents: 2_040_000,
    });
    const sheet = await postLine(server, id, {
        station,
        source: "rep_mail",
        flight_from: "2026-10-12",
        flight_to: "2026-10-18",
        gross_cents: undefined,
        net_cents: 1_730_000,
        amount_basis: "unknown",
    });
    return { filing, sheet };
}

async function total(id) {
    return (await send(server, "GET", `/api/v1/matrix?campaign_id=${id}`)).totals.total_cents;
}

async function waitForTotal(id, cents) {
    for (let tries = 0; tries < 100 && (await total(id)) !== cents; tries++) await page.waitForTimeout(50);
    assert.equal(await total(id), cents);
}

const openGroups = (id, count) => page.waitForFunction((n) => document.querySelectorAll(".group").length === n, count);

test("browser review: evidence and differences are shown; s, u, 2, m decide and take back", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Review race" });
    const { filing, sheet } = await filingAndSheet(id);
    await page.goto(`${server.url}/campaigns/${id}`);
    await page.getByRole("link", { name: "Review" }).click();
    await openGroups(id, 1);
    const detail = page.getByRole("region", { name: "Group" });
    await detail.getByText("proposed: same").waitFor();
    assert.equal(await detail.locator(".score").textContent(), "93.79");
    const evidence = detail.getByRole("region", { name: "Evidence" });
    const points = (rule) => evidence.getByRole("listitem").filter({ hasText: rule }).locator(".reason-points").first();
    assert.equal(await points("station").textContent(), "35.00");
    assert.equal(await points("advertiser").textContent(), "30.00");
    assert.equal(await points("flight").textContent(), "11.25");
    const gross = detail.getByRole("row", { name: /^Gross/ });
    assert.equal(await gross.getAttribute("class"), "agree-differs");
    assert.match(await gross.textContent(), /\$20,400\.00/);
    assert.match(await gross.textContent(), /\$20,352\.94/);
    assert.equal(await detail.getByRole("row", { name: /^Station/ }).getAttribute("class"), "agree-equal");
    await detail.getByRole("region", { name: "Document of line 1" }).getByText("No document").waitFor();
    assert.equal(await total(id), 2_040_000 + 2_035_294, "both count until the verdict");

    await page.keyboard.press("s");
    const bar = page.locator(".verdict-bar");
    await bar.getByText("Same buy").waitFor();
    assert.match(await bar.textContent(), /\$40,752\.94 → \$20,400\.00/);
    assert.equal(await total(id), 2_040_000);
    await openGroups(id, 0);

    await page.keyboard.press("u");
    await bar.getByText("Same buy: undone").waitFor();
    await openGroups(id, 1);
    assert.equal(await total(id), 4_075_294);

    const order = await detail.getByRole("radio").evaluateAll((radios) => radios.map((radio) => radio.checked));
    const other = order.indexOf(false);
    await page.keyboard.press(String(other + 1));
    assert.equal(await detail.getByRole("radio").nth(other).isChecked(), true);
    await page.keyboard.press("m");
    await bar.getByText("Merged").waitFor();
    await waitForTotal(id, 2_035_294);
    const winner = await send(server, "GET", `/api/v1/buy-lines/${sheet.id}`);
    const copy = await send(server, "GET", `/api/v1/buy-lines/${filing.id}`);
    assert.equal(winner.standing, "winner");
    assert.equal(copy.standing, "copy");
    assert.equal(copy.superseded_by, sheet.id);

    await bar.getByRole("button", { name: "Undo" }).click();
    await bar.getByText("Merged: undone").waitFor();
    await waitForTotal(id, 4_075_294);
    await openGroups(id, 1);
    await page.keyboard.press("x");
    await bar.getByText("Separate buys").waitFor();
    assert.equal(await total(id), 4_075_294);
    const { items } = await send(server, "GET", `/api/v1/dedupe/groups?campaign_id=${id}&status=separate`);
    assert.equal(items.length, 1);
});

test("browser review: j and k walk, ? tells the keys, filters keep to the address", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Walking race" });
    for (const station of ["WAAA", "WBBB", "WCCC"]) await filingAndSheet(id, station);
    await page.goto(`${server.url}/campaigns/${id}/review`);
    await openGroups(id, 3);
    const shown = () => page.locator(".group[aria-current=true] .group-facts").first().textContent();
    const first = await shown();
    await page.keyboard.press("j");
    await page.waitForFunction((text) => document.querySelector(".group[aria-current=true] .group-facts")?.textContent !== text, first);
    const second = await shown();
    await page.keyboard.press("j");
    await page.keyboard.press("j"); /* the end stays the end */
    assert.notEqual(await shown(), second);
    await page.keyboard.press("k");
    assert.equal(await shown(), second);

    await page.keyboard.press("Shift+Slash");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("next group").waitFor();
    await page.keyboard.press("s"); /* belongs to nobody while the help is open */
    await page.keyboard.press("Escape");
    await help.waitFor({ state: "detached" });
    assert.equal((await send(server, "GET", `/api/v1/dedupe/decisions?campaign_id=${id}`)).items.length, 0);

    await page.getByLabel("Score").selectOption("90");
    assert.match(page.url(), /min_score=90/);
    await openGroups(id, 3);
    await page.getByLabel("Status").selectOption("separate");
    await page.getByRole("heading", { name: "No such groups" }).waitFor();
    await page.getByLabel("Status").selectOption("any");
    await openGroups(id, 3);

    await page.keyboard.press("Escape");
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("s");
    await page.locator(".verdict-bar").getByText("Same buy").waitFor();
    await page.locator(".group-facts", { hasText: "same" }).first().waitFor();
});

test("browser review: the document of a filing stands beside the verdict, its amount marked", { skip: missing }, async () => {
    const advertiser = "Paper for Senate"; /* the other campaigns here must not take this filing */
    const { id } = await createCampaign(server, { name: "Paper race", advertisers: [{ name: advertiser, side: "for", aliases: [] }] });
    const query = `source=fcc&filename=order.pdf&campaign_id=${id}`;
    const answer = await fetch(`${server.url}/api/v1/inputs?${query}`, {
        method: "POST",
        headers: { "x-api-key": server.key, "content-type": "application/pdf" },
        body: makeOrder({ order: "6120001", advertiser }),
    });
    assert.ok(answer.ok, `upload: ${answer.status}`);
    await postLine(server, id, { source: "rep_mail", advertiser });
    await page.goto(`${server.url}/campaigns/${id}/review`);
    for (let tries = 0; tries < 40 && (await page.locator(".group").count()) === 0; tries++) {
        await page.waitForTimeout(250);
        await page.reload();
        await page.getByText(/Nothing to decide|One buy or several/).waitFor();
    }
    await page.getByTestId("pdf-box").waitFor();
    await page.getByText("No document").waitFor();
});

test("browser decisions: who decided what; each can be taken back, and shows that it was", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "History race" });
    await filingAndSheet(id);
    const { items } = await send(server, "GET", `/api/v1/dedupe/groups?campaign_id=${id}`);
    const [group] = items;
    await send(server, "POST", `/api/v1/dedupe/groups/${group.id}/resolve`, { action: "keep", winner: group.suggested_winner, reason: "rep said so" });
    await page.goto(`${server.url}/campaigns/${id}/decisions`);
    const row = page.getByRole("row").filter({ hasText: "rep said so" });
    await row.getByText("same buy").waitFor();
    await row.getByText("in force").waitFor();
    await row.getByText("system").waitFor();
    assert.match(await row.textContent(), /\$40,752\.94 → \$20,400\.00/);
    await row.getByRole("button", { name: /^Undo/ }).click();
    await page.locator(".verdict-bar").getByText("Undone: same buy").waitFor();
    await row.getByText(/^undone /).waitFor();
    assert.equal(await row.getByRole("button", { name: /^Undo/ }).count(), 0);
    assert.equal(await total(id), 4_075_294);
    await row.getByRole("link", { name: "2 lines" }).click();
    await page.getByRole("heading", { name: "One buy or several?" }).waitFor();
    assert.match(page.url(), new RegExp(group.id));
});

test("browser combine: parts of one sheet become one line from the cell's panel, and come apart again", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Parts race" });
    const part = (daypart, gross_cents) =>
        postLine(server, id, { source: "rep_mail", daypart, gross_cents, flight_from: "2026-10-12", flight_to: "2026-10-18" });
    await part("early news", 300_000);
    await part("late news", 200_000);
    const matrix = await send(server, "GET", `/api/v1/matrix?campaign_id=${id}`);
    const cell = `${matrix.rows[0].key}@2026-10-12`;
    await page.goto(`${server.url}/campaigns/${id}?cell=${encodeURIComponent(cell)}`);
    const panel = page.getByLabel("Lines behind the cell");
    await panel.getByText("2 lines", { exact: true }).waitFor();
    await panel.getByRole("checkbox").nth(0).click();
    await panel.getByRole("checkbox").nth(1).click();
    await panel.getByRole("button", { name: "Combine 2 lines" }).click();
    const bar = panel.locator(".verdict-bar");
    await bar.getByText("2 lines combined").waitFor();
    assert.match(await bar.textContent(), /\$5,000\.00 → \$5,000\.00/);
    const lines = await send(server, "GET", `/api/v1/buy-lines?campaign_id=${id}`);
    assert.deepEqual(lines.items.filter((line) => line.standing === "winner").map((line) => line.gross_cents), [500_000]);
    await bar.getByRole("button", { name: "Undo" }).click();
    await bar.getByText("Combination undone").waitFor();
    const apart = await send(server, "GET", `/api/v1/buy-lines?campaign_id=${id}&standing=winner`);
    const standing = apart.items.filter((line) => line.archived_ms === null);
    assert.deepEqual(standing.map((line) => line.gross_cents).sort(), [200_000, 300_000]);
    await waitForCell(page, OURS, "2026-10-12", "$5,000.00");
});

test("browser review: a market total that covers station lines is told, taken back with u, given again with v", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Cover race" });
    const week = { flight_from: "2026-10-12", flight_to: "2026-10-18", stage: "ordered" };
    /* Walkthrough 8 of the rules: $105,000.00 of stations, $105,882.35 of the market. */
    for (const [station, gross_cents] of [["WAAA", 4_000_000], ["WBBB", 3_500_000], ["WCCC", 3_000_000]]) {
        await postLine(server, id, { station, gross_cents, source: "fcc", order_no: `77${station.charCodeAt(1)}00`, ...week });
    }
    await postLine(server, id, { station: undefined, source: "rep_mail", gross_cents: 10_588_235, ...week });
    assert.equal(await total(id), 10_500_000);
    await page.goto(`${server.url}/campaigns/${id}/review?status=any`);
    await openGroups(id, 1);
    await page.getByRole("heading", { name: /^Verdict/ }).waitFor();
    await page.keyboard.press("u");
    await page.getByRole("heading", { name: "One buy or several?" }).waitFor();
    await waitForTotal(id, 21_088_235);
    await page.keyboard.press("v");
    await page.locator(".verdict-bar").getByText("Covered").waitFor();
    await waitForTotal(id, 10_500_000);
    await page.goto(`${server.url}/campaigns/${id}/decisions`);
    await page.getByText("the rules").first().waitFor();
    await page.getByRole("row").filter({ hasText: "in force" }).filter({ hasText: "covered" }).first().waitFor();
});

test("browser review: a line of three is left out of the verdict and is asked about again", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Three race" });
    for (const source of ["fcc", "rep_mail", "adimpact"]) {
        await postLine(server, id, { source, order_no: source === "fcc" ? "880001" : undefined });
    }
    await page.goto(`${server.url}/campaigns/${id}/review`);
    await openGroups(id, 1);
    const boxes = page.getByRole("checkbox", { name: /is part of the verdict/ });
    assert.equal(await boxes.count(), 3);
    await page.keyboard.press("Shift+Digit3");
    assert.equal(await boxes.nth(2).isChecked(), false);
    await page.keyboard.press("Shift+Digit1");
    assert.equal(await boxes.nth(0).isChecked(), true, "two lines at least");
    await page.keyboard.press("s");
    await page.locator(".verdict-bar").getByText("Same buy").waitFor();
    await waitForTotal(id, 4_200_000);
    await openGroups(id, 1); /* the third asks anew */
    await page.keyboard.press("s");
    await waitForTotal(id, 2_100_000);
    await page.keyboard.press("u");
    await waitForTotal(id, 4_200_000);
});
