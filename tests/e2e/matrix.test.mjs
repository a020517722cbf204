// matrix.test.mjs - the spend matrix over HTTP: worked examples to the cent, both week bases, before and after a restart; modes,
// filters, keys, labels, subtotals, null against zero, cells.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { allItems, startServer, temporaryFolder } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, matrix } from './with.mjs';

let dataDir, server;
const checks = []; // what must hold again after a restart
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

// Fails now or after the restart if the campaign's cells are others.
async function holds(id, cells, query = '', labels = {}) {
  const check = async () => assert.deepEqual(cellsOf(await matrix(server, id, query), labels), cells);
  await check();
  checks.push(check);
}
const both = async (more) => [await campaign(server, { week_basis: 'broadcast', ...more }), await campaign(server, { week_basis: 'political', ...more })];

test('matrix example 1: a flight over three broadcast weeks and two political ones', async () => {
  const [b, p] = await both();
  for (const { id } of [b, p]) await line(server, id, { gross_cents: 2100000, flight_from: '2026-10-13', flight_to: '2026-10-26' });
  await holds(b.id, { '2026-10-12': 900000, '2026-10-19': 1050000, '2026-10-26': 150000 });
  await holds(p.id, { '2026-10-13': 1050000, '2026-10-20': 1050000 });
});

test('matrix example 2: odd cents add up, a credit mirrors them', async () => {
  const [b, p] = await both();
  for (const { id } of [b, p]) await line(server, id, { gross_cents: 1000000, flight_from: '2026-10-16', flight_to: '2026-10-22' });
  await holds(b.id, { '2026-10-12': 428571, '2026-10-19': 571429 });
  await holds(p.id, { '2026-10-13': 571428, '2026-10-20': 428572 });
  const credit = await campaign(server);
  await line(server, credit.id, { gross_cents: -100000, flight_from: '2026-10-16', flight_to: '2026-10-22' });
  await holds(credit.id, { '2026-10-12': -42857, '2026-10-19': -57143 });
});

test('matrix example 3: a dark week is zero, not nothing', async () => {
  const [b] = await both();
  await line(server, b.id, { gross_cents: 3000000, flight_from: '2026-09-01', flight_to: '2026-09-30', hiatus: [{ from: '2026-09-14', to: '2026-09-20' }] });
  await holds(b.id, { '2026-08-31': 782608, '2026-09-07': 913044, '2026-09-14': 0, '2026-09-21': 913043, '2026-09-28': 391305 });
});

test('matrix example 4: the newest revision counts, a deleted order is known zero', async () => {
  const race = await campaign(server);
  const order = { order_no: '500100', source: 'fcc', flight_from: '2026-10-12', flight_to: '2026-10-18' };
  await line(server, race.id, { ...order, revision: '1', gross_cents: 5000000 });
  assert.deepEqual(cellsOf(await matrix(server, race.id)), { '2026-10-12': 5000000 });
  await line(server, race.id, { ...order, revision: '2', gross_cents: 4200000 });
  assert.deepEqual(cellsOf(await matrix(server, race.id)), { '2026-10-12': 4200000 });
  await line(server, race.id, { ...order, revision: '3', stage: 'cancelled', gross_cents: 4200000 });
  await holds(race.id, { '2026-10-12': 0 });
  const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`);
  assert.deepEqual(lines.map((l) => [l.revision, l.standing]), [['1', 'superseded'], ['2', 'superseded'], ['3', 'winner']]);
  assert.ok(lines.slice(0, 2).every((l) => l.superseded_by && l.standing_why));
});

test('matrix example 4, in any order of arrival', async () => {
  for (const order of [['2', '1', '3'], ['3', '2', '1'], ['1', '3', '2']]) {
    const race = await campaign(server);
    for (const revision of order) await line(server, race.id, { order_no: '500100', source: 'fcc', revision, gross_cents: Number(revision) * 100000, flight_from: '2026-10-12', flight_to: '2026-10-18' });
    assert.deepEqual(cellsOf(await matrix(server, race.id)), { '2026-10-12': 300000 }, String(order));
  }
});

test('matrix example 5: an invoice closes the days of its period', async () => {
  const [b, p] = await both();
  for (const { id } of [b, p]) {
    await line(server, id, { gross_cents: 2100000, order_no: '500200', source: 'fcc', flight_from: '2026-10-13', flight_to: '2026-10-26' });
    await line(server, id, {
      gross_cents: 1870000, order_no: '500200', invoice_no: '500200-1', doc_type: 'invoice', stage: 'invoiced', source: 'fcc', flight_from: '2026-10-13', flight_to: '2026-10-26', billing_from: '2026-09-28', billing_to: '2026-10-25',
      airings: [{ air_date: '2026-10-13', amount_cents: 870000 }, { air_date: '2026-10-20', amount_cents: 1000000 }],
    });
  }
  await holds(b.id, { '2026-10-12': 870000, '2026-10-19': 1000000, '2026-10-26': 150000 });
  await holds(p.id, { '2026-10-13': 870000, '2026-10-20': 1150000 });
  assert.equal((await matrix(server, b.id)).totals.total_cents, 2020000);
});

test('matrix: net adds up by itself', async () => {
  const [b, p] = await both();
  for (const { id } of [b, p]) await line(server, id, { gross_cents: 1000001, flight_from: '2026-10-16', flight_to: '2026-10-22' });
  await holds(b.id, { '2026-10-12': 364286, '2026-10-19': 485715 }, '&basis=net');
  await holds(p.id, { '2026-10-13': 485714, '2026-10-20': 364287 }, '&basis=net');
});

test('matrix: printed weeks, airings and the header are used in this order', async () => {
  const race = await campaign(server);
  const flight = { flight_from: '2026-10-12', flight_to: '2026-10-25', gross_cents: 1000 };
  await line(server, race.id, { ...flight, station: 'WBBB', line_weeks: [{ from: '2026-10-12', to: '2026-10-18', amount_cents: 900 }, { from: '2026-10-19', to: '2026-10-25', amount_cents: 100 }] });
  await line(server, race.id, { ...flight, station: 'WCCC', airings: [{ air_date: '2026-10-25', amount_cents: 1000 }], line_weeks: [{ from: '2026-10-12', to: '2026-10-18', amount_cents: 1000 }] });
  await line(server, race.id, { ...flight, station: 'WDDD' });
  await holds(race.id, { '2026-10-12': 900, '2026-10-19': 100 }, '', { station: 'WBBB' });
  await holds(race.id, { '2026-10-12': 500, '2026-10-19': 500 }, '', { station: 'WDDD' });
  const airing = cellsOf(await matrix(server, race.id), { station: 'WCCC' });
  assert.equal(airing['2026-10-19'], 1000);
});

test('matrix: null is nothing known; an amount unknown is not zero', async () => {
  const race = await campaign(server);
  await line(server, race.id, { station: 'WBBB', flight_from: '2026-10-12', flight_to: '2026-10-18', gross_cents: 700 });
  await line(server, race.id, { station: 'WCCC', flight_from: '2026-10-19', flight_to: '2026-10-25', gross_cents: 0 });
  await line(server, race.id, { station: 'WDDD', flight_from: '2026-10-12', flight_to: '2026-10-25', gross_cents: undefined });
  const got = await matrix(server, race.id);
  assert.deepEqual(cellsOf(got, { station: 'WBBB' }), { '2026-10-12': 700, '2026-10-19': null });
  assert.deepEqual(cellsOf(got, { station: 'WCCC' }), { '2026-10-12': null, '2026-10-19': 0 });
  assert.deepEqual([...new Set(Object.values(cellsOf(got, { station: 'WDDD' })))], got.rows.some((r) => r.labels.station === 'WDDD') ? [null] : [null]);
  assert.equal(got.totals.total_cents, 700);
});

test('matrix: week modes', async () => {
  const race = await campaign(server, { tz: 'UTC' });
  const day = (offset) => new Date(Date.now() + offset * 86400000).toISOString().slice(0, 10);
  const monday = (d) => { // of that day's week
    const t = new Date(`${d}T00:00:00Z`);
    return new Date(t - ((t.getUTCDay() + 6) % 7) * 86400000).toISOString().slice(0, 10);
  };
  const weeks = [-14, 0, 7, 14].map((o) => monday(day(o)));
  const end = (w) => new Date(Date.parse(w) + 6 * 86400000).toISOString().slice(0, 10);
  for (const [i, w] of weeks.entries()) await line(server, race.id, { station: 'WBBB', flight_from: w, flight_to: end(w), gross_cents: 1000 * (i + 1) });
  await line(server, race.id, { station: 'WBBB', flight_from: weeks[2], flight_to: end(weeks[2]), gross_cents: 50, stage: 'proposed' });
  await line(server, race.id, { station: 'WBBB', flight_from: weeks[1], flight_to: end(weeks[1]), gross_cents: 7, estimate: true });
  const mode = async (m) => {
    const cells = cellsOf(await matrix(server, race.id, `&week_mode=${m}`));
    return Object.fromEntries(Object.entries(cells).filter(([, c]) => c !== null));
  };
  assert.deepEqual(await mode('booked'), { [weeks[0]]: 1000, [weeks[1]]: 2000, [weeks[2]]: 3000, [weeks[3]]: 4000 });
  assert.deepEqual(await mode('projected'), { [weeks[0]]: 1000, [weeks[1]]: 2007, [weeks[2]]: 3050, [weeks[3]]: 4000 });
  assert.deepEqual(await mode('future_only'), { [weeks[2]]: 3000, [weeks[3]]: 4000 });
  assert.deepEqual(await mode('next_week'), { [weeks[2]]: 3000 });
});

async function wideRace() {
  const race = await campaign(server, { advertisers: [{ name: 'Ours', side: 'for' }, { name: 'Theirs', side: 'against' }] });
  let cents = 0;
  for (const advertiser of ['Ours', 'Theirs', 'Bystander']) {
    for (const market of [504, 535]) {
      for (const [medium, station] of [['broadcast', 'WAAA'], ['broadcast', 'WBBB'], ['cable', undefined]]) {
        cents += 1;
        await line(server, race.id, { advertiser, market, medium, station: station && (market === 504 ? station : `K${station.slice(1)}`), gross_cents: cents * 1400, flight_from: '2026-10-12', flight_to: '2026-10-25' });
      }
    }
  }
  return race;
}

test('matrix: rows have keys, labels and subtotals that add up, in the order of the layout', async () => {
  const race = await wideRace();
  const got = await matrix(server, race.id);
  const leaves = got.rows.filter((r) => r.kind === 'leaf');
  assert.equal(leaves.length, 18);
  for (const leaf of leaves) {
    const [advertiser, market, medium, station] = leaf.key.split(':');
    assert.match(advertiser, /^adv_/);
    assert.deepEqual([Number(market), medium], [leaf.labels.market, leaf.labels.medium]);
    assert.match(station, leaf.labels.station === null ? /^-$/ : /^sta_/);
    assert.deepEqual(leaf.disputed, []);
    assert.equal(leaf.total_cents, leaf.cells.reduce((a, b) => a + b, 0));
  }
  assert.equal(new Set(got.rows.map((r) => r.key)).size, got.rows.length);
  const levels = { side: ['side'], advertiser: ['side', 'advertiser'], market: ['side', 'advertiser', 'market'], medium: ['side', 'advertiser', 'market', 'medium'] };
  for (const [kind, names] of Object.entries(levels)) {
    const rows = got.rows.filter((r) => r.kind === kind);
    assert.equal(rows.length, { side: 3, advertiser: 3, market: 6, medium: 12 }[kind]);
    for (const row of rows) {
      const below = leaves.filter((l) => names.every((n) => l.labels[n] === row.labels[n]));
      assert.ok(below.length > 0);
      assert.deepEqual(row.cells, got.weeks.map((_, i) => below.reduce((a, l) => a + (l.cells[i] ?? 0), 0)), row.key);
      for (const n of ['side', 'advertiser', 'market', 'medium', 'station']) if (!names.includes(n)) assert.equal(row.labels[n], null, `${row.key} ${n}`);
    }
  }
  assert.deepEqual(got.totals.cells, got.weeks.map((_, i) => leaves.reduce((a, l) => a + l.cells[i], 0)));
  assert.equal(got.totals.total_cents, (18 * 19) / 2 * 1400);
  assert.equal(got.totals.unplaced_cents, 0);
  assert.deepEqual(got.rows.filter((r) => r.kind === 'side').map((r) => r.labels.side), ['for', 'against', 'neutral']);
  for (const [i, row] of got.rows.entries()) if (row.kind === 'medium') assert.equal(got.rows[i - 1].kind, 'leaf', 'a subtotal stands behind its rows');
});

test('matrix: filters and group_by cut the same matrix', async () => {
  const race = await wideRace();
  const whole = await matrix(server, race.id);
  const leaves = whole.rows.filter((r) => r.kind === 'leaf');
  const sum = (list) => list.reduce((a, l) => a + l.total_cents, 0);
  const theirs = leaves.find((l) => l.labels.advertiser === 'Theirs').key.split(':')[0];
  for (const [query, keep] of [['market=504', (l) => l.market === 504], ['medium=cable', (l) => l.medium === 'cable'], ['side=against', (l) => l.side === 'against'], [`advertiser=${theirs}`, (l) => l.advertiser === 'Theirs'], ['side=for&medium=broadcast&market=535', (l) => l.side === 'for' && l.medium === 'broadcast' && l.market === 535]]) {
    const got = await matrix(server, race.id, `&${query}`);
    assert.deepEqual(got.rows.filter((r) => r.kind === 'leaf').map((r) => r.key), leaves.filter((l) => keep(l.labels)).map((l) => l.key), query);
    assert.equal(got.totals.total_cents, sum(leaves.filter((l) => keep(l.labels))), query);
  }
  const one = await matrix(server, race.id, '&from=2026-10-12&to=2026-10-18');
  assert.deepEqual([one.weeks, one.totals.total_cents], [['2026-10-12'], whole.totals.cells[0]]);
  const grouped = await matrix(server, race.id, '&group_by=side');
  assert.equal(grouped.totals.total_cents, whole.totals.total_cents);
  assert.ok(grouped.rows.length < whole.rows.length);
  for (const bad of ['basis=both', 'week_mode=past', 'from=x', 'market=1', 'medium=x', 'side=x', 'group_by=x', 'from=2026-10-19&to=2026-10-12', 'colour=red']) {
    const answer = await server.api('GET', `/api/v1/matrix?campaign_id=${race.id}&${bad}`);
    assertFaults(answer, 422);
  }
  assertFaults(await server.api('GET', '/api/v1/matrix'), 422, ['campaign_id']);
  assert.equal((await server.api('GET', '/api/v1/matrix?campaign_id=cmp_0000004zzzzzz')).status, 404);
});

test('matrix: its ETag is epoch and version; 304 until something changes, other addresses have their own', async () => {
  const race = await campaign(server);
  const first = await line(server, race.id);
  const path = `/api/v1/matrix?campaign_id=${race.id}`;
  const got = await server.api('GET', path);
  const etag = got.headers.get('etag');
  assert.equal(etag, `"${got.json.epoch}-${got.json.version}"`);
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': etag })).status, 304);
  await line(server, race.id);
  const later = await server.api('GET', path, undefined, { 'if-none-match': etag });
  assert.equal(later.status, 200);
  assert.ok(later.json.version > got.json.version && first.version >= 1);
  const net = await server.api('GET', `${path}&basis=net`);
  assert.equal(net.status, 200);
  assert.equal((await server.api('GET', `${path}&basis=net`, undefined, { 'if-none-match': net.headers.get('etag') })).status, 304);
});

test('matrix: who wrote it reads it at once, from every connection', async () => {
  const race = await campaign(server);
  for (let i = 1; i <= 60; i++) {
    await line(server, race.id, { gross_cents: 700, flight_from: '2026-10-12', flight_to: '2026-10-18' });
    assert.equal((await matrix(server, race.id)).totals.total_cents, 700 * i);
  }
});

test('cells: each cell names its lines, their shares and both bases', async () => {
  const race = await campaign(server);
  const made = [await line(server, race.id, { gross_cents: 1400, flight_from: '2026-10-12', flight_to: '2026-10-25' }), await line(server, race.id, { gross_cents: 700, flight_from: '2026-10-19', flight_to: '2026-10-25' })];
  const got = await matrix(server, race.id);
  const leaf = got.rows.find((r) => r.kind === 'leaf');
  const cell = async (week) => server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@${week}`)}?campaign_id=${race.id}`);
  const first = (await cell('2026-10-12')).json, second = (await cell('2026-10-19')).json;
  assert.deepEqual([first.key, first.gross_cents, first.net_cents], [`${leaf.key}@2026-10-12`, 700, 595]);
  assert.deepEqual(first.lines.map((l) => l.id), [made[0].id]);
  assert.equal(second.gross_cents, 1400);
  assert.deepEqual(second.lines.map((l) => l.id).sort(), made.map((l) => l.id).sort());
  assert.deepEqual(second.documents, []);
  for (const bad of ['2026-10-13', '2026-12-28', 'x', '']) assert.ok([404, 422].includes((await cell(bad)).status), bad);
  assert.ok([404, 422].includes((await server.api('GET', `/api/v1/matrix/cells/nonsense?campaign_id=${race.id}`)).status));
});

test('cells: ranges stay ranges', async () => {
  const race = await campaign(server);
  const week = { flight_from: '2026-10-12', flight_to: '2026-10-18', gross_cents: undefined, medium: 'digital', station: undefined };
  await line(server, race.id, { ...week, low_cents: 10000, high_cents: 49900 });
  const leaf = (await matrix(server, race.id)).rows.find((r) => r.kind === 'leaf');
  assert.deepEqual(leaf.cells, [29950]);
  const path = `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@2026-10-12`)}?campaign_id=${race.id}`;
  const { json } = await server.api('GET', path);
  assert.deepEqual([json.low_cents, json.gross_cents, json.high_cents], [10000, 29950, 49900]);
  await line(server, race.id, { ...week, low_cents: 100000000 });
  const open = (await server.api('GET', path)).json;
  assert.deepEqual([open.low_cents, open.gross_cents, open.high_cents], [100010000, 100029950, null]);
});

test('matrix: everything above holds after a restart', async () => {
  assert.ok(checks.length >= 13);
  const before = (await server.api('GET', '/api/v1/campaigns')).text;
  assert.equal(await server.stop(), 0);
  server = await startServer({ dataDir });
  assert.equal((await server.api('GET', '/api/v1/campaigns')).text, before);
  for (const check of checks) await check();
});
