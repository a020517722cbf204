// station_files.test.mjs - whole public files of stations, where this machine has them: each order counts once, by its newest version;
// papers of one buy are found by their numbers; orders filed at sister stations become a question; different orders are never merged.
//
// How:  every row of a table somebody else read from the papers is posted as a line, in the order of upload. Figures are printed as
//       diagnostics.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { realDocuments, startServer } from './server.mjs';
import { campaign, line, matrix } from './with.mjs';
import { film, groups, lines, memberIds } from './with_review.mjs';

const base = realDocuments();
const skip = base ? false : 'no real documents: neither $TRAILMIX_SHARED nor ../shared';
let server;
before(async () => {
  if (base) server = await startServer();
});
after(() => server?.stop());

// ---- the tables ----

/** Rows of a CSV with quotes as objects; `head`: the line with the names. */
function csv(path, head) {
  const rows = [];
  for (const [text] of readFileSync(path, 'latin1').matchAll(/[^\n]+\n?/g)) {
    rows.push([...text.trimEnd().matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain));
  }
  const names = rows[head];
  return rows.slice(head + 1).map((r) => Object.fromEntries(names.map((n, i) => [n, r[i] ?? ''])));
}
const stationFile = (name) => csv(join(base, 'data/fcc_station_contracts_2014', name), 1);
const cents = (text) => (text === '' ? undefined : Math.round(Number(text.replace(/[$,]/g, '')) * 100));
const usDay = (text) => (text === '' ? undefined : `20${text.slice(6, 8)}-${text.slice(0, 2)}-${text.slice(3, 5)}`);
const title = (row) => decodeURIComponent(row.file_url).split('/');
const byUpload = (a, b) => (a.upload_time < b.upload_time ? -1 : a.upload_time > b.upload_time ? 1 : a.fcc_id < b.fcc_id ? -1 : 1);
const sumOf = (list) => list.reduce((a, b) => a + (b ?? 0), 0);
const dollars = (c) => `$${(c / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })}`;
const groupBy = (list, key) => list.reduce((map, item) => map.set(key(item), [...(map.get(key(item)) ?? []), item]), new Map());

/** Different printed numbers of one station stand in no common group and replace each other nowhere. */
async function assertNumbersStayApart(id, all, sameOrder = (a, b) => a === b) {
  const byId = new Map(all.map((l) => [l.id, l]));
  for (const l of all) {
    const other = byId.get(l.superseded_by);
    if (other) assert.ok(sameOrder(l.order_no, other.order_no), `${l.order_no} is replaced by ${other.order_no}`);
  }
  for (const group of await groups(server, id)) {
    const members = group.members.map((m) => byId.get(m.buy_line_id)).filter(Boolean);
    for (const a of members) for (const b of members) if (a.station === b.station) assert.ok(sameOrder(a.order_no, b.order_no), `${a.order_no} and ${b.order_no} are asked about in ${group.id}`);
  }
}

// ---- one station, 252 papers ----

test('station file: the newest version of each order counts, 15.0 % less than all papers', { skip }, async (t) => {
  const rows = stationFile('WCAU_read.csv').filter((r) => r.order_number !== '').sort(byUpload);
  const race = await campaign(server, { markets: [504] });
  for (const r of rows) {
    const deleted = r.contract_type.startsWith('DELETED');
    await line(server, race.id, {
      source: 'fcc', doc_type: 'contract', station: r.callsign, order_no: r.order_number, advertiser: r.advertiser || title(r).at(-2),
      flight_from: usDay(r.flight_date_start), flight_to: usDay(r.flight_date_end), gross_cents: cents(r.gross),
      revision_date: deleted ? undefined : usDay(r.revision_date), stage: deleted ? 'cancelled' : undefined,
    });
  }
  const all = await lines(server, race.id);
  assert.equal(all.length, rows.length);
  const papers = sumOf(rows.map((r) => cents(r.gross)));
  const { totals } = await matrix(server, race.id);
  assert.deepEqual([papers, totals.total_cents, totals.unplaced_cents], [854439000, 743200000, 0]);
  const orders = groupBy(all, (l) => l.order_no);
  const withAmounts = [...orders.values()].filter((papersOf) => papersOf.some((l) => l.gross_cents !== null));
  const several = withAmounts.filter((papersOf) => papersOf.length > 1);
  let found = 0;
  for (const papersOf of several) {
    const shown = await film(server, papersOf[0].id);
    assert.deepEqual(shown.steps.map((s) => s.buy_line_id).sort(), papersOf.map((l) => l.id).sort(), shown.order_no);
    assert.equal(papersOf.filter((l) => l.standing === 'winner').length, 1, shown.order_no);
    found += 1;
  }
  t.diagnostic(`WCAU 2014: ${rows.length} numbered papers, ${withAmounts.length} orders with amounts, ${several.length} with several papers, ${found} found; papers ${dollars(papers)}, counted ${dollars(totals.total_cents)}, ` +
    `overstatement avoided ${dollars(papers - totals.total_cents)} (${((papers / totals.total_cents - 1) * 100).toFixed(1)} %)`);
  assert.deepEqual([withAmounts.length, several.length, found], [192, 22, 22]);
  await assertNumbersStayApart(race.id, all);
});

// ---- one station, 600 papers whose names say what belongs together ----

const ordered = (row) => /ORD\s*#?(\d+)/.exec(title(row).at(-1))?.[1];
const contractOf = (r) => ({
  source: 'fcc', doc_type: 'contract', station: r.callsign, order_no: r.order_number, advertiser: r.advertiser_name, flight_from: usDay(r.flight_date_start), flight_to: usDay(r.flight_date_end),
  gross_cents: cents(r.gross_amount), print_ms: r.print_date === '' ? undefined : Date.parse(usDay(r.print_date)),
});

test('station file: contracts under their printed numbers have no repeats, nothing is left out', { skip }, async (t) => {
  const rows = stationFile('KYW_read.csv').filter((r) => r.order_number !== '').sort(byUpload);
  const race = await campaign(server, { markets: [504] });
  for (const r of rows) await line(server, race.id, contractOf(r));
  const all = await lines(server, race.id);
  const papers = sumOf(rows.map((r) => cents(r.gross_amount)));
  const { totals } = await matrix(server, race.id);
  t.diagnostic(`KYW 2014, printed numbers: ${rows.length} contracts, ${new Set(rows.map((r) => r.order_number)).size} numbers; papers ${dollars(papers)}, counted ${dollars(totals.total_cents)}, overstatement ${dollars(papers - totals.total_cents)}`);
  assert.deepEqual([rows.length, totals.total_cents, totals.unplaced_cents], [180, papers, 0]);
  assert.deepEqual([...new Set(all.map((l) => l.superseded_by))], [null]);
  await assertNumbersStayApart(race.id, all);
});

test('station file: order, contract and invoice of one buy are linked by the number in their names', { skip }, async (t) => {
  const rows = stationFile('KYW_read.csv').filter((r) => r.filetype !== 'other' && ordered(r)).sort(byUpload);
  const flights = new Map(); // orders and invoices were not read: their days are those of the contract in the same folder
  for (const r of rows) if (r.filetype === 'contract') flights.set(`${title(r).at(-2)}|${ordered(r)}`, r);
  const race = await campaign(server, { markets: [504] });
  const posted = [];
  for (const r of rows) {
    const number = ordered(r), theirs = flights.get(`${title(r).at(-2)}|${number}`);
    const wrongTitle = theirs && !theirs.order_number.includes(number); // printed 92161 in a file named 92162
    const body = r.filetype === 'contract' ? { ...contractOf(r), alt_order_no: wrongTitle ? undefined : number } : {
      source: 'fcc', doc_type: r.filetype, station: r.callsign, order_no: wrongTitle ? undefined : number, advertiser: theirs?.advertiser_name ?? title(r).at(-2), stage: r.filetype === 'invoice' ? 'invoiced' : undefined,
      invoice_no: r.filetype === 'invoice' ? r.fcc_id : undefined, flight_from: usDay(theirs?.flight_date_start ?? '') ?? r.upload_time.slice(0, 10),
      flight_to: usDay(theirs?.flight_date_end ?? '') ?? r.upload_time.slice(0, 10), gross_cents: undefined,
    };
    posted.push({ row: r, number, folder: title(r).at(-2), wrongTitle, id: (await line(server, race.id, body)).id });
  }
  // a link: two papers of different kinds in one folder under one number
  let links = 0, found = 0;
  const byKind = {};
  for (const papersOf of groupBy(posted, (p) => `${p.folder}|${p.number}`).values()) {
    const chain = new Set((await film(server, papersOf[0].id)).steps.map((s) => s.buy_line_id));
    for (const [i, a] of papersOf.entries()) {
      for (const b of papersOf.slice(0, i)) {
        if (a.row.filetype === b.row.filetype) continue;
        const kind = [a.row.filetype, b.row.filetype].sort().join('-');
        byKind[kind] ??= [0, 0];
        links += 1;
        byKind[kind][1] += 1;
        if (chain.has(a.id) && chain.has(b.id)) {
          found += 1;
          byKind[kind][0] += 1;
        } else assert.ok(a.wrongTitle || b.wrongTitle, `${title(a.row).at(-1)} and ${title(b.row).at(-1)} are not linked`);
      }
    }
  }
  const papers = sumOf(rows.map((r) => cents(r.gross_amount ?? '')));
  const { totals } = await matrix(server, race.id);
  assert.equal(papers - totals.total_cents, 2358000 + 16160000 + 8265000);
  t.diagnostic(`KYW 2014, numbers in names: ${rows.length} papers, ${found} of ${links} links found (${Object.entries(byKind).map(([k, [f, n]]) => `${k} ${f}/${n}`).join(', ')}); counted ${dollars(totals.total_cents)} of ${dollars(papers)}`);
  assert.deepEqual([found, links], [477, 478], 'all but the paper in a folder of another order');
  // three orders were filed again under a new suffix, two of them as cancelled
  const all = await lines(server, race.id);
  await assertNumbersStayApart(race.id, all, (a, b) => a === b || (a ?? '').split('-')[1] === (b ?? '').split('-')[1] || (a ?? '').includes(b) || (b ?? '').includes(a));
});

// ---- one order filed at several stations ----

test('orders of 2014: equal number, advertiser and flight at two stations of one market is a question', { skip }, async (t) => {
  const bare = (call) => call.replace(/-(TV|DT|CD|LD|CA)$/, '');
  const markets = new Map();
  for (const text of readFileSync(join(base, 'data/stations/facility_tv_with_dma.dat'), 'latin1').split('\n')) {
    const f = text.split('|');
    if (f[27]) markets.set(bare(f[5].trim()), f[27]);
  }
  const codes = [...new Set(markets.values())].sort(); // invented codes: only equality matters here
  const rows = readFileSync(join(base, 'data/fcc_orders_2014/orders.tsv'), 'latin1').split('\n').map((l) => l.split('\t'));
  const names = rows[0];
  const orders = rows.slice(1).filter((r) => r.length === names.length).map((r) => Object.fromEntries(names.map((n, i) => [n, r[i].trim()])))
    .map((r) => ({ ...r, station: bare(r.id.split('_')[0]), number: r.order_revision.replace(/ .*$/, '') }))
    .filter((r) => r.number && r.flight_from && r.flight_to && r.flight_from <= r.flight_to && r.advertiser && markets.has(r.station));
  const same = groupBy(orders, (r) => [r.number, r.advertiser.toLowerCase(), r.flight_from, r.flight_to, markets.get(r.station)].join('|'));
  const sisters = [...same.values()].filter((list) => new Set(list.map((r) => r.station)).size > 1);
  assert.ok(sisters.length >= 30, `${sisters.length} numbers at two stations`);
  const race = await campaign(server, {});
  const asked = [];
  for (const list of sisters) {
    const stations = new Map();
    for (const r of list.sort((a, b) => (a.id < b.id ? -1 : 1))) {
      const made = await line(server, race.id, {
        source: 'fcc', station: r.station, market: 500 + codes.indexOf(markets.get(r.station)), order_no: r.number, revision: / - (\d+)$/.exec(r.order_revision)?.[1],
        advertiser: r.advertiser, flight_from: r.flight_from, flight_to: r.flight_to, gross_cents: undefined,
        revision_date: r.revision_date || undefined,
      });
      stations.set(r.station, [...(stations.get(r.station) ?? []), made.id]);
    }
    asked.push({ number: list[0].number, stations });
  }
  const open = await groups(server, race.id, '&status=open');
  const all = await lines(server, race.id);
  let pairs = 0;
  for (const { number, stations } of asked) {
    const ids = [...stations.values()];
    for (let i = 0; i < ids.length; i++) {
      for (let k = 0; k < i; k++) {
        pairs += 1;
        const group = open.find((g) => memberIds(g).some((m) => ids[i].includes(m)) && memberIds(g).some((m) => ids[k].includes(m)));
        assert.ok(group, `no question about ${number} at ${[...stations.keys()].join(', ')}`);
        assert.ok(group.reasons.some((r) => r.rule === 'sister_station'), JSON.stringify(group.reasons));
      }
    }
  }
  t.diagnostic(`2014 orders: ${sisters.length} numbers at ${pairs} pairs of sister stations, each a group with reason sister_station; ${open.length} groups in all`);
  assert.ok(open.every((g) => g.reasons.some((r) => r.rule === 'sister_station')), 'no other questions');
  const pairsAsked = open.flatMap((g) => memberIds(g).flatMap((a, i, ids) => ids.slice(0, i).map((b) => `${b} ${a}`)));
  assert.equal(new Set(pairsAsked).size, pairsAsked.length, 'no two lines stand in two questions');
  await assertNumbersStayApart(race.id, all);
});
