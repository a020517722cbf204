/* chromium.mjs - a fresh browser for a test, and the steps every test begins with.
 *
 * Why:  tests must not see each other's cookies, and a page that breaks its own policy must not pass.
 * How:  Debian's Chromium with a user folder of its own; whatever the page logs as an error, throws, or is refused by
 *       the content security policy is collected and checked at the end. Failed requests a test provokes are allowed by
 *       name. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/* A test that failed half way closes nothing; its folder goes when the process does. */
const folders = new Set();
process.on("exit", () => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A reason to skip, or false. */
export const missing = existsSync(EXECUTABLE) ? false : `no browser at ${EXECUTABLE}`;

/** Opens a browser; `allow` lists patterns of console errors the test provokes itself. */
export async function openBrowser({ allow = [], ...options } = {}) {
    const folder = mkdtempSync(join(tmpdir(), "trailmix-browser-"));
    folders.add(folder);
    const context = await chromium.launchPersistentContext(folder, {
        executablePath: EXECUTABLE,
        headless: true,
        args: ARGS,
        viewport: { width: 1440, height: 900 },
        ...options,
    });
    context.setDefaultTimeout(15_000);
    const faults = [];
    const page = context.pages()[0] ?? (await context.newPage());
    page.on("pageerror", (error) => faults.push(`thrown: ${error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error") faults.push(`${message.text()} ${message.location().url}`);
    });
    return {
        page,
        context,
        /** Fails if the page did anything wrong on the way. */
        async close() {
            await context.close();
            rmSync(folder, { recursive: true, force: true });
            const unexpected = faults.filter((fault) => !allow.some((pattern) => pattern.test(fault)));
            assert.deepEqual(unexpected, [], "the page logged errors");
        },
    };
}

/** Opens the link the server printed and waits for the list of campaigns. */
export async function signIn(page, server) {
    await page.goto(server.signInLink);
    await page.getByRole("heading", { name: "Campaigns", exact: true }).waitFor();
}

/** A request with the server's own key, as a script would send it; throws on any failure. */
export async function send(server, method, path, body) {
    const headers = { "x-api-key": server.key };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(server.url + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
}

export function createCampaign(server, values = {}) {
    return send(server, "POST", "/api/v1/campaigns", {
        name: "Browser race",
        election_date: "2026-11-03",
        week_basis: "broadcast",
        tz: "America/New_York",
        markets: [],
        advertisers: [
            { name: "Ours for Senate", side: "for", aliases: [] },
            { name: "Theirs for Senate", side: "against", aliases: [] },
        ],
        keywords: [],
        ...values,
    });
}

/** $21,000.00 over 14 days: weeks of 10-12 $9,000.00, 10-19 $10,500.00, 10-26 $1,500.00. */
export function postLine(server, campaign, values = {}) {
    return send(server, "POST", "/api/v1/buy-lines", {
        campaign_id: campaign,
        advertiser: "Ours for Senate",
        station: "WAAA",
        market: 504,
        medium: "broadcast",
        flight_from: "2026-10-13",
        flight_to: "2026-10-26",
        gross_cents: 2_100_000,
        stage: "ordered",
        source: "manual",
        ...values,
    });
}

/** The cell of a row (found by texts of its label cells) in a column of the grid. */
export async function cellText(page, texts, column) {
    const row = await rowIndex(page, texts);
    const cell = page.locator(`.ag-row[row-index="${row}"] .ag-cell[col-id="${column}"]`);
    return (await cell.textContent()).trim();
}

/** Index of the first row whose label cells show these texts, group signs left out; waits until there is one. */
export async function rowIndex(page, texts) {
    const found = await page.waitForFunction((wanted) => {
        const rows = document.querySelectorAll(".ag-pinned-left-cols-container .ag-row");
        for (const row of rows) {
            const shown = Array.from(row.querySelectorAll(".label"), (cell) => cell.textContent.replace(/^[▸▾] /, ""));
            if (wanted.every((text) => shown.includes(text))) return row.getAttribute("row-index");
        }
        return null;
    }, texts);
    return found.jsonValue();
}

/** Waits until a grid cell shows a text. */
export async function waitForCell(page, texts, column, text) {
    const deadline = Date.now() + 15_000;
    let shown = "";
    while (Date.now() < deadline) {
        shown = await cellText(page, texts, column);
        if (shown === text) return;
        await page.waitForTimeout(50);
    }
    assert.equal(shown, text, `cell ${texts.join(" / ")} in ${column}`);
}
