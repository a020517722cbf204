// kills.test.mjs - kill -9 at random moments under load, of the server and of MariaDB: nothing acknowledged is lost, nothing is there
// twice, SQL ends equal to the state.
//
// How:  writers of lines, edits, patches, verdicts, combinations and files; checkpoints whenever something changed and small segments,
//       so that kills hit both. In a quarter of the rounds MariaDB dies too, before or after, and is back some rounds later.
//       ENDURE_ROUNDS: how many (5; long 200).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { caughtUp, noMariadb, sleep } from '../server.mjs';
import { archived, assertJournal, checkpointsOf, CHECKPOINTS } from '../with_data.mjs';
import { assertMariadb, assertSqlIsJournal } from '../with_sql.mjs';
import { length, LONG, progress, random, stage, tell } from './with_endure.mjs';

const ROUNDS = length('ROUNDS', 5, 200);

test('kills: of the server, in each fourth round also of MariaDB', { skip: noMariadb }, async (t) => {
  const place = await stage(t, { mariadb: true, env: CHECKPOINTS });
  const { dataDir, db } = place;
  let server = await place.start();
  let back = null; // round in which a dead MariaDB returns
  let deaths = 0, slowestStart = 0, checked = 0;
  const load = await place.load({ clients: length('CLIENTS', 16, 16), pause: LONG ? 40 : 5 });
  load.start();
  for (let round = 0; round < ROUNDS; round++) {
    const before = load.ledger.lines.length;
    if (back !== null && round >= back) {
      await db.start();
      back = null;
    }
    await sleep(50 + random(LONG ? 1500 : 1000));
    const alsoDb = back === null && round % 4 === 1;
    if (alsoDb && random(2) === 0) await db.kill();
    await server.kill();
    if (alsoDb) {
      await db.kill();
      back = round + 1 + random(2);
      deaths += 1;
    }
    const acknowledged = load.ledger.lines.slice(before);
    server = await place.start();
    slowestStart = Math.max(slowestStart, server.readyMs);
    load.use(server);
    const some = Array.from({ length: Math.min(20, acknowledged.length) }, () => acknowledged[random(acknowledged.length)]).concat(acknowledged.slice(-10));
    checked += some.length;
    assert.equal(await load.lostOf(some), 0, `lost after round ${round}`);
    assert.deepEqual(load.failed.slice(0, 5), []);
    progress(`kills: round ${round + 1} of ${ROUNDS}, ${load.answered} answered, MariaDB killed ${deaths} times`);
  }
  await load.end();
  if (back !== null) await db.start();
  const away = Date.now();
  const counted = await load.assertWhole();
  await caughtUp(server, 120000);
  const catchUpMs = Date.now() - away;
  const lines = await assertMariadb(server, db);
  assert.equal(await server.stop(), 0, server.stderr());
  const { tables, rows } = await assertSqlIsJournal(dataDir, db);
  const facts = assertJournal(dataDir);
  assert.ok(checkpointsOf(dataDir).length === 2, 'checkpoints were made');
  tell(t, 'kills', { rounds: ROUNDS, mariadb_killed: deaths, ...counted, ...Object.fromEntries(Object.entries(load.ledger).map(([k, v]) => [k, v.length])), lines_in_sql: lines, tables, rows,
    commits: facts.seq, archived: archived(dataDir).length, looked_up: checked, refused_503: load.refused[503] ?? 0, broken: load.broken, start_ms_most: slowestStart, catch_up_ms: catchUpMs });
});
