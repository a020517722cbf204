// export.test.mjs - the matrix as a file: CSV, XLSX (opened by LibreOffice) and PDF say what GET /matrix says; a large campaign
// holds nobody up.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sleep, startServer, temporaryFolder, until } from './server.mjs';
import { assertFaults, campaign, line, matrix } from './with.mjs';

const TYPES = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', pdf: 'application/pdf' };
const noLibreoffice = spawnSync('sh', ['-c', 'command -v soffice']).status === 0 ? false : 'no LibreOffice on this machine';
let server, scratch, big;
before(async () => {
  scratch = temporaryFolder('trailmix-export-');
  server = await startServer();
});
after(async () => {
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const path = (id, format, query = '') => `/api/v1/matrix/export?campaign_id=${id}&format=${format}${query}`;
/** The file as {bytes, name}; checks every header a file must have. */
async function file(id, format, query = '') {
  const answer = await fetch(server.url + path(id, format, query), { headers: { 'x-api-key': server.key } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, bytes.toString());
  assert.equal(answer.headers.get('content-type'), TYPES[format]);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(Number(answer.headers.get('content-length')), bytes.length);
  const [, name] = /^attachment; filename="([\w.-]+)"$/.exec(answer.headers.get('content-disposition')) ?? [];
  assert.ok(name, answer.headers.get('content-disposition'));
  return { bytes, name, etag: answer.headers.get('etag') };
}

/** Records of RFC 4180. */
function parseCsv(text) {
  const rows = [];
  for (let at = 0; at < text.length;) {
    const row = [];
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += text[at] === '"' ? 2 : 1) {
          assert.ok(at < text.length, 'a quote that does not end');
          cell += text[at];
        }
        at += 1;
      } else {
        for (; at < text.length && !',\r\n'.includes(text[at]); at += 1) cell += text[at];
      }
      row.push(cell);
      if (text[at] !== ',') break;
      at += 1;
    }
    at += text[at] === '\r' ? 2 : 1;
    rows.push(row);
  }
  return rows;
}
const cents = (text) => {
  if (text === '') return null;
  assert.match(text, /^-?\$?[\d,]+\.\d\d$/);
  return Math.round(Number(text.replace(/[$,]/g, '')) * 100);
};
const guarded = (text) => (text === null ? '' : /^[=+\-@]/.test(text) ? `'${text}` : text);

async function mixedRace() {
  const race = await campaign(server, { name: 'Smith for Senate', advertisers: [{ name: 'Ours', side: 'for' }, { name: '=HYPERLINK("x")', side: 'against' }] });
  let n = 0;
  for (const advertiser of ['Ours', '=HYPERLINK("x")', 'Zoë, "the" PAC']) {
    for (const [market, medium, station] of [[504, 'broadcast', 'WAAA'], [504, 'cable', undefined], [535, 'radio', 'WBBB']]) {
      n += 1;
      await line(server, race.id, { advertiser, market, medium, station, gross_cents: n * 123457, flight_from: '2026-10-05', flight_to: n % 2 ? '2026-10-25' : '2026-10-14' });
    }
  }
  await line(server, race.id, { advertiser: 'Ours', gross_cents: -99999, station: 'WCCC', flight_from: '2026-10-12', flight_to: '2026-10-18' });
  await line(server, race.id, { advertiser: 'Ours', gross_cents: 0, station: 'WDDD', flight_from: '2026-10-19', flight_to: '2026-10-25' });
  await line(server, race.id, { advertiser: 'Ours', gross_cents: 500000, station: 'WEEE', stage: 'proposed', flight_from: '2026-10-26', flight_to: '2026-11-01' });
  return race;
}
let race;
const mixed = async () => (race ??= await mixedRace());
const VIEWS = ['', '&basis=net', '&week_mode=projected', '&week_mode=projected&basis=net', '&from=2026-10-12&to=2026-10-18', '&market=504', '&medium=cable', '&side=against', '&advertiser=ours', '&group_by=market', '&group_by=side&basis=net', '&group_by=station', '&market=803'];

test('export: CSV equals the JSON cell by cell', async () => {
  const { id } = await mixed();
  for (const query of VIEWS) {
    const want = await matrix(server, id, query);
    const { bytes, name } = await file(id, 'csv', query);
    assert.equal(name, `smith-for-senate-matrix-v${want.version}.csv`);
    const [head, ...rows] = parseCsv(bytes.toString('utf8'));
    assert.deepEqual(head, ['kind', 'side', 'advertiser', 'market', 'market_name', 'medium', 'station', 'total', ...want.weeks], query);
    const shown = want.rows.filter((r) => query.includes('group_by') || r.kind === 'leaf');
    assert.equal(rows.length, shown.length + 1, query);
    for (const [i, row] of shown.entries()) {
      const { side, advertiser, market, medium, station } = row.labels;
      assert.deepEqual(rows[i].slice(0, 4), [row.kind, side, guarded(advertiser), market === null ? '' : String(market)], query);
      assert.deepEqual(rows[i].slice(5, 7), [guarded(medium), guarded(station)]);
      assert.deepEqual(rows[i].slice(7).map(cents), [row.total_cents, ...row.cells], `${query} ${row.key}`);
    }
    const total = rows.at(-1);
    assert.equal(total[0], 'total');
    assert.deepEqual(total.slice(7).map(cents), [want.totals.total_cents, ...want.totals.cells], query);
    // No dollar stands twice: all rows but the last add up to it.
    for (let i = 7; i < head.length; i += 1) assert.equal(rows.slice(0, -1).reduce((sum, r) => sum + (cents(r[i]) ?? 0), 0), cents(total[i]) ?? 0, `${query} ${head[i]}`);
  }
});

/** Sheets of a workbook as LibreOffice shows them: {Matrix: rows, Sources: rows, About: rows}. */
function openInLibreoffice(bytes, tag) {
  const folder = join(scratch, tag);
  mkdirSync(folder);
  writeFileSync(join(folder, 'book.xlsx'), bytes);
  execFileSync('soffice', [`-env:UserInstallation=file://${scratch}/profile`, '--headless', '--convert-to', 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1', '--outdir', folder, join(folder, 'book.xlsx')],
    { stdio: 'ignore', timeout: 120000 });
  return Object.fromEntries(['Matrix', 'Sources', 'About'].map((s) => [s, parseCsv(readFileSync(join(folder, `book-${s}.csv`), 'utf8'))]));
}

test('export: LibreOffice opens the workbook and shows the same sums', { skip: noLibreoffice }, async () => {
  const { id } = await mixed();
  for (const [i, query] of ['', '&basis=net&week_mode=projected', '&group_by=market&from=2026-10-12&to=2026-10-18'].entries()) {
    const answer = await server.api('GET', `/api/v1/matrix?campaign_id=${id}${query}`);
    const want = answer.json;
    const { bytes, name } = await file(id, 'xlsx', query);
    assert.equal(name, `smith-for-senate-matrix-v${want.version}.xlsx`);
    const { Matrix, Sources, About } = openInLibreoffice(bytes, `book${i}`);
    assert.deepEqual(Matrix[0], ['Kind', 'Side', 'Advertiser', 'Market', 'DMA', 'Medium', 'Station', 'Total', ...want.weeks]);
    assert.equal(Matrix.length, want.rows.length + 2);
    for (const [k, row] of want.rows.entries()) {
      const { side, advertiser, market, medium, station } = row.labels;
      const got = Matrix[k + 1];
      assert.deepEqual([got[0], got[1], got[2], got[4], got[5], got[6]], [row.kind, side, advertiser ?? '', market === null ? '' : String(market), medium ?? '', station ?? '']);
      assert.deepEqual(got.slice(7).map(cents), [row.total_cents, ...row.cells], row.key);
    }
    assert.deepEqual(Matrix.at(-1).slice(7).map(cents), [want.totals.total_cents, ...want.totals.cells]);
    // Every line behind the cells, and what they put into them.
    const column = (n) => Sources[0].indexOf(n);
    const sources = Sources.slice(1, -1);
    assert.equal(sources.reduce((sum, r) => sum + (cents(r[column('In view')]) ?? 0), 0), want.totals.total_cents);
    assert.equal(cents(Sources.at(-1)[column('In view')]), want.totals.total_cents);
    for (const n of ['Gross', 'Net']) assert.equal(cents(Sources.at(-1)[column(n)]), sources.reduce((sum, r) => sum + cents(r[column(n)]), 0));
    for (const row of sources) {
      const { json } = await server.api('GET', `/api/v1/buy-lines/${row[column('Line')]}`);
      assert.deepEqual([row[column('Advertiser')], row[column('From')], row[column('To')], cents(row[column('Gross')]), row[column('Stands')], row[column('Source')]],
        [json.advertiser, json.flight_from, json.flight_to, json.gross_cents, 'winner', json.source]);
    }
    assert.equal(sources.length, query.includes('projected') ? 12 : query === '' ? 11 : 10);
    const about = new Map(About);
    assert.deepEqual([about.get('Campaign'), about.get('Campaign id'), about.get('Version'), about.get('Epoch')], ['Smith for Senate', id, String(want.version), String(want.epoch)]);
    const [hash] = [...about].filter(([k]) => k.startsWith('State')).map(([, v]) => v);
    assert.equal(hash, createHash('sha256').update(answer.text).digest('hex'));
  }
});

const pdfText = (bytes) => execFileSync('pdftotext', ['-layout', '-enc', 'UTF-8', '-', '-'], { input: bytes, encoding: 'utf8', maxBuffer: 1 << 28 });
const money = (c) => (c < 0 ? '-' : '') + (Math.abs(c) / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' });

test('export: the PDF is text, with the total and the state it was made of', async () => {
  const race = await campaign(server, { name: 'Paper race' });
  await line(server, race.id, { gross_cents: 2040000, flight_from: '2026-10-12', flight_to: '2026-10-18' });
  await line(server, race.id, { gross_cents: 1000, station: 'WBBB', advertiser: 'José for Ohio', flight_from: '2026-10-12', flight_to: '2026-10-25' });
  const answer = await server.api('GET', `/api/v1/matrix?campaign_id=${race.id}`);
  const { bytes, name } = await file(race.id, 'pdf');
  assert.equal(name, `paper-race-matrix-v${answer.json.version}.pdf`);
  const text = pdfText(bytes);
  for (const want of ['Paper race', '$20,400.00', money(answer.json.totals.total_cents), 'José for Ohio', '2026-10-12', '2026-10-19', 'Page 1 of 1', `Version ${answer.json.version}`, `epoch ${answer.json.epoch}`, createHash('sha256').update(answer.text).digest('hex')]) assert.ok(text.includes(want), `${want} in\n${text}`);
  assert.match(execFileSync('pdfinfo', ['-'], { input: bytes, encoding: 'utf8' }), /Page size:\s+792 x 612 pts \(letter\)/);
});

test('export: as of an instant it is what was known then', async () => {
  const race = await campaign(server, { name: 'Past race' });
  await line(server, race.id, { gross_cents: 1234500, flight_from: '2026-10-12', flight_to: '2026-10-18' });
  const then = Date.now();
  await sleep(20);
  await line(server, race.id, { gross_cents: 100, station: 'WBBB', flight_from: '2026-10-12', flight_to: '2026-10-25' });
  const now = await matrix(server, race.id);
  const query = `&as_of_ms=${then}`;
  const answer = await server.api('GET', `/api/v1/matrix?campaign_id=${race.id}${query}`);
  assert.deepEqual([now.totals.total_cents, answer.json.totals.total_cents], [1234600, 1234500]);
  const csv = await file(race.id, 'csv', query);
  assert.equal(csv.name, `past-race-matrix-v${answer.json.as_of.version}.csv`);
  const rows = parseCsv(csv.bytes.toString());
  assert.deepEqual(rows.map((r) => r[7]), ['total', '12345.00', '12345.00']);
  const text = pdfText((await file(race.id, 'pdf', query)).bytes);
  for (const want of ['$12,345.00', `As of: ${new Date(answer.json.as_of.at_ms).toISOString()}`, createHash('sha256').update(answer.text).digest('hex')]) assert.ok(text.includes(want), `${want} in\n${text}`);
  assert.ok(!text.includes('WBBB'));
  assertFaults(await server.api('GET', path(race.id, 'csv', '&as_of_ms=1000')), 422, ['as_of_ms']);
});

test('export: what is wrong is named', async () => {
  const { id } = await mixed();
  const get = (query) => server.api('GET', `/api/v1/matrix/export?${query}`);
  assertFaults(await get(`campaign_id=${id}&format=doc`), 422, ['format']);
  assertFaults(await get(`campaign_id=${id}&format=`), 422, ['format']);
  assertFaults(await get(`campaign_id=${id}`), 422, ['format']);
  assertFaults(await get(`campaign_id=${id}&format=csv&basis=both&week_mode=x`), 422, ['basis', 'week_mode']);
  assertFaults(await get(`campaign_id=${id}&format=csv&colour=red`), 422, ['colour']);
  assertFaults(await get('format=csv'), 422, ['campaign_id']);
  assertFaults(await get('campaign_id=cmp_0000004zzzzzz&format=csv'), 404, ['campaign_id']);
  assertFaults(await server.api('GET', path(id, 'csv'), undefined, { 'x-api-key': null }), 401);
  const { etag } = await file(id, 'csv');
  assert.equal((await server.api('GET', path(id, 'csv'), undefined, { 'if-none-match': etag })).status, 304);
  await line(server, id, { station: 'WZZZ', gross_cents: 100 });
  race = undefined; // the others want it as it was
  assert.equal((await server.api('GET', path(id, 'csv'), undefined, { 'if-none-match': etag })).status, 200);
});

test('export: 2,000 rows, while others are answered', async () => {
  big = await campaign(server, { name: 'Large race' });
  const post = async (from) => {
    for (let i = from; i < 2000; i += 16) await line(server, big.id, { advertiser: `Advertiser ${i % 40}`, station: `W${String(i).padStart(4, '0')}`, market: 501 + (i % 7), gross_cents: 100000 + i, flight_from: '2026-08-31', flight_to: '2026-11-01' });
  };
  await Promise.all(Array.from({ length: 16 }, (_, i) => post(i)));
  const want = await matrix(server, big.id);
  assert.equal(want.rows.filter((r) => r.kind === 'leaf').length, 2000);
  for (const format of ['csv', 'xlsx', 'pdf']) {
    let done = false, worst = 0, asked = 0;
    const wanted = file(big.id, format).finally(() => (done = true));
    while (!done) {
      const began = performance.now();
      assert.equal((await server.api('GET', '/api/v1/ping')).status, 200);
      worst = Math.max(worst, performance.now() - began);
      asked += 1;
    }
    const { bytes } = await wanted;
    assert.ok(asked > 0 && worst < 500, `${format}: a ping took ${worst} ms`);
    if (format === 'csv') {
      const rows = parseCsv(bytes.toString('utf8'));
      assert.equal(rows.length, 2002);
      assert.equal(cents(rows.at(-1)[7]), want.totals.total_cents);
    } else if (format === 'pdf') {
      const pages = pdfText(bytes).split('\f').slice(0, -1);
      assert.ok(pages.length > 50, String(pages.length));
      for (const [i, page] of pages.entries()) for (const text of ['Spend matrix: Large race', 'Advertiser', 'Station', `Page ${i + 1} of ${pages.length}`]) assert.ok(page.includes(text), `${text} on page ${i + 1}`);
      assert.ok(pages.at(-1).includes(money(want.totals.total_cents)));
    } else if (!noLibreoffice) {
      const { Matrix, Sources } = openInLibreoffice(bytes, 'large');
      assert.equal(Matrix.length, want.rows.length + 2);
      assert.deepEqual(Matrix.at(-1).slice(7).map(cents), [want.totals.total_cents, ...want.totals.cells]);
      assert.equal(Sources.length, 2002);
    }
  }
});

test('export: many at once are written or sent away; nothing is left on the disk', async () => {
  const answers = await Promise.all(Array.from({ length: 60 }, (_, i) => server.api('GET', path(big.id, ['xlsx', 'pdf'][i % 2]))));
  const busy = answers.filter((a) => a.status === 503);
  assert.equal(answers.filter((a) => a.status === 200).length + busy.length, 60);
  assert.ok(busy.length > 0 && busy.length < 60, String(busy.length));
  for (const answer of busy) assert.ok(Number(answer.headers.get('retry-after')) >= 1);
  await until('the temporary folder is empty', () => readdirSync(join(server.dataDir, 'tmp')).length === 0);
  await file(big.id, 'csv');
});
