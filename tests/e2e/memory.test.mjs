// memory.test.mjs - a small memory limit under a flood of lines and uploads: the process lives, reads go on, writes resume.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { sleep, startServer, temporaryFolder, until } from './server.mjs';
import { campaign, line, matrix } from './with.mjs';

const MB = 1 << 20;
const memoryOf = async (server) => (await server.api('GET', '/api/v1/health')).json.parts.memory;

test('memory: a flood of uploads at a small limit is refused in time, reads go on, writes resume', async () => {
  // room for the program itself and little more: bodies alone would take a gigabyte
  const server = await startServer({ env: { MEMORY_LIMIT_MB: '160', MAX_BODY_MB: '8' } });
  try {
    const race = await campaign(server, { name: 'Small' });
    await line(server, race.id, { gross_cents: 70000 });
    const seen = new Map();
    const states = new Set();
    let reads = 0;
    let flooding = true;
    const reading = (async () => {
      while (flooding) {
        const got = await server.api('GET', `/api/v1/matrix?campaign_id=${race.id}`);
        assert.equal(got.status, 200, got.text);
        states.add((await memoryOf(server)).status);
        reads++;
        await sleep(10);
      }
    })();
    const noise = randomBytes(7 * MB);
    const another = () => { // cheap to make: who floods also counts the reads
      const bytes = Buffer.from(noise);
      randomBytes(16).copy(bytes);
      return bytes;
    };
    const upload = async (n) => {
      for (let i = 0; i < n; i++) {
        let status;
        try {
          const got = await server.api('POST', `/api/v1/inputs?source=fcc&filename=${i}.bin`, another(), { 'content-type': 'application/octet-stream' });
          status = got.status;
          if (status === 503) assert.ok(Number(got.headers.get('retry-after')) >= 1, got.text);
        } catch {
          status = 'cut'; // in the middle of its body
        }
        seen.set(status, (seen.get(status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 16 }, () => upload(8)));
    flooding = false;
    await reading;
    assert.ok(reads > 5, `${reads} reads`);
    for (const status of seen.keys()) assert.ok([200, 202, 503, 'cut'].includes(status), JSON.stringify([...seen]));
    assert.ok((seen.get(503) ?? 0) + (seen.get('cut') ?? 0) > 0, JSON.stringify([...seen]));
    await until('memory falls', async () => (await memoryOf(server)).status === 'ok', 30000);
    await line(server, race.id, { gross_cents: 30000 });
    assert.equal((await matrix(server, race.id)).totals.total_cents, 100000);
    const memory = await memoryOf(server);
    assert.equal(memory.limit_bytes, 160 * MB);
    assert.ok(memory.used_bytes > 0 && memory.used_bytes < memory.limit_bytes, JSON.stringify(memory));
  } finally {
    await server.stop();
  }
});

test('memory: with no room at all everything that grows says so, and reads go on', async () => {
  const dataDir = temporaryFolder();
  const first = await startServer({ dataDir });
  const race = await campaign(first, { name: 'None' });
  await line(first, race.id, { gross_cents: 70000 });
  await first.stop();
  const server = await startServer({ dataDir, env: { MEMORY_LIMIT_MB: '8' } });
  try {
    const refused = await server.api('POST', '/api/v1/campaigns', { name: 'More' });
    assert.equal(refused.status, 503);
    assert.equal(refused.json.code, 'memoryfull');
    assert.equal(refused.headers.get('retry-after'), '5');
    assert.equal((await matrix(server, race.id)).totals.total_cents, 70000);
    const health = await server.api('GET', '/api/v1/health');
    assert.equal(health.status, 200);
    assert.equal(health.json.status, 'degraded');
    assert.equal(health.json.parts.memory.status, 'full');
    assert.equal(server.stderr().match(/every write and new event stream is refused/g).length, 1, server.stderr());
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
