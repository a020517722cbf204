// lines.test.mjs - posted buy lines: what is needed, what is filled in, every fault by its path, lists, idempotency.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allItems, startServer } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, lineBody, matrix } from './with.mjs';

let server, race;
before(async () => {
  server = await startServer();
  race = await campaign(server, { advertisers: [{ name: 'Ours', side: 'for' }] });
});
after(() => server?.stop());
const post = (body, headers) => server.api('POST', '/api/v1/buy-lines', body, headers);

test('lines: what is missing is named, all of it', async () => {
  assertFaults(await post({}), 422, ['campaign_id', 'advertiser', 'medium', 'flight_from', 'flight_to', 'station']);
  assertFaults(await post({ campaign_id: race.id }), 422, ['advertiser', 'medium', 'flight_from', 'flight_to', 'station']);
  assertFaults(await post(lineBody(race.id, { station: undefined, market: undefined })), 422, ['station']);
});

test('lines: defaults and the other total by the campaign\'s commission', async () => {
  const made = await line(server, race.id, { gross_cents: 1000001 });
  assert.match(made.id, /^bl_/);
  assert.deepEqual([made.source, made.stage, made.layer, made.estimate, made.standing, made.side, made.amount_basis], ['manual', 'ordered', 'airtime', false, 'winner', 'for', 'gross']);
  assert.deepEqual([made.gross_cents, made.net_cents], [1000001, 850001]);
  for (const name of ['order_no', 'revision', 'superseded_by', 'archived_ms', 'known_to_ms', 'document_id']) assert.equal(made[name], null, name);
  assert.ok(made.known_from_ms > 1e12);
  const net = await line(server, race.id, { gross_cents: undefined, net_cents: 1730000 });
  assert.deepEqual([net.gross_cents, net.net_cents, net.amount_basis], [2035294, 1730000, 'net']);
  const direct = await line(server, race.id, { gross_cents: 500, commission_bp: 0 });
  assert.equal(direct.net_cents, 500);
  const both = await line(server, race.id, { gross_cents: 1000, net_cents: 900 });
  assert.deepEqual([both.gross_cents, both.net_cents], [1000, 900]);
  const none = await line(server, race.id, { gross_cents: undefined });
  assert.deepEqual([none.gross_cents, none.net_cents], [null, null]);
});

test('lines: a line is answered with all it was given', async () => {
  const given = {
    order_no: '000123456', revision: '2', alt_order_no: '9990001', revision_date: '2026-10-01', stage: 'confirmed', spots: 42, daypart: 'prime', length_s: 30, grp_x10: 155, product: 'SENATE',
    hiatus: [{ from: '2026-10-15', to: '2026-10-16' }], commission_bp: 1000, source: 'fcc', doc_type: 'confirmation', agency: 'Example Media', reason: 'by telephone',
    line_weeks: [{ from: '2026-10-13', to: '2026-10-18', spots: 20, rate_cents: 50000, amount_cents: 1000000 }, { from: '2026-10-19', to: '2026-10-26', spots: 22, rate_cents: 50000, amount_cents: 1100000 }],
  };
  const made = await line(server, race.id, given);
  for (const [name, value] of Object.entries(given)) {
    if (name === 'line_weeks') assert.deepEqual(made.line_weeks.map(({ from, to, amount_cents }) => ({ from, to, amount_cents })), value.map(({ from, to, amount_cents }) => ({ from, to, amount_cents })));
    else assert.deepEqual(made[name], value, name);
  }
  assert.equal(made.order_no_norm, '123456');
  const shown = await server.api('GET', `/api/v1/buy-lines/${made.id}`);
  assert.deepEqual([shown.status, shown.json], [200, made]);
});

test('lines: station and market may each stand alone, and an unknown call sign with a market counts', async () => {
  const own = await campaign(server);
  await line(server, own.id, { station: 'KQQQ', market: 535 });
  await line(server, own.id, { station: undefined, market: 504 });
  const alone = await line(server, own.id, { station: 'WNEW', market: undefined });
  assert.equal(alone.market, null);
  const rows = (await matrix(server, own.id)).rows.filter((r) => r.kind === 'leaf').map((r) => [r.labels.market, r.labels.station]);
  assert.deepEqual(rows.map(String).sort(), [[504, null], [535, 'KQQQ'], [null, 'WNEW']].map(String).sort());
});

test('lines: every fault has its path', async () => {
  const bad = lineBody(race.id, {
    flight_from: '2026-10-26', flight_to: '2026-10-13', medium: 'telepathy', gross_cents: 1.5, stage: 'maybe', hiatus: [{ from: '2026-10-14', to: '2026-10-15' }, { from: '2026-10-16' }, { to: '2026-10-16' }],
    line_weeks: [{ from: '2026-10-13', to: '2026-10-12', amount_cents: 1 }, { to: '2026-10-12' }], airings: [{ amount_cents: 5 }], colour: 'red', spots: 'many', side: 'for', standing: 'winner', commission_bp: 10000,
  });
  const answer = await post(bad);
  assertFaults(answer, 422);
  const fields = new Set(answer.json.errors.map((e) => e.field));
  for (const f of ['flight_to', 'medium', 'gross_cents', 'stage', 'hiatus[1].to', 'hiatus[2].from', 'line_weeks[0].to', 'line_weeks[1].from', 'airings[0].air_date', 'colour', 'spots', 'standing', 'commission_bp']) {
    assert.ok(fields.has(f), `${f} in ${[...fields]}`);
  }
});

test('lines: days and amounts have a range', async () => {
  for (const [name, value] of [['flight_from', '1989-12-31'], ['flight_to', '2100-01-01'], ['flight_from', '2026-02-30'], ['flight_to', '26-10-10'], ['gross_cents', 1e18], ['gross_cents', -1e18], ['gross_cents', '5'], ['market', 99], ['market', 1000], ['advertiser', ''], ['station', ''], ['advertiser', ' '], ['source', 'nowhere'], ['campaign_id', 'x'], ['campaign_id', 'cmp_0000004zzzzzz']]) {
    assertFaults(await post(lineBody(race.id, { [name]: value })), 422, [name]);
  }
  const own = await campaign(server);
  await line(server, own.id, { flight_from: '1990-01-01', flight_to: '2099-12-31', gross_cents: 9 });
  assert.equal((await matrix(server, own.id)).totals.total_cents, 9);
});

test('lines: sources named like the kinds exist from the first start', async () => {
  for (const source of ['fcc', 'adimpact', 'aide', 'google', 'meta', 'fec', 'openfec', 'press', 'rep_mail', 'newsletter', 'imap', 'upload', 'rss', 'civic', 'deal', 'manual']) {
    assert.equal((await line(server, race.id, { source })).source, source);
  }
});

test('lines: lists page without loss, filter by standing, and know their limits', async () => {
  const own = await campaign(server);
  const made = [];
  for (let i = 0; i < 23; i++) made.push((await line(server, own.id, { gross_cents: 100 + i, order_no: String(7000000 + (i >> 1)), revision: String(i & 1), source: 'fcc' })).id);
  const all = await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}`);
  assert.deepEqual(all.map((l) => l.id), made);
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const { json } = await server.api('GET', `/api/v1/buy-lines?campaign_id=${own.id}&limit=7${cursor && `&cursor=${cursor}`}`);
    paged.push(...json.items.map((l) => l.id));
    cursor = json.next_cursor;
  }
  assert.deepEqual(paged, made);
  const winners = await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}&standing=winner`);
  assert.equal(winners.length, 12);
  for (const limit of ['0', '101', 'x']) assertFaults(await server.api('GET', `/api/v1/buy-lines?campaign_id=${own.id}&limit=${limit}`), 422, ['limit']);
  assertFaults(await server.api('GET', '/api/v1/buy-lines'), 422, ['campaign_id']);
  assertFaults(await server.api('GET', '/api/v1/buy-lines?campaign_id=cmp_0000004zzzzzz'), 404);
  assert.equal((await server.api('GET', '/api/v1/buy-lines/bl_0000004zzzzzz')).status, 404);
});

test('lines: a page stays where it is while lines are added', async () => {
  const own = await campaign(server);
  for (let i = 0; i < 10; i++) await line(server, own.id);
  const first = (await server.api('GET', `/api/v1/buy-lines?campaign_id=${own.id}&limit=6`)).json;
  const later = [];
  for (let i = 0; i < 5; i++) later.push((await line(server, own.id)).id);
  const second = (await server.api('GET', `/api/v1/buy-lines?campaign_id=${own.id}&limit=100&cursor=${first.next_cursor}`)).json;
  assert.equal(new Set([...first.items, ...second.items].map((l) => l.id)).size, 15);
  assert.deepEqual(second.items.slice(-5).map((l) => l.id), later);
});

test('idempotency: the same key and body give the same answer, once', async () => {
  const own = await campaign(server);
  const key = { 'idempotency-key': 'order-1' };
  const a = await post(lineBody(own.id), key), b = await post(lineBody(own.id), key);
  assert.deepEqual([a.status, b.status, b.json], [201, 201, a.json]);
  assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}`)).length, 1);
  assertFaults(await post(lineBody(own.id, { gross_cents: 1 }), key), 422);
  assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}`)).length, 1);
});

test('idempotency: while the first is on its way, repeats wait for the same answer', async () => {
  const own = await campaign(server);
  const all = await Promise.all(Array.from({ length: 40 }, () => post(lineBody(own.id), { 'idempotency-key': 'burst' })));
  assert.deepEqual([...new Set(all.map((a) => a.text))].length, 1);
  assert.deepEqual([...new Set(all.map((a) => a.status))], [201]);
  assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}`)).length, 1);
});

test('idempotency: a key belongs to its route and campaign, and must be printable', async () => {
  const [a, b] = [await campaign(server), await campaign(server)];
  const key = { 'idempotency-key': 'shared' };
  const one = await post(lineBody(a.id), key), two = await post(lineBody(b.id), key);
  assert.deepEqual([one.status, two.status], [201, 201]);
  assert.notEqual(one.json.id, two.json.id);
  const race1 = await server.api('POST', '/api/v1/campaigns', { name: 'Once' }, key), race2 = await server.api('POST', '/api/v1/campaigns', { name: 'Once' }, key);
  assert.deepEqual([race1.status, race2.status, race1.json.id], [201, 201, race2.json.id]);
  assertFaults(await post(lineBody(a.id), { 'idempotency-key': '' }), 400);
  assertFaults(await post(lineBody(a.id), { 'idempotency-key': 'x'.repeat(256) }), 400);
  assertFaults(await post(lineBody(a.id), { 'idempotency-key': 'a\tb' }), 400);
  assert.equal((await post(lineBody(a.id), { 'idempotency-key': 'x'.repeat(255) })).status, 201);
});

test('idempotency: an answer that refused is repeated as it was, too', async () => {
  const own = await campaign(server);
  const key = { 'idempotency-key': 'bad' };
  const first = await post(lineBody(own.id, { medium: 'telepathy' }), key), second = await post(lineBody(own.id, { medium: 'telepathy' }), key);
  assert.deepEqual([first.status, second.status], [422, 422]);
  assert.deepEqual(second.json.errors, first.json.errors);
});

test('lines: a veto, two numbers of one station are two buys', async () => {
  const own = await campaign(server);
  for (const order_no of ['387130', '387131']) await line(server, own.id, { order_no, source: 'fcc', gross_cents: 2040000, flight_from: '2026-10-13', flight_to: '2026-10-19' });
  const got = await matrix(server, own.id);
  assert.equal(got.totals.total_cents, 4080000);
  assert.deepEqual(got.rows.flatMap((r) => r.disputed), []);
  assert.deepEqual(Object.keys(cellsOf(got)), ['2026-10-12', '2026-10-19']);
});
