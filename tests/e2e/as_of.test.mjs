// as_of.test.mjs - what was known when: to the millisecond, to the byte, after a restart, and while the campaign goes on.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { allItems, sleep, startServer, temporaryFolder } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, matrix } from './with.mjs';

let dataDir, server;
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const served = async (id, query = '') => {
  const { status, text } = await server.api('GET', `/api/v1/matrix?campaign_id=${id}${query}`);
  assert.equal(status, 200, text);
  return text;
};
// The bytes of an answer to "as of" without its member of that name, and that member.
function split(text) {
  const [, head, asOf, tail] = /^(\{.*?),"as_of":(\{[^}]*\})(,.*)$/s.exec(text);
  return [head + tail, JSON.parse(asOf)];
}
const known = async (id, t, query = '') => split(await served(id, `${query}&as_of_ms=${t}`));

const QUERIES = ['', '&basis=net', '&week_mode=projected', '&week_mode=future_only', '&group_by=market'];
const histories = []; // {id, versions: [{version, at, bodies}]}

// What is served after each change, and when that version was.
async function record(history) {
  const { version } = await matrix(server, history.id);
  if (history.versions.some((v) => v.version === version)) return;
  const bodies = [];
  for (const query of QUERIES) bodies.push(await served(history.id, query));
  const [, { version: same, at_ms: at }] = await known(history.id, Date.now() + 1000);
  assert.equal(same, version);
  history.versions.push({ version, at, bodies });
  await sleep(3);
}

async function recheck(history) {
  const { versions } = history;
  for (const [i, { version, at, bodies }] of versions.entries()) {
    const next = versions[i + 1];
    const moments = next?.version === version + 1 ? [at, next.at - 1] : [at];
    for (const t of moments) {
      for (const [q, query] of QUERIES.entries()) {
        const [body, asOf] = await known(history.id, t, query);
        assert.deepEqual(asOf, { version, at_ms: at, rules_version: 1 });
        assert.equal(body, bodies[q], `version ${version}${query}`);
      }
    }
  }
}

test('as of: walkthrough 12, a second version counts from its commit on, to the millisecond', async () => {
  const { id } = await campaign(server);
  const order = { source: 'fcc', order_no: '500100', flight_from: '2026-10-20', flight_to: '2026-10-26' };
  const first = await line(server, id, { ...order, revision: '1', gross_cents: 5000000 });
  await sleep(20);
  const second = await line(server, id, { ...order, revision: '2', gross_cents: 4200000 });
  const total = async (t) => (await matrix(server, id, `&as_of_ms=${t}`)).totals.total_cents;
  assert.ok(second.known_from_ms > first.known_from_ms + 1);
  assert.equal(await total(first.known_from_ms - 1), 0);
  assert.equal(await total(first.known_from_ms), 5000000);
  assert.equal(await total(second.known_from_ms - 1), 5000000);
  assert.equal(await total(second.known_from_ms), 4200000);
  assert.equal(await total(Date.now() + 1e9), 4200000);
  const then = await server.api('GET', `/api/v1/buy-lines?campaign_id=${id}&as_of_ms=${second.known_from_ms - 1}`);
  assert.deepEqual(then.json.items.map((l) => [l.id, l.standing, l.version]), [[first.id, 'winner', 1]]);
  const { as_of } = await matrix(server, id, `&as_of_ms=${second.known_from_ms - 1}`);
  assert.equal(then.headers.get('x-as-of-version'), String(as_of.version));
  const one = await server.api('GET', `/api/v1/buy-lines/${first.id}?as_of_ms=${second.known_from_ms - 1}`);
  assert.deepEqual([one.status, one.json.standing, one.json.superseded_by], [200, 'winner', null]);
  const now = await server.api('GET', `/api/v1/buy-lines/${first.id}`);
  assert.deepEqual([now.json.standing, now.json.superseded_by], ['superseded', second.id]);
  assert.equal((await server.api('GET', `/api/v1/buy-lines/${second.id}?as_of_ms=${second.known_from_ms - 1}`)).status, 404);
  const leaf = (await matrix(server, id)).rows.find((r) => r.kind === 'leaf');
  const cell = await server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@2026-10-26`)}?campaign_id=${id}&as_of_ms=${first.known_from_ms}`);
  assert.deepEqual([cell.json.gross_cents, cell.json.lines.map((l) => l.id), cell.json.as_of.at_ms], [714286, [first.id], first.known_from_ms]);
});

test('as of: every version is told again to the byte, also after restarts', async () => {
  for (const basis of ['broadcast', 'political']) {
    const made = await campaign(server, { week_basis: basis, markets: [504, 535] });
    const history = { id: made.id, versions: [] };
    histories.push(history);
    const change = async (body) => assert.equal((await server.api('PATCH', `/api/v1/campaigns/${made.id}`, body)).status, 200);
    await record(history);
    for (let i = 0; i < 14; i++) {
      await line(server, made.id, {
        advertiser: ['Ours', 'Theirs', 'Third'][i % 3], station: ['WAAA', 'WBBB'][i % 2], source: i % 4 === 0 ? 'rep_mail' : 'fcc', order_no: i % 4 === 0 ? undefined : String(71000 + (i % 5)),
        revision: i % 4 === 0 ? undefined : String(i), stage: i % 6 === 5 ? 'cancelled' : i % 5 === 4 ? 'proposed' : undefined, gross_cents: 100000 + 7919 * i,
      });
      await record(history);
      if (i === 4) await change({ advertisers: [{ name: 'Ours', side: 'for' }, { name: 'Theirs', side: 'against', aliases: ['Third'] }] });
      if (i === 8) await change({ week_basis: basis === 'political' ? 'broadcast' : 'political' });
      if (i === 10) await change({ advertisers: [] });
      await record(history);
    }
    await recheck(history);
  }
  await server.stop();
  server = await startServer({ dataDir });
  for (const history of histories) await recheck(history);
  await server.kill();
  server = await startServer({ dataDir });
  for (const history of histories) {
    await recheck(history);
    await line(server, history.id, { gross_cents: 12345 });
    await recheck(history);
  }
});

test('as of: wrong moments are named, later ones are answered as of the last commit', async () => {
  const { id } = await campaign(server);
  const { known_from_ms: at } = await line(server, id);
  for (const wrong of ['x', '', '1.5', '1000', '-1']) assertFaults(await server.api('GET', `/api/v1/matrix?campaign_id=${id}&as_of_ms=${wrong}`), 422, ['as_of_ms']);
  for (const path of ['/api/v1/buy-lines', '/api/v1/dedupe/groups']) assertFaults(await server.api('GET', `${path}?campaign_id=${id}&as_of_ms=1000`), 422, ['as_of_ms']);
  assertFaults(await server.api('GET', '/api/v1/matrix?as_of_ms=x'), 422, ['as_of_ms', 'campaign_id']);
  const late = await matrix(server, id, `&as_of_ms=${Date.now() + 86400000}`);
  assert.equal(late.as_of.at_ms, at);
  assert.deepEqual(cellsOf(late), cellsOf(await matrix(server, id)));
  assert.ok(!('as_of' in (await matrix(server, id))));
});

test('as of: an answer has an ETag of its own and is not sent twice', async () => {
  const { id } = await campaign(server);
  await line(server, id);
  const live = await server.api('GET', `/api/v1/matrix?campaign_id=${id}`);
  const path = `/api/v1/matrix?campaign_id=${id}&as_of_ms=${Date.now() + 1000}`;
  const then = await server.api('GET', path);
  assert.notEqual(then.headers.get('etag'), live.headers.get('etag'));
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': then.headers.get('etag') })).status, 304);
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': live.headers.get('etag') })).status, 200);
});

test('as of: many moments at once, while lines come', async () => {
  const { id } = await campaign(server);
  const marks = [];
  let total = 0;
  for (let i = 1; i <= 40; i++) {
    const { known_from_ms: t } = await line(server, id, { gross_cents: i, source: 'manual' });
    total += i;
    marks.push([t, total]);
    await sleep(2);
  }
  const posting = (async () => {
    for (let i = 0; i < 40; i++) await line(server, id, { gross_cents: 1 });
  })();
  await Promise.all(Array.from({ length: 4 }, async (_, k) => {
    for (let i = k; i < marks.length; i += 2) {
      const [t, cents] = marks[(i * 7) % marks.length];
      assert.equal((await matrix(server, id, `&as_of_ms=${t}`)).totals.total_cents, cents);
    }
  }));
  await posting;
  assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${id}&as_of_ms=${marks[9][0]}`)).length, 10);
});
