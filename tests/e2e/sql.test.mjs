// sql.test.mjs - the projections: rows of SQLite and of a real MariaDB equal what the API says, field by field, after catching up; also
// when the database dies in between, when it comes back late, and when it begins empty.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allItems, caughtUp, noMariadb, SAMPLES, sqlite, startMariadb, startServer, temporaryFolder, until } from './server.mjs';
import { campaign, line } from './with.mjs';
import { allLines, assertMariadb, assertRows, COLUMNS, sqliteRows } from './with_sql.mjs';

// Lines of every kind: revisions that supersede, a cancelled order, an invoice with airings, ranges, odd letters.
async function fill(server, n = 40) {
  const race = await campaign(server, { advertisers: [{ name: 'Ours', side: 'for' }] });
  for (let i = 0; i < n; i++) await line(server, race.id, { gross_cents: 1000 + i, order_no: String(4000000 + (i % 9)), revision: String(i), source: 'fcc' });
  await line(server, race.id, { order_no: '4000000', revision: '99', stage: 'cancelled', source: 'fcc' });
  await line(server, race.id, { order_no: '5550001', doc_type: 'invoice', stage: 'invoiced', invoice_no: '5550001-1', billing_from: '2026-09-28', billing_to: '2026-10-25', airings: [{ air_date: '2026-10-14', air_time: '18:05', amount_cents: 5000, length_s: 30, isci: 'ABC1' }] });
  await line(server, race.id, { gross_cents: undefined, low_cents: 100, medium: 'digital', station: undefined });
  await line(server, race.id, { advertiser: "Größe 💸 \\ 'quoted' \"twice\"; --", hiatus: [{ from: '2026-10-14', to: '2026-10-15' }], reason: 'tab\tand\nline', estimate: true });
  return race;
}

test('sql: SQLite has every line of the API, field by field', async () => {
  const server = await startServer({ args: ['--demo'], ready: /demo: \d+ documents/, ms: 60000 });
  try {
    await fill(server);
    await caughtUp(server);
    const lines = await allLines(server);
    assert.ok(lines.length > 75);
    assertRows(lines, sqliteRows(server, COLUMNS(lines[0])));
    const counts = Object.fromEntries(sqlite(server.dataDir, "SELECT 'campaign' t, COUNT(*) n FROM campaign UNION SELECT 'raw_input', COUNT(*) FROM raw_input UNION SELECT 'document', COUNT(*) FROM document").map((r) => [r.t, r.n]));
    assert.equal(counts.campaign, (await allItems(server, '/api/v1/campaigns')).length);
    const inputs = await allItems(server, '/api/v1/inputs');
    assert.equal(counts.raw_input, inputs.length);
    assert.equal(counts.document, inputs.reduce((a, i) => a + Math.max(1, i.documents), 0));
  } finally {
    await server.stop();
  }
});

test('sql: a lost SQLite file is made again from the journal', async () => {
  const dataDir = temporaryFolder();
  let server = await startServer({ dataDir });
  try {
    await fill(server, 20);
    await server.kill();
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `trailmix.db${end}`), { force: true });
    server = await startServer({ dataDir });
    await caughtUp(server);
    const lines = await allLines(server);
    assertRows(lines, sqliteRows(server, COLUMNS(lines[0])));
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

// ---- MariaDB ----

test('sql: MariaDB', { skip: noMariadb }, async (t) => {
  const dataDir = temporaryFolder();
  const db = await startMariadb();
  let server = await startServer({ dataDir, database: db.url });
  try {
    await t.test('has every line of the API, field by field', async () => {
      await fill(server);
      assert.ok((await assertMariadb(server, db)) > 40);
    });
    await t.test('writes go on while it is dead; it catches up when it is back', async () => {
      const before = (await allLines(server)).length;
      const filling = fill(server, 60);
      await db.kill();
      await filling;
      await fill(server, 20);
      const health = await until('health says that the database is away', async () => {
        const { json } = await server.api('GET', '/api/v1/health');
        return json.parts.database.status !== 'ok' && json;
      });
      assert.ok(health.parts.database.error);
      await db.start();
      assert.ok((await assertMariadb(server, db)) > before + 80);
    });
    await t.test('killed again and again under load it ends equal', async () => {
      for (let round = 0; round < 3; round++) {
        const filling = fill(server, 30);
        await db.kill();
        await db.start();
        await filling;
      }
      await assertMariadb(server, db);
    });
    await t.test('the server killed and started without it answers, then catches up', async () => {
      await fill(server, 10);
      await server.kill();
      await db.kill();
      server = await startServer({ dataDir, database: db.url });
      await fill(server, 10);
      await db.start();
      await assertMariadb(server, db);
    });
    await t.test('an empty database is filled from the journal', async () => {
      await server.stop();
      db.query('DROP DATABASE trailmix; CREATE DATABASE trailmix CHARACTER SET utf8mb4');
      server = await startServer({ dataDir, database: db.url });
      await assertMariadb(server, db);
    });
    await t.test('documents read from the samples stand there too', async () => {
      const { run } = await import('./server.mjs');
      const imported = run(['import', '--source', 'fcc', '--server', server.url, '--json', join(SAMPLES, 'documents/WAAA'), join(SAMPLES, 'documents/WBBB')], { env: { SYSTEM_API_KEY: server.key } });
      assert.equal(imported.code, 0, imported.err);
      await assertMariadb(server, db);
    });
  } finally {
    await server.stop();
    await db.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
