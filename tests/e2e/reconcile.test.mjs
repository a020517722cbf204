// reconcile.test.mjs - a campaign against a whole list of another source: four results, what differs in words, the same twice.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allItems, run, startServer, temporaryFolder } from './server.mjs';
import { assertFaults, campaign, line, matrix } from './with.mjs';

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

const LIST = `Client,Call Letters,Start,End,Gross
OURS,WAAA-TV,10/13/2026,10/26/2026,"21,000.00"
Ours,WBBB,10/13/2026,10/26/2026,"10,500.00"
Nobody We Know,WAAA,10/13/2026,10/26/2026,5
`;
const post = (id, text, query = '&source=adimpact&filename=list.csv') => server.api('POST', `/api/v1/reconciliations?campaign_id=${id}${query}`, text, { 'content-type': 'text/csv' });

async function race() {
  const c = await campaign(server);
  await line(server, c.id);
  await line(server, c.id, { station: 'WBBB', gross_cents: 1000000 });
  const third = await line(server, c.id, { station: 'WCCC', gross_cents: 700 });
  await line(server, c.id, { station: 'WCCC', flight_from: '2026-01-05', flight_to: '2026-01-11', gross_cents: 900 });
  return { c, third };
}

test('equal, differs, missing here, missing there; kept with its rows, listed without', async () => {
  const { c, third } = await race();
  const { status, json, text, headers } = await post(c.id, LIST);
  assert.equal(status, 201, text);
  assert.equal(headers.get('location'), `/api/v1/reconciliations/${json.id}`);
  assert.deepEqual([json.equal, json.differs, json.missing_here, json.missing_there], [1, 1, 1, 1]);
  assert.deepEqual([json.source, json.filename, json.campaign_id], ['adimpact', 'list.csv', c.id]);
  assert.deepEqual(json.rows.map((r) => r.result), ['missing_here', 'missing_there', 'differs', 'equal']);
  const [here, there, differs, equal] = json.rows;
  assert.deepEqual([here.row, here.advertiser, here.theirs_cents, here.buy_line_id], [4, 'Nobody We Know', 500, null]);
  assert.deepEqual([there.row, there.buy_line_id, there.ours_cents], [null, third.id, 700]);
  assert.deepEqual([differs.row, differs.ours_cents, differs.theirs_cents], [3, 1000000, 1050000]);
  assert.match(differs.text, /gross \$10,000\.00 here, \$10,500\.00 there \(\$500\.00 more there\)/);
  assert.deepEqual([equal.row, equal.text], [2, null]);
  const shown = await server.api('GET', `/api/v1/reconciliations/${json.id}`);
  assert.deepEqual(shown.json, json);
  assert.ok(shown.headers.get('etag'));
  const again = await post(c.id, LIST);
  assert.deepEqual(again.json.rows, json.rows);
  const list = await allItems(server, `/api/v1/reconciliations?campaign_id=${c.id}`);
  assert.deepEqual(list.map((r) => [r.id, r.rows.length]), [[json.id, 0], [again.json.id, 0]]);
  assert.equal((await matrix(server, c.id)).totals.total_cents, 2100000 + 1000000 + 700 + 900, 'no row became a line');
});

test('faults: parameters, a list with rows that cannot be read, no list at all', async () => {
  const c = await campaign(server);
  assertFaults(await post(c.id, LIST, '&source=nobody'), 422, ['source']);
  assertFaults(await server.api('POST', '/api/v1/reconciliations?source=fcc', LIST, { 'content-type': 'text/csv' }), 422, ['campaign_id']);
  assertFaults(await post(c.id, `${LIST}Ours,WAAA,10/13/2026,,x\n`), 422, ['row 5']);
  assertFaults(await post(c.id, 'A;B\n1;2\n'), 422, ['body']);
  assertFaults(await post(c.id, 'PK\x03\x04 and then nothing'), 422, ['body']);
  assertFaults(await post(c.id, 'Client,Call Letters,Start,End,Gross\n'), 422, ['body']);
  assert.equal((await server.api('GET', '/api/v1/reconciliations/rcn_0000000000001')).status, 404);
  assert.deepEqual(await allItems(server, `/api/v1/reconciliations?campaign_id=${c.id}`), []);
});

test('import --source reconcile prints counts and exits 0', async () => {
  const { c } = await race();
  const path = join(dir, 'list.csv');
  writeFileSync(path, LIST);
  const args = ['import', '--source', 'reconcile', '--as', 'adimpact', '--campaign', c.id, '--server', server.url];
  const text = run([...args, path], { env });
  assert.equal(text.code, 0, text.err);
  assert.match(text.out, /equal 1, differs 1, missing here 1, missing there 1/);
  assert.match(text.out, /differs, row 3: Ours, WBBB: gross/);
  const json = run([...args, '--json', path], { env });
  const { equal, differs, missing_here, missing_there } = JSON.parse(json.out.trim().split('\n').at(-1));
  assert.deepEqual([json.code, equal, differs, missing_here, missing_there], [0, 1, 1, 1, 1]);
  assert.equal(run(['import', '--source', 'reconcile', '--server', server.url, path], { env }).code, 2);
  writeFileSync(path, 'nothing');
  assert.equal(run([...args, path], { env }).code, 1);
});
