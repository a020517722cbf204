/* time.test.mjs - the matrix as it was known at a time, and its export. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { cellText, createCampaign, missing, openBrowser, postLine, send, signIn, waitForCell } from "./chromium.mjs";

const OURS = ["For", "Ours for Senate", "WAAA"];
const WEEK = "2026-10-12";
let server;
let browser;
let page;

before(async () => {
    if (missing) return;
    server = await startServer({});
    browser = await openBrowser({ acceptDownloads: true });
    page = browser.page;
    await signIn(page, server);
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/* The whole second after now, so that a date-time input can name it. */
async function nextSecond() {
    const at = Math.ceil(Date.now() / 1_000) * 1_000;
    await pause(at - Date.now() + 20);
    return at;
}

/* As the page's own clock in New York would show it. */
function newYork(ms) {
    const parts = new Intl.DateTimeFormat("en-US", {
        timeZone: "America/New_York", year: "numeric", month: "2-digit", day: "2-digit",
        hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    }).formatToParts(new Date(ms));
    const part = (type) => parts.find((each) => each.type === type).value;
    return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}:${part("second")}`;
}

test("browser as of: goes back, marks what changed since, pauses the stream, comes back to now", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Time race" });
    await postLine(server, id, { order_no: "500100", revision: "1", gross_cents: 5_000_000 });
    const then = await nextSecond();
    await pause(1_100);
    await postLine(server, id, { order_no: "500100", revision: "2", gross_cents: 4_200_000 });
    await postLine(server, id, { station: "WBBB", gross_cents: 100_000, order_no: "500200" });
    await page.goto(`${server.url}/campaigns/${id}`);
    await page.getByText("Live", { exact: true }).waitFor();
    await waitForCell(page, OURS, WEEK, "$18,000.00");

    await page.getByRole("button", { name: "As of…" }).click();
    await page.getByLabel(/^Exact time/).fill(newYork(then));
    const banner = page.locator(".banner.past");
    await banner.getByText(/As known on/).waitFor();
    await banner.getByText(/differ from now/).waitFor();
    assert.match(await banner.textContent(), /version \d+/);
    assert.match(await banner.textContent(), /total then \$50,000\.00, now \$43,000\.00 \(−\$7,000\.00 since\)/);
    assert.match(page.url(), new RegExp(`as_of=${then}`));
    await page.getByText("Paused", { exact: true }).waitFor();
    assert.match(await cellText(page, OURS, WEEK), /^Δ .*\$21,428\.57$/);
    await page.locator(".ag-cell.since").first().hover();
    await page.locator(".ag-tooltip").getByText(/now \$18,000\.00 \(−\$3,428\.57 since\)/).waitFor();

    await page.reload();
    await page.locator(".banner.past").getByText(/differ from now/).waitFor();
    assert.match(await cellText(page, OURS, WEEK), /\$21,428\.57$/);
    const past = await send(server, "GET", `/api/v1/matrix?campaign_id=${id}&as_of_ms=${then}`);
    assert.equal(past.totals.total_cents, 5_000_000);

    /* While the past is shown, the present moves on; back at now nothing of it is missing. */
    await postLine(server, id, { order_no: "500100", revision: "3", gross_cents: 4_620_000 });
    await page.getByRole("button", { name: "Back to now" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    await waitForCell(page, OURS, WEEK, "$19,800.00");
    await postLine(server, id, { order_no: "500100", revision: "4", gross_cents: 4_200_000 });
    await waitForCell(page, OURS, WEEK, "$18,000.00");

    const slider = page.getByRole("slider", { name: "As known on" });
    await slider.focus();
    await page.keyboard.press("Home");
    await banner.getByText(/As known on/).waitFor();
    await page.getByRole("heading", { name: "Nothing was known yet" }).waitFor();
    await page.getByRole("button", { name: "Now", exact: true }).click();
    await waitForCell(page, OURS, WEEK, "$18,000.00");
});

test("browser export: the present view as CSV, XLSX and PDF, past included", { skip: missing }, async () => {
    const { id } = await createCampaign(server, { name: "Export race" });
    await postLine(server, id, { order_no: "600100", revision: "1" });
    const then = await nextSecond();
    await pause(1_100);
    await postLine(server, id, { order_no: "600100", revision: "2", gross_cents: 4_200_000 });
    const save = async (word) => {
        const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: word, exact: true }).click()]);
        return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()), url: download.url() };
    };
    await page.goto(`${server.url}/campaigns/${id}`);
    await waitForCell(page, OURS, WEEK, "$18,000.00");
    const csv = await save("CSV");
    assert.match(csv.name, /\.csv$/);
    assert.match(csv.bytes.toString(), /WAAA/);
    assert.match(csv.bytes.toString(), /18000\.00/);
    const xlsx = await save("XLSX");
    assert.equal(xlsx.bytes.subarray(0, 2).toString(), "PK");
    const pdf = await save("PDF");
    assert.equal(pdf.bytes.subarray(0, 5).toString(), "%PDF-");

    await page.goto(`${server.url}/campaigns/${id}?basis=net&week_mode=projected&detail=side&as_of=${then}`);
    await page.locator(".banner.past").getByText(/differ/).waitFor();
    const past = await save("CSV");
    const query = new URL(past.url).searchParams;
    assert.deepEqual(
        ["campaign_id", "basis", "week_mode", "as_of_ms", "group_by", "format"].map((name) => query.get(name)),
        [id, "net", "projected", String(then), "side", "csv"],
    );
    assert.match(past.bytes.toString(), /7650\.00/);
});
