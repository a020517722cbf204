/* session.test.mjs - the sign-in link, once and only once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startServer } from "../server.mjs";
import { missing, openBrowser } from "./chromium.mjs";

const REFUSED = /status of 401/;
let server;

before(async () => {
    if (!missing) server = await startServer({});
});
after(() => server?.stop());

test("browser sign-in: the link signs in once, leaves no trace, and the way out works", { skip: missing }, async () => {
    const first = await openBrowser({ allow: [REFUSED] });
    await first.page.goto(`${server.url}/campaigns/new`);
    await first.page.getByRole("heading", { name: "Sign in to TrailMix" }).waitFor();

    await first.page.goto(server.signInLink);
    await first.page.getByRole("heading", { name: "New campaign" }).waitFor();
    assert.equal(new URL(first.page.url()).pathname, "/campaigns/new", "goes where it was asked to go");
    assert.equal(new URL(first.page.url()).hash, "", "the token has left the address bar");
    assert.equal(await first.page.evaluate(() => document.cookie), "", "scripts cannot read the cookie");
    await first.page.goto(server.url);
    await first.page.getByRole("heading", { name: "Campaigns", exact: true }).waitFor();

    const second = await openBrowser({ allow: [REFUSED] });
    await second.page.goto(server.signInLink);
    await second.page.getByRole("heading", { name: "This sign-in link no longer works" }).waitFor();
    await second.page.getByText("To get a new one").waitFor();
    await second.close();

    await first.page.getByRole("button", { name: "Sign out" }).click();
    await first.page.getByRole("heading", { name: "Sign in to TrailMix" }).waitFor();
    await first.page.goto(server.url);
    await first.page.getByRole("heading", { name: "Sign in to TrailMix" }).waitFor();
    await first.close();
});

test("browser files: sent with a policy that allows nothing foreign", { skip: missing }, async () => {
    for (const path of ["/", "/sign-in", "/campaigns/cmp_x/pending"]) {
        const answer = await fetch(server.url + path);
        assert.equal(answer.status, 200, path);
        assert.match(answer.headers.get("content-security-policy") ?? "", /default-src 'self'/, path);
        const html = await answer.text();
        assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)[^>]*>/, "no inline script");
    }
});
