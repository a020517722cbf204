// import.test.mjs - the command line: `read` and `import` on the samples, their summaries, exit codes, and one owner of a data folder.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { allItems, run, runAsync, SAMPLES, startServer, temporaryFolder, until } from './server.mjs';
import { orderPdf } from './with.mjs';

const documents = join(SAMPLES, 'documents');
const expected = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8'));
const folders = [];
const folder = () => {
  folders.push(temporaryFolder());
  return folders.at(-1);
};
after(() => folders.forEach((f) => rmSync(f, { recursive: true, force: true })));
const jsonLines = (text) => text.trim().split('\n').map((l) => JSON.parse(l));

const summaryOf = (r) => {
  assert.equal(r.code, 0, r.err);
  const summary = jsonLines(r.out).at(-1);
  assert.deepEqual(Object.keys(summary).sort(), ['exceptions', 'inputs', 'known', 'lines', 'new', 'unreadable']);
  for (const v of Object.values(summary)) assert.ok(Number.isInteger(v));
  return summary;
};

test('read: one object a document in argument order, a folder sorted by name, the form as written down', () => {
  const names = readdirSync(join(documents, 'WAAA')).sort();
  const single = join(documents, 'NORTHLINE/881207.pdf');
  const r = run(['read', '--source', 'fcc', '--json', single, join(documents, 'WAAA'), join(documents, 'WBBB/scanned-order.pdf')]);
  assert.equal(r.code, 0, r.err);
  const read = jsonLines(r.out);
  assert.deepEqual(read.map((d) => d.file.split('/').at(-1)), ['881207.pdf', ...names, 'scanned-order.pdf']);
  const want = ['file', 'sha256', 'part', 'parts', 'pages', 'status', 'doc_type', 'stage', 'contract_num', 'order_no', 'invoice_no', 'revision', 'alt_order_no', 'original_date', 'revision_date', 'print_ms', 'billing_from', 'billing_to', 'advertiser', 'agency', 'station', 'stations', 'market', 'medium', 'product', 'gross_cents', 'net_cents', 'commission_bp', 'flight_from', 'flight_to', 'spots', 'market_budget_cents', 'shares', 'confidence_bp', 'at', 'lines', 'airings', 'exceptions'];
  const [cable] = read;
  for (const name of want) assert.ok(name in cable, name);
  assert.equal(cable.sha256, createHash('sha256').update(readFileSync(single)).digest('hex'));
  assert.deepEqual([cable.part, cable.parts, cable.pages, cable.status, cable.medium], [1, 1, [1], 'read', 'cable']);
  for (const name of ['contract_num', 'order_no', 'invoice_no', 'revision', 'alt_order_no', 'original_date', 'revision_date', 'print_ms', 'billing_from', 'billing_to', 'advertiser', 'agency', 'station', 'market', 'product', 'gross_cents', 'net_cents', 'commission_bp', 'flight_from', 'flight_to', 'spots']) {
    for (const d of read.filter((x) => x.status === 'read')) assert.equal(name in d.at, d[name] !== null, `${d.file}: place of ${name}`);
  }
  const { page, box, text } = cable.at.gross_cents;
  assert.deepEqual([page, box.length, text], [1, 4, '$10,800.00']);
  assert.ok(box[0] > 400 && box[2] <= 612 && box[1] > 100 && box[3] < 792, 'points from the upper left corner');
  const spent = cable.lines.reduce((a, l) => a + l.amount_cents, 0);
  assert.equal(spent, cable.gross_cents);
  for (const name of ['line', 'from', 'to', 'days', 'spots', 'rate_cents', 'amount_cents', 'status', 'page']) assert.ok(name in cable.lines[0], name);
  const scan = read.at(-1);
  assert.deepEqual([scan.status, scan.reason], ['unreadable', 'no_text_layer']);
});

test('read: the same every time, and a packet gives one object each', () => {
  const once = run(['read', '--source', 'fcc', '--json', join(documents, 'WBBB')]), twice = run(['read', '--source', 'fcc', '--json', join(documents, 'WBBB')]);
  assert.equal(twice.out, once.out);
});

test('read: wrong usage is 2, a missing file 1, an unreadable one 0', () => {
  assert.equal(run(['read']).code, 2);
  assert.equal(run(['read', '--source', 'nowhere', documents]).code, 2);
  const missing = run(['read', '--source', 'fcc', '--json', '/nonexistent/x.pdf']);
  assert.equal(missing.code, 1);
  assert.match(missing.err, /x\.pdf/);
  const dir = folder();
  writeFileSync(join(dir, 'x.pdf'), 'nothing');
  const unreadable = run(['read', '--source', 'fcc', '--json', join(dir, 'x.pdf')]);
  assert.deepEqual([unreadable.code, jsonLines(unreadable.out)[0].status], [0, 'unreadable']);
});

test('import --data: a summary, a second run adds nothing, then a server shows it', async () => {
  const dataDir = join(folder(), 'data');
  const args = ['import', '--source', 'fcc', '--data', dataDir, '--json', documents];
  const first = summaryOf(run(args)), n = expected.documents.length;
  assert.deepEqual([first.inputs, first.new, first.known, first.unreadable], [n, n, 0, 1]);
  assert.equal(first.lines, n - 2, 'the form and the scan have none');
  const second = summaryOf(run(args));
  assert.deepEqual([second.inputs, second.new, second.known], [n, 0, n]);
  const server = await startServer({ dataDir });
  try {
    assert.equal((await allItems(server, '/api/v1/inputs')).length, n);
    const markets = run(['import', '--source', 'markets', '--server', server.url, join(SAMPLES, 'markets.json')], { env: { SYSTEM_API_KEY: server.key } });
    assert.equal(markets.code, 0, markets.err);
    const stations = run(['import', '--source', 'stations', '--server', server.url, join(SAMPLES, 'stations.dat')], { env: { SYSTEM_API_KEY: server.key } });
    assert.equal(stations.code, 0, stations.err);
    const again = run(['import', '--source', 'stations', '--server', server.url, join(SAMPLES, 'stations.dat')], { env: { SYSTEM_API_KEY: server.key } });
    assert.equal(again.code, 0, again.err);
    assert.equal((await allItems(server, '/api/v1/stations')).filter((s) => s.facility_id).length, 7);
    assert.equal((await allItems(server, '/api/v1/markets')).length, 4);
    // Everything came before the campaign did: what was pending is found by it, in whatever order things arrive.
    const made = await server.api('POST', '/api/v1/campaigns', JSON.parse(readFileSync(join(SAMPLES, 'campaign.json'), 'utf8')));
    assert.equal(made.status, 201, made.text);
    const want = expected.matrix.find((m) => m.basis === 'gross' && m.week_basis === 'broadcast');
    let got;
    for (let i = 0; i < 100; i++) {
      got = (await server.api('GET', `/api/v1/matrix?campaign_id=${made.json.id}`)).json;
      if (got.totals.total_cents === want.total_cents) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.equal(got.totals.total_cents, want.total_cents);
    assert.deepEqual(got.totals.cells, want.weeks.map((w) => want.totals[w]));
  } finally {
    await server.stop();
  }
});

test('import --server: sends the key, waits until all are parsed, and adds nothing the second time', async () => {
  const server = await startServer();
  try {
    const args = ['import', '--source', 'fcc', '--server', server.url, '--json', documents];
    const denied = run(args, { env: { SYSTEM_API_KEY: 'wrong-key-wrong-key-wrong-key-wrong-key' } });
    assert.equal(denied.code, 1);
    assert.match(denied.err, /401|key|principal/i);
    const env = { SYSTEM_API_KEY: server.key };
    const first = summaryOf(run(args, { env }));
    assert.deepEqual([first.new, first.known], [expected.documents.length, 0]);
    const inputs = await allItems(server, '/api/v1/inputs');
    assert.deepEqual([...new Set(inputs.map((i) => i.status))].sort(), ['parsed', 'unreadable']);
    assert.deepEqual([summaryOf(run(args, { env })).new, (await allItems(server, '/api/v1/inputs')).length], [0, inputs.length]);
    const own = await server.api('POST', '/api/v1/campaigns', { name: 'Own', advertisers: [{ name: 'Somebody', side: 'for' }] });
    summaryOf(run([...args.slice(0, 3), '--campaign', own.json.id, ...args.slice(3)], { env }));
    await until('every line goes there, though its bytes were known', async () => (await allItems(server, `/api/v1/buy-lines?campaign_id=${own.json.id}`)).length === first.lines);
  } finally {
    await server.stop();
  }
});

test('import: a folder that did not exist a moment ago takes what is sent at once', () => {
  const file = join(documents, 'KCCC/73411.pdf');
  for (let i = 0; i < 8; i++) assert.equal(summaryOf(run(['import', '--source', 'fcc', '--data', join(folder(), 'data'), '--json', file])).lines, 1);
});

test('import: what is sent in between other bytes is counted right', () => {
  const dir = folder(), dataDir = join(folder(), 'data');
  mkdirSync(join(dir, 'sub'));
  writeFileSync(join(dir, 'a.pdf'), orderPdf({ number: '6600001' }));
  writeFileSync(join(dir, 'copy-of-a.pdf'), orderPdf({ number: '6600001' }));
  writeFileSync(join(dir, 'sub/b.pdf'), orderPdf({ number: '6600002' }));
  writeFileSync(join(dir, 'broken.pdf'), 'x');
  const s = summaryOf(run(['import', '--source', 'fcc', '--data', dataDir, '--json', dir]));
  assert.deepEqual([s.inputs, s.new, s.known, s.lines, s.unreadable], [4, 3, 1, 2, 1]);
});

test('a data folder has one owner; a dead one\'s lock hinders nothing; verify and replay only read', async () => {
  const server = await startServer();
  const { dataDir } = server;
  try {
    const second = await runAsync(['serve', '--listen', '127.0.0.1:0', '--data', dataDir]);
    assert.equal(second.code, 1);
    assert.match(second.err, /in use by another process/);
    const imported = run(['import', '--source', 'fcc', '--data', dataDir, join(documents, 'WAAA')]);
    assert.equal(imported.code, 1);
    assert.match(imported.err, /in use by another process/);
    assert.equal(run(['verify', '--data', dataDir]).code, 0);
    assert.equal((await server.api('GET', '/api/v1/ping')).status, 200);
    await server.kill();
    const next = await startServer({ dataDir });
    assert.equal(await next.stop(), 0);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('usage: unknown commands and options are 2, help is 0, faults of the configuration all at once', () => {
  assert.equal(run([]).code, 2);
  assert.equal(run(['dance']).code, 2);
  assert.equal(run(['serve', '--colour', 'red']).code, 2);
  assert.equal(run(['import', '--source', 'fcc']).code, 2);
  assert.equal(run(['serve', '--help']).code, 0);
  const faults = run(['check-config'], { env: { PORT: '99999999', LOG_LEVEL: 'loud', MAX_BODY_MB: '0' } });
  assert.equal(faults.code, 1);
  for (const name of ['PORT', 'LOG_LEVEL', 'MAX_BODY_MB']) assert.match(faults.err, new RegExp(`• ${name}: `), name);
  assert.equal(run(['check-config']).code, 0);
  const serve = run(['serve', '--data', join(folder(), 'd')], { env: { PORT: '99999999' } });
  assert.equal(serve.code, 1);
  assert.match(serve.err, /PORT/);
  for (const what of ['openapi', 'sql', 'ts', 'lock', 'limits', 'routes']) assert.equal(run(['dump', what]).code, 0, what);
  JSON.parse(run(['dump', 'openapi']).out);
});
