// demo.test.mjs - the sample race: what the reader finds, and what `serve --demo` shows, against the samples' own addition.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allItems, run, SAMPLES, startServer, temporaryFolder } from './server.mjs';

const expected = JSON.parse(readFileSync(join(SAMPLES, 'expected.json'), 'utf8'));
const folders = readdirSync(join(SAMPLES, 'documents')).sort().map((f) => join(SAMPLES, 'documents', f));
let dataDir, server, campaign;

before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir, args: ['--demo'], ready: /demo: (\d+) documents/, ms: 60000 });
  campaign = (await server.api('GET', '/api/v1/campaigns')).json.items[0];
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const matrixOf = async (query = '') => (await server.api('GET', `/api/v1/matrix?campaign_id=${campaign.id}${query}`)).json;

function assertMatrix(got, want) {
  assert.deepEqual(got.weeks, want.weeks);
  const leaves = got.rows.filter((r) => r.kind === 'leaf');
  const key = (l) => [l.side, l.advertiser, l.market, l.medium, l.station].join(' | ');
  assert.deepEqual(leaves.map((r) => key(r.labels)).sort(), want.rows.map(key).sort());
  for (const row of want.rows) {
    const leaf = leaves.find((r) => key(r.labels) === key(row));
    assert.deepEqual(leaf.cells, want.weeks.map((w) => row.cells[w] ?? null), key(row));
    assert.equal(leaf.total_cents, row.total_cents, key(row));
  }
  assert.deepEqual(got.totals.cells, want.weeks.map((w) => want.totals[w]));
  assert.equal(got.totals.total_cents, want.total_cents);
}

test('demo: the reader finds what the samples print, document by document', () => {
  const { code, out } = run(['read', '--source', 'fcc', '--json', ...folders]);
  assert.equal(code, 0);
  const read = out.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(read.length, expected.documents.length, 'one object a document, for none is a packet');
  for (const want of expected.documents) {
    const got = read.find((d) => d.file.endsWith(want.file));
    assert.ok(got, want.file);
    const { file, ...fields } = want;
    assert.deepEqual(Object.fromEntries(Object.keys(fields).map((k) => [k, got[k] ?? null])), fields, file);
  }
});

for (const basis of ['gross', 'net']) {
  test(`demo: the matrix shows exactly the samples' dollars, ${basis}, broadcast weeks`, async () => {
    assertMatrix(await matrixOf(`&basis=${basis}`), expected.matrix.find((m) => m.basis === basis && m.week_basis === 'broadcast'));
  });
}

test('demo: political weeks give the same dollars in other weeks', async () => {
  assert.equal((await server.api('PATCH', `/api/v1/campaigns/${campaign.id}`, { week_basis: 'political' })).status, 200);
  try {
    for (const basis of ['gross', 'net']) {
      assertMatrix(await matrixOf(`&basis=${basis}`), expected.matrix.find((m) => m.basis === basis && m.week_basis === 'political'));
    }
  } finally {
    assert.equal((await server.api('PATCH', `/api/v1/campaigns/${campaign.id}`, { week_basis: 'broadcast' })).status, 200);
  }
});

test('demo: sides stand in order, our own first, and every one is there', async () => {
  const sides = (await matrixOf()).rows.filter((r) => r.kind === 'side').map((r) => r.labels.side);
  assert.deepEqual(sides, ['for', 'against', 'neutral']);
});

test('demo: the scan is listed as unreadable with its reason', async () => {
  const items = await allItems(server, '/api/v1/inputs?status=unreadable');
  assert.equal(items.length, 1);
  assert.match(items[0].filename, /scanned-order\.pdf$/);
  assert.equal(items[0].reason, 'no_text_layer');
});

test('demo: the paper of another race waits for somebody to say where it belongs', async () => {
  const items = await allItems(server, '/api/v1/pending');
  assert.deepEqual(items.map((l) => l.advertiser), expected.pending);
  assert.equal(items[0].campaign_id, null);
});

test('demo: revisions stand as superseded, the deleted order as known zero, the invoice beside its order', async () => {
  const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${campaign.id}`);
  const of = (order) => lines.filter((l) => l.order_no === order);
  assert.deepEqual(of('410200').map((l) => [l.revision, l.standing]).sort(), [['1', 'superseded'], ['2', 'superseded'], ['3', 'winner']]);
  const deleted = of('220781').find((l) => l.revision === '2');
  assert.equal(deleted.stage, 'cancelled');
  assert.equal(deleted.standing, 'winner');
  assert.equal(of('220781').find((l) => l.revision === '1').superseded_by, deleted.id);
  assert.deepEqual(of('519104').map((l) => l.stage).sort(), ['invoiced', 'ordered']);
  const invoice = of('519104').find((l) => l.stage === 'invoiced');
  assert.deepEqual([invoice.flight_from, invoice.flight_to, invoice.billing_from], ['2026-09-14', '2026-09-27', '2026-08-31'], 'the days it closes');
});

test('demo: an order that prints only its net has the gross that the commission gives', async () => {
  const [line] = (await allItems(server, `/api/v1/buy-lines?campaign_id=${campaign.id}`)).filter((l) => l.order_no === 'CV-118');
  const printed = expected.documents.find((d) => d.order_no === 'CV-118').net_cents;
  assert.equal(line.net_cents, printed);
  assert.equal(line.gross_cents, (printed * 20) / 17);
  assert.equal(line.amount_basis, 'net');
});

test('demo: every cell names its lines, and their document and place', async () => {
  const matrix = await matrixOf();
  let seen = 0;
  for (const row of matrix.rows.filter((r) => r.kind === 'leaf')) {
    for (const [i, cents] of row.cells.entries()) {
      if (cents === null || (seen++ % 7 !== 0)) continue;
      const key = encodeURIComponent(`${row.key}@${matrix.weeks[i]}`);
      const { status, json } = await server.api('GET', `/api/v1/matrix/cells/${key}?campaign_id=${campaign.id}`);
      assert.equal(status, 200, key);
      assert.equal(json.gross_cents, cents, key);
      assert.ok(json.lines.length >= 1 && json.documents.length >= 1, key);
    }
  }
  assert.ok(seen > 60);
});

test('demo: a line behind a cell says on which page and in which box its amount is printed', async () => {
  const { rows, weeks } = await matrixOf();
  const leaf = rows.find((r) => r.kind === 'leaf' && r.cells.some((c) => c));
  const key = `${leaf.key}@${weeks[leaf.cells.findIndex((c) => c)]}`;
  const cell = (await server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(key)}?campaign_id=${campaign.id}`)).json;
  for (const line of cell.lines) {
    assert.ok(line.page >= 1, 'page');
    assert.equal(line.box.length, 4);
    assert.ok(line.box[0] < line.box[2] && line.box[1] < line.box[3], String(line.box));
    const amount = line.locator.find((place) => place.field === 'gross_cents');
    if (amount) assert.deepEqual(line.box, amount.box_x100.map((v) => v / 100));
  }
});

test('demo: every document can be shown with the places of its values', async () => {
  const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${campaign.id}`);
  for (const id of new Set(lines.map((l) => l.document_id))) {
    const { status, json, text } = await server.api('GET', `/api/v1/documents/${id}`);
    assert.equal(status, 200, text);
    assert.deepEqual([json.at.advertiser.text, json.at.advertiser.box.length], [json.advertiser, 4]);
  }
});

test('demo: a second start adds nothing', async () => {
  const counts = async () => ({
    campaigns: (await allItems(server, '/api/v1/campaigns')).length,
    inputs: (await allItems(server, '/api/v1/inputs')).length,
    lines: (await allItems(server, `/api/v1/buy-lines?campaign_id=${campaign.id}`)).length,
    pending: (await allItems(server, '/api/v1/pending')).length,
  });
  const first = await counts();
  const { rows } = await matrixOf();
  assert.equal(first.inputs, expected.documents.length);
  assert.equal(await server.stop(), 0);
  server = await startServer({ dataDir, args: ['--demo'], ms: 60000 });
  assert.deepEqual(await counts(), first);
  assert.deepEqual((await matrixOf()).rows, rows);
});

test('demo: making the samples again gives the same bytes', async () => {
  const { make } = await import(join(SAMPLES, 'make.mjs'));
  const folder = temporaryFolder('trailmix-samples-');
  make(folder);
  const files = readdirSync(folder, { recursive: true }).filter((f) => /\.(pdf|json|dat)$/.test(f));
  assert.ok(files.length > 40);
  for (const file of files) assert.ok(readFileSync(join(folder, file)).equals(readFileSync(join(SAMPLES, file))), file);
  rmSync(folder, { recursive: true, force: true });
});
