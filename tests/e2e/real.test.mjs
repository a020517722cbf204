// real.test.mjs - real papers of real stations, where this machine has them: all are imported, a second import adds nothing, every cell
// is recomputed by somebody else's arithmetic, and the reader is as right as it must be.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allItems, BIN, realDocuments, runAsync, startServer } from './server.mjs';

const base = realDocuments();
const skip = base ? false : 'no real documents: neither $TRAILMIX_SHARED nor ../shared';
const python = (script, args) => spawnSync('python3', [join(base, 'tools', script), ...args], { encoding: 'utf8', maxBuffer: 1 << 28, timeout: 300000 });

test('real papers: imported once, the matrix is right in both week bases', { skip }, async () => {
  const pdfs = join(base, 'data/fcc_docs/pdf');
  const count = readdirSync(pdfs, { recursive: true }).filter((f) => /\.pdf$/i.test(f)).length;
  const server = await startServer();
  try {
    const env = { SYSTEM_API_KEY: server.key };
    const race = (await server.api('POST', '/api/v1/campaigns', { name: 'Everything', week_basis: 'broadcast' })).json;
    const load = async () => {
      const r = await runAsync(['import', '--source', 'fcc', '--server', server.url, '--json', pdfs], { env });
      assert.equal(r.code, 0, r.err);
      return JSON.parse(r.out.trim().split('\n').at(-1));
    };
    const first = await load();
    assert.deepEqual([first.inputs, first.new + first.known], [count, count]);
    const lines = (await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`)).length;
    assert.ok(lines > count * 0.6, `${lines} lines of ${count} papers`);
    const second = await load();
    assert.deepEqual([second.new, second.known], [0, count]);
    assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`)).length, lines);
    for (const week_basis of ['broadcast', 'political']) {
      assert.equal((await server.api('PATCH', `/api/v1/campaigns/${race.id}`, { week_basis })).status, 200);
      const r = python('recompute_matrix.py', ['--url', server.url, '--key', server.key, '--campaign', race.id]);
      assert.equal(r.status, 0, `${week_basis}: ${r.stdout.slice(-3000)}${r.stderr.slice(-1000)}`);
    }
  } finally {
    await server.stop();
  }
});

test('real papers: the reader is as right as it must be', { skip }, () => {
  const r = python('score_read.py', ['--data', join(base, 'data/fcc_docs'), '--run', BIN,
    '--min', 'contract=0.955', 'advertiser=0.90', 'gross=0.96', 'flight_from=0.97', 'flight_to=0.965',
    '--min-precision', 'contract=0.97', 'advertiser_lenient=0.98', 'gross=0.985', 'flight_from=0.985', 'flight_to=0.985',
    '--max-invented', '0', '--max-missing', '0']);
  assert.equal(r.status, 0, `${r.stdout.slice(-4000)}${r.stderr.slice(-1000)}`);
});
