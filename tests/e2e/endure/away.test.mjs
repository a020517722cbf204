// away.test.mjs - the database is away for long under load: no request fails, nobody waits, the server's memory does not grow with what
// the database lacks, and when it is back it catches up faster than time passed and ends equal to the state.
//
// How:  the same load runs with the database, without it and while it catches up; memory is compared by what a commit costs with and
//       without. ENDURE_MINUTES: how long it is away (8 s; long 60 minutes).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caughtUp, noMariadb, sleep, until } from '../server.mjs';
import { matrix } from '../with.mjs';
import { assertMariadb, assertSqlIsJournal } from '../with_sql.mjs';
import { length, LONG, processOf, progress, quantile, readsOf, stage, tell } from './with_endure.mjs';

const AWAY_MS = length('MINUTES', 0.13, 60) * 60000;
const WITH_MS = Math.max(2000, Math.min(60000, AWAY_MS / 3)); // what a commit costs is measured so long
// A commit of this load is some hundred bytes in the journal; held for the database it would be that much at least.
const NOISE_BYTES = 24 * 1024 * 1024;

test('away: the database', { skip: noMariadb }, async (t) => {
  const place = await stage(t, { mariadb: true, env: { CHECKPOINT_MB: '16' } });
  const { dataDir, db } = place, server = await place.start();
  const load = await place.load({ clients: length('CLIENTS', 6, 6), pause: LONG ? 150 : 25, weights: { lines: 6, edits: 6, patches: 6, verdicts: 1, combines: 1, pdfs: 1, sheets: 1 } });
  const readers = place.readers([load.lines, load.edited].flatMap(readsOf));
  const followers = [false, true, false, true].map((h2, i) => place.follower([load.lines, load.edited][i >> 1].id, { h2 }).connect());
  const health = async () => (await server.api('GET', '/api/v1/health')).json;
  const sample = async () => ({ bytes: processOf(server.pid).bytes, commits: (await health()).parts.journal.durable });
  load.start();
  readers.start();
  await sleep(1000);
  const a = await sample();
  await sleep(WITH_MS);
  const b = await sample();

  const began = Date.now();
  await db.kill();
  let most = 0;
  const said = await until('health says that the database is away', async () => {
    const { parts } = await health();
    return parts.database.status !== 'ok' && parts.database;
  }, 20000);
  assert.match(said.error ?? '', /MySQL: .*[a-z]{4}/, 'says it in words');
  const c = await sample();
  while (Date.now() - began < AWAY_MS) {
    await sleep(Math.min(1000, Math.max(0, AWAY_MS - (Date.now() - began))));
    const { bytes } = processOf(server.pid);
    most = Math.max(most, bytes);
    progress(`away: ${Math.round((Date.now() - began) / 1000)} of ${AWAY_MS / 1000} s, ${load.answered} writes, ${readers.answered} reads, ${Math.round(bytes / 1e6)} MB`);
  }
  const d = await sample();
  const awayMs = Date.now() - began;
  const lag = (await health()).parts.database.lag_commits;
  await db.start();
  const back = Date.now();
  await until('the server has found the database again', async () => (await health()).parts.database.status === 'ok', 30000, 20);
  const foundMs = Date.now() - back; // a pause of at most 5 s between two tries
  await until('the database has everything, under load', async () => {
    const { database } = (await health()).parts;
    return database.status === 'ok' && database.lag_commits < 200;
  }, awayMs + 30000, 20);
  const catchUpMs = Date.now() - back;
  const e = await sample();

  await load.end();
  await readers.end();
  for (const follower of followers) await follower.assertEquals(await matrix(server, follower.campaign));
  assert.deepEqual([readers.failed.slice(0, 3), load.refused, load.broken, followers.map((f) => f.stream.failed)], [[], {}, 0, [null, null, null, null]]);
  const counted = await load.assertWhole();
  const per = (x, y) => (y.bytes - x.bytes) / Math.max(1, y.commits - x.commits);
  const memory = { with_db: Math.round(per(a, b)), without: Math.round(per(c, d)) };
  tell(t, 'away', { away_s: awayMs / 1000, lag_commits: lag, ...counted, reads: readers.answered, failed: readers.failed.length, read_p99_ms: quantile(readers.times, 0.99), slowest_write_ms: load.slowest,
    deltas: followers.reduce((n, f) => n + f.deltas, 0), found_ms: foundMs, catch_up_ms: catchUpMs, ratio: catchUpMs / awayMs, bytes_per_commit_with: memory.with_db, bytes_per_commit_away: memory.without,
    mb_before: b.bytes / 1e6, mb_away_most: most / 1e6, mb_after: e.bytes / 1e6 });
  assert.ok(catchUpMs - foundMs < awayMs, `${catchUpMs} ms to catch up after ${awayMs} ms`);
  const grown = d.bytes - c.bytes, expected = Math.max(0, per(a, b)) * 1.25 * (d.commits - c.commits);
  assert.ok(grown < expected + NOISE_BYTES, `${grown} bytes more while it was away, ${Math.round(expected)} expected of so many commits`);
  assert.ok(load.slowest < 5000, `a write took ${load.slowest} ms`);
  await Promise.all(followers.map((f) => f.disconnect()));
  await caughtUp(server);
  await assertMariadb(server, db);
  assert.equal(await server.stop(), 0, server.stderr());
  await assertSqlIsJournal(dataDir, db);
});
