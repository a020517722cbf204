// sick.test.mjs - a database that is there and does not work: read-only, without rights, out of connections, asleep, killed in the middle
// of what it writes, its connection cut. No request fails, health says what it is in words, and afterwards it catches up once and exactly.
//
// How:  one server, one load, one illness after the other; at the end every table equals one made anew from the journal.
//       ENDURE_ROUNDS: how often all of them (1; long 10).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { caughtUp, noMariadb, sleep, until } from '../server.mjs';
import { campaign, line, matrix } from '../with.mjs';
import { assertMariadb, assertSqlIsJournal } from '../with_sql.mjs';
import { length, LONG, progress, random, readsOf, stage, tell } from './with_endure.mjs';

const ROUNDS = length('ROUNDS', 1, 10);

test('sick: a database that is there and does not work', { skip: noMariadb }, async (t) => {
  const place = await stage(t, { mariadb: true });
  const { dataDir, db } = place, server = await place.start();
  const load = await place.load({ clients: 4, pause: 20, weights: { lines: 6, edits: 2, patches: 2, verdicts: 1, combines: 1, sheets: 1 } });
  const readers = place.readers(readsOf(load.lines));
  const database = async () => (await server.api('GET', '/api/v1/health')).json.parts.database;
  const says = (words, ms = 25000) => until(`health says ${words}`, async () => {
    const part = await database();
    return part.status !== 'ok' && words.test(part.error ?? '') && part.lag_commits > 0 && part;
  }, ms);
  const well = () => until('the database is well and has caught up under load', async () => {
    const part = await database();
    return part.status === 'ok' && part.lag_commits < 100;
  }, 60000);
  const CUT = "SET @cut = (SELECT CONCAT('KILL ', id) FROM information_schema.processlist WHERE user = 'trail' AND (info IS NULL OR info NOT LIKE 'SELECT SLEEP%') LIMIT 1); EXECUTE IMMEDIATE @cut";
  // Cuts the server's connection, if it has one; the administrator stays connected: later there may be no place left.
  let admin = null;
  const cut = () => (admin ??= db.console()).run(CUT);
  t.after(() => admin?.end());

  const illnesses = {
    async read_only() {
      db.query('SET GLOBAL read_only = 1');
      await says(/read-only/);
      db.query('SET GLOBAL read_only = 0');
    },
    async no_rights() {
      db.query("REVOKE ALL ON trailmix.* FROM 'trail'@'127.0.0.1'; GRANT SELECT ON trailmix.* TO 'trail'@'127.0.0.1'");
      cut(); // a connection keeps the rights in its database
      await says(/denied/);
      db.query("GRANT ALL ON trailmix.* TO 'trail'@'127.0.0.1'");
    },
    async no_connections() {
      // Each takes a place, or tries again at once: when the server's connection is cut one of those that wait is there first.
      const { port, username, password } = new URL(db.url);
      const ask = `mariadb --no-defaults -h127.0.0.1 -P${port} -u${username} -p${password} -e 'SELECT SLEEP(300)'`;
      const held = Array.from({ length: 13 }, () => spawn('sh', ['-c', `for i in $(seq 3000); do ${ask} && exit; done`], { stdio: 'ignore', detached: true }));
      const release = () => {
        for (const h of held) if (h.exitCode === null && h.signalCode === null) process.kill(-h.pid, 'SIGKILL');
      };
      process.once('exit', release);
      cut();
      admin.run('SET GLOBAL max_connections = 10');
      try {
        await until('health says that there are too many connections', async () => {
          cut();
          await sleep(200);
          const part = await database();
          return part.status !== 'ok' && /Too many connections/.test(part.error ?? '');
        }, 25000, 20);
      } finally {
        release();
        await Promise.all(held.map((h) => h.exitCode === null && h.signalCode === null && once(h, 'exit')));
        process.off('exit', release);
        admin.run('SET GLOBAL max_connections = 151');
      }
    },
    async asleep() {
      db.freeze();
      try {
        if (LONG) await says(/MySQL: .*[a-z]{4}/);
        else {
          await sleep(2500);
          assert.ok((await database()).lag_commits > 0, 'the lag is told');
        }
      } finally {
        db.thaw();
      }
    },
    async cut_off() {
      for (let i = 0; i < 10; i++) {
        await sleep(random(100));
        cut();
      }
    },
    async killed_in_the_middle() {
      admin.end();
      admin = null;
      for (let i = 0; i < 2; i++) {
        await db.kill();
        await sleep(700);
        await db.start();
        await sleep(random(1000)); // before it is found again, while it is brought up, after
      }
      await db.kill();
      await says(/MySQL: .*[a-z]{4}/);
      await db.start();
    },
  };

  load.start();
  readers.start();
  const took = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, fall] of Object.entries(illnesses)) {
      progress(`sick: round ${round + 1} of ${ROUNDS}, ${name}`);
      await fall();
      const began = Date.now();
      await well();
      took[`${name}_ms`] = Math.max(took[`${name}_ms`] ?? 0, Date.now() - began);
    }
  }
  await load.end();
  await readers.end();
  assert.deepEqual([readers.failed.slice(0, 3), load.refused, load.broken], [[], {}, 0]);
  const counted = await load.assertWhole();
  await caughtUp(server);
  await assertMariadb(server, db);
  assert.equal(await server.stop(), 0, server.stderr());
  const { rows } = await assertSqlIsJournal(dataDir, db);
  tell(t, 'sick', { rounds: ROUNDS, ...counted, reads: readers.answered, slowest_write_ms: load.slowest, rows, ...took });
});

test('sick: a server is stopped and started while the database is asleep', { skip: noMariadb }, async (t) => {
  const place = await stage(t, { mariadb: true });
  const { db } = place;
  await place.start();
  const race = await campaign(place.server);
  await line(place.server, race.id);
  await caughtUp(place.server);
  db.freeze();
  await line(place.server, race.id);
  const began = Date.now();
  assert.equal(await place.server.stop(), 0, place.server.stderr());
  const stopMs = Date.now() - began;
  const server = await place.start();
  await line(server, race.id);
  assert.equal((await matrix(server, race.id)).totals.total_cents, 3 * 2100000);
  db.thaw();
  await caughtUp(server);
  await assertMariadb(server, db);
  t.diagnostic(`asleep: stop_ms=${stopMs} start_ms=${server.readyMs}`);
  assert.ok(stopMs < 8000 && server.readyMs < 5000, `stopped in ${stopMs} ms, started in ${server.readyMs} ms`);
});
