// sheets.test.mjs - CSV and XLSX as inputs: rows become lines, rows with errors are told by number, mappings, the command line.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allItems, run, SAMPLES, startServer, temporaryFolder, until } from './server.mjs';
import { assertFaults, campaign, cellsOf, matrix } from './with.mjs';

let server, env;
const dir = temporaryFolder();
before(async () => {
  server = await startServer();
  env = { SYSTEM_API_KEY: server.key };
});
after(async () => {
  await server?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const file = (name, text) => {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
};
const importLines = (id, path, ...more) => {
  const r = run(['import', '--source', 'lines', '--campaign', id, '--server', server.url, '--json', ...more, path], { env });
  return { ...r, summary: r.out.trim() === '' ? null : JSON.parse(r.out.trim().split('\n').at(-1)) };
};
// A campaign that takes only what is sent to it.
const own = () => campaign(server, { markets: [998] });
const linesOf = (id) => allItems(server, `/api/v1/buy-lines?campaign_id=${id}`);
const upload = (name, bytes, query = '') => server.api('POST', `/api/v1/inputs?source=rep_mail&filename=${encodeURIComponent(name)}${query}`, bytes, { 'content-type': 'application/octet-stream' });
const parsed = (id) => until(`${id} is read`, async () => {
  const { json } = await server.api('GET', `/api/v1/inputs/${id}`);
  return json.status !== 'stored' && json;
});

// The parts of a workbook, zipped by hand (stored, no compression).
function zip(parts) {
  const crcs = Array.from({ length: 256 }, (_, n) => {
    let c = n;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    return c >>> 0;
  });
  const crc = (b) => (b.reduce((c, x) => crcs[(c ^ x) & 255] ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
  const files = [], central = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const bytes = Buffer.from(text), label = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt32LE(crc(bytes), 10);
    head.writeUInt32LE(bytes.length, 14);
    head.writeUInt32LE(bytes.length, 18);
    head.writeUInt16LE(label.length, 22);
    files.push(Buffer.from('PK\x03\x04', 'latin1'), head, label, bytes);
    const entry = Buffer.alloc(42);
    entry.writeUInt16LE(20, 0);
    head.copy(entry, 2);
    entry.writeUInt32LE(at, 38);
    central.push(Buffer.from('PK\x01\x02', 'latin1'), entry, label);
    at += 30 + label.length + bytes.length;
  }
  const list = Buffer.concat(central), end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(parts).length, 4);
  end.writeUInt16LE(Object.keys(parts).length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, list, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
const cell = (ref, v) => (typeof v === 'number' ? `<c r="${ref}"><v>${v}</v></c>` : `<c r="${ref}" t="inlineStr"><is><t>${v}</t></is></c>`);
const workbook = (rows) => zip({
  'xl/workbook.xml': '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Comp" sheetId="1" r:id="rId1"/></sheets></workbook>',
  'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
  'xl/worksheets/sheet1.xml': `<worksheet><sheetData>${rows.map((row, i) => `<row r="${i + 1}">${row.map((v, k) => cell(`${String.fromCharCode(65 + k)}${i + 1}`, v)).join('')}</row>`).join('')}</sheetData></worksheet>`,
});

const COMP = `Competitive report,,,,,
Advertiser,Station,Market,Start Date,End Date,Total (net)
Ours,WAAA,504,10/12/2026,10/18/2026,"$17,000.00"
Theirs,WBBB,504,10/12/2026,10/25/2026,"8,500"
Theirs,WBBB,504,13/12/2026,10/25/2026,"8,500"
`;

test('a sheet is an input: one document and line a row, errors by row number, known bytes add nothing', async () => {
  const c = await own();
  const sent = await upload('comp.csv', COMP, `&campaign_id=${c.id}`);
  assert.equal(sent.status, 202, sent.text);
  assert.equal(sent.json.media_type, 'text/csv');
  const input = await parsed(sent.json.id);
  assert.deepEqual([input.status, input.documents, input.lines, input.exceptions], ['parsed', 2, 2, 1]);
  const lines = await linesOf(c.id);
  assert.deepEqual(lines.map((l) => [l.advertiser, l.station, l.market, l.gross_cents, l.net_cents, l.amount_basis, l.source, l.row, l.doc_type, l.input_id]), [
    ['Ours', 'WAAA', 504, 2000000, 1700000, 'net', 'rep_mail', 3, 'sheet', input.id],
    ['Theirs', 'WBBB', 504, 1000000, 850000, 'net', 'rep_mail', 4, 'sheet', input.id],
  ]);
  const doc = (await server.api('GET', `/api/v1/documents/${lines[0].document_id}`)).json;
  assert.deepEqual([doc.row, doc.part, doc.parts, doc.at.net_cents.page, doc.at.net_cents.text], [3, 1, 2, 1, '$17,000.00']);
  const [problem, ...others] = await allItems(server, `/api/v1/exceptions?input_id=${input.id}`);
  assert.deepEqual(others, []);
  assert.deepEqual([problem.kind, problem.subject, problem.status], ['row_error', 'row 5', 'open']);
  assert.match(problem.details, /flight_from: there is no such day, is "13\/12\/2026"/);
  assert.equal((await matrix(server, c.id)).totals.total_cents, 3000000);
  const again = await upload('comp.csv', COMP, `&campaign_id=${c.id}`);
  assert.deepEqual([again.status, again.json.id], [200, input.id]);
  assert.equal((await linesOf(c.id)).length, 2);
  assertFaults(await server.api('GET', '/api/v1/exceptions?input_id=cmp_1'), 422, ['input_id']);
});

test('a workbook gives the same lines as the text', async () => {
  const c = await own();
  const sent = await upload('comp.xlsx', workbook([['Client', 'Call Letters', 'DMA', 'Week of', 'Gross ($000)'], ['Ours', 'WAAA', 504, 46307, 17.3], ['Total', '', '', '', 17.3]]), `&campaign_id=${c.id}`);
  assert.equal(sent.status, 202, sent.text);
  const input = await parsed(sent.json.id);
  assert.deepEqual([input.status, input.lines, input.exceptions], ['parsed', 1, 0]);
  const [l] = await linesOf(c.id);
  assert.deepEqual([l.flight_from, l.flight_to, l.gross_cents, l.net_cents], ['2026-10-12', '2026-10-18', 1730000, 1470500]);
  const cut = await upload('cut.xlsx', workbook([['a']]).subarray(0, 200));
  const damaged = await parsed(cut.json.id);
  assert.deepEqual([damaged.status, damaged.reason, damaged.exceptions], ['unreadable', 'damaged', 1]);
});

test('two rows of one sheet stay two buys; rows of one order are its lines', async () => {
  const c = await own();
  const text = 'Advertiser,Station,Market,Order,Start,End,Gross\nOurs,WAAA,504,,10/12/2026,10/18/2026,100\nOurs,WAAA,504,,10/12/2026,10/18/2026,100\n'
    + 'Ours,WBBB,504,387130,10/12/2026,10/18/2026,70\nOurs,WBBB,504,387130,10/19/2026,10/25/2026,30\n';
  const input = await parsed((await upload('rows.csv', text, `&campaign_id=${c.id}`)).json.id);
  assert.equal(input.lines, 3);
  assert.deepEqual(cellsOf(await matrix(server, c.id), { station: 'WBBB' }), { '2026-10-12': 7000, '2026-10-19': 3000 });
  assert.equal((await matrix(server, c.id)).totals.total_cents, 30000);
});

test('column mappings: one a source, faults with their paths, used by the next sheet', async () => {
  const put = (body) => server.api('PUT', '/api/v1/column-mappings', body);
  assertFaults(await put({ source: 'newsletter', columns: [{ field: 'advertiser', header: 'Who' }, { field: 'colour', header: 'B' }, { field: 'advertiser', header: 'C' }] }), 422, ['columns[1].field', 'columns[2].field']);
  assertFaults(await put({ source: 'nobody', columns: [{ field: 'net_cents', header: 'N' }] }), 422, ['source']);
  const { status, json, text } = await put({ source: 'newsletter', columns: [{ field: 'advertiser', header: 'Who?' }, { field: 'gross', header: 'Spend' }] });
  assert.equal(status, 200, text);
  assert.deepEqual(json.columns, [{ field: 'advertiser', header: 'Who?' }, { field: 'gross_cents', header: 'Spend' }]);
  assert.deepEqual((await allItems(server, '/api/v1/column-mappings')).map((m) => m.source), ['newsletter']);
  const c = await own();
  const path = file('mapped.csv', 'Who?,Where,Start,End,Spend\nOurs,WAAA,10/12/2026,10/18/2026,100\n');
  const r = importLines(c.id, path, '--as', 'newsletter', '--map', 'advertiser=Who?', '--map', 'station=Where', '--map', 'gross_cents=Spend');
  assert.equal(r.code, 0, r.err);
  assert.equal(r.summary.lines, 1);
  const [l] = await linesOf(c.id);
  assert.deepEqual([l.source, l.station, l.gross_cents], ['newsletter', 'WAAA', 10000]);
  assert.equal((await allItems(server, '/api/v1/column-mappings'))[0].version, 2);
  assert.equal(importLines(c.id, path, '--map', 'colour=Spend').code, 1);
  assert.equal(run(['import', '--source', 'fcc', '--as', 'rep_mail', '--server', server.url, path], { env }).code, 2);
});

test('import --source lines: row errors by number on standard error, exit 1 when nothing could be read', async () => {
  const c = await own();
  const path = file('lines.csv', `${COMP}Total,,,,,"$99,000.00"\n`);
  const r = importLines(c.id, path);
  assert.equal(r.code, 0, r.err);
  assert.deepEqual(r.summary, { inputs: 1, new: 1, known: 0, lines: 2, unreadable: 0, exceptions: 2 });
  assert.match(r.err, /lines\.csv: row 5: flight_from: /);
  assert.match(r.err, /lines\.csv: row 6: Total \(net\): the total is \$99,000\.00, its rows are \$34,000\.00/);
  assert.equal((await linesOf(c.id))[0].source, 'upload');
  const second = importLines(c.id, path);
  assert.deepEqual([second.code, second.summary.new, second.summary.known, (await linesOf(c.id)).length], [0, 0, 1, 2]);
  const odd = importLines(c.id, file('odd.csv', 'A;B\n1;2\n'));
  assert.equal(odd.code, 1);
  assert.match(odd.err, /no_parser/);
  assert.match(odd.err, /nothing could be read/);
  const bad = importLines(c.id, file('bad.csv', 'Advertiser,Station,Start,End,Gross\nOurs,WAAA,soon,later,much\n'));
  assert.equal(bad.code, 1);
  assert.match(bad.err, /row 2: flight_from/);
});

test('import --source lines --data: the same without a server', async () => {
  const dataDir = join(dir, 'own', 'data');
  mkdirSync(join(dir, 'own'), { recursive: true });
  const path = file('own.csv', COMP);
  const first = run(['import', '--source', 'lines', '--as', 'rep_mail', '--data', dataDir, '--json', path]);
  assert.equal(first.code, 0, first.err);
  assert.deepEqual(JSON.parse(first.out.trim().split('\n').at(-1)), { inputs: 1, new: 1, known: 0, lines: 2, unreadable: 0, exceptions: 1 });
  const other = await startServer({ dataDir });
  try {
    assert.equal((await allItems(other, '/api/v1/pending')).length, 2, 'no campaign took them yet');
  } finally {
    await other.stop();
  }
});

test('a sheet nobody could read is read again once its columns are told', async () => {
  const c = await own();
  const path = file('later.csv', 'Payer,Place,First,Last,Money\nOurs,WAAA,10/12/2026,10/18/2026,100\n');
  const first = importLines(c.id, path, '--as', 'rss');
  assert.equal(first.code, 1, first.out);
  const maps = [['advertiser', 'Payer'], ['station', 'Place'], ['flight_from', 'First'], ['flight_to', 'Last'], ['gross_cents', 'Money']].flatMap(([f, h]) => ['--map', `${f}=${h}`]);
  const second = importLines(c.id, path, '--as', 'rss', ...maps);
  assert.equal(second.code, 0, second.err);
  await until('its line is there', async () => (await linesOf(c.id)).length === 1);
  const [input] = (await allItems(server, '/api/v1/inputs')).filter((i) => i.filename?.endsWith('later.csv'));
  assert.deepEqual([input.status, input.reason, input.lines], ['parsed', null, 1]);
  assert.deepEqual((await allItems(server, `/api/v1/exceptions?input_id=${input.id}&status=open`)), []);
});

test('the sample sheet is read whole', async () => {
  const c = await own();
  const r = importLines(c.id, join(SAMPLES, 'sheets/rep-comparison.csv'), '--as', 'rep_mail');
  assert.equal(r.code, 0, r.err);
  assert.equal(r.err.includes('row'), false, r.err);
  assert.ok(r.summary.lines > 5);
});
