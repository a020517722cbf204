// database.test.mjs - `check-database` finds every row that somebody changed, added or took away; `rebuild --database` makes all of it anew
// from the state, also where the journal's beginning is gone, and after it was killed.
import assert from 'node:assert/strict';
import { spawn, execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { BIN, caughtUp, noMariadb, run, sleep, sqlite, startMariadb, startServer, temporaryFolder, until } from './server.mjs';
import { campaign, line } from './with.mjs';

const lines = (text) => text.trim().split('\n').map((l) => JSON.parse(l));
const COMMAND = /trailmix rebuild --database/;

async function fill(server, n) {
  const race = await campaign(server, { advertisers: [{ name: 'Ours', side: 'for' }] });
  for (let i = 0; i < n; i++) {
    await line(server, race.id, { order_no: String(4000000 + (i % 9)), revision: String(i), source: 'fcc', gross_cents: 1000 + i,
      line_weeks: [{ from: '2026-10-13', to: '2026-10-19', spots: 1, amount_cents: 1000 + i }] }, { 'idempotency-key': `k${i}-${race.id}` });
  }
  return race;
}

/** The summary and the differences before it. */
function check(dataDir, args = []) {
  const r = run(['check-database', '--data', dataDir, '--json', ...args]);
  if (r.out === '') return { code: r.code, err: r.err, found: [], ok: undefined };
  const all = lines(r.out);
  return { code: r.code, err: r.err, found: all.slice(0, -1), ...all.at(-1) };
}

function clean(dataDir, args) {
  const c = check(dataDir, args);
  assert.equal(c.code, 0, JSON.stringify(c));
  assert.deepEqual([c.ok, c.differences, c.lag_commits], [true, 0, 0]);
  assert.ok(c.rows > 10);
  return c;
}

function rebuild(dataDir, args = []) {
  const r = run(['rebuild', '--database', ...args, '--data', dataDir, '--json']);
  assert.equal(r.code, 0, r.err);
  return lines(r.out).at(-1);
}

// What somebody may do by hand, and what must be said of it: [statement, table, column, database, state].
const SOME = '(SELECT id FROM (SELECT MIN(id) AS id FROM buy_line) t)';
const DRIFT = [
  [`UPDATE buy_line SET gross_cents = 7 WHERE id = ${SOME}`, 'buy_line', 'gross_cents', '7', '1000'],
  [`UPDATE buy_line SET stage = NULL WHERE id = ${SOME}`, 'buy_line', 'stage', null, 'ordered'],
  [`UPDATE buy_line SET applied_seq = 99999999 WHERE id = ${SOME}`, 'buy_line', 'applied_seq', '99999999', 'not beyond the position'],
  [`DELETE FROM buy_line WHERE id = ${SOME}`, 'buy_line', null, null, 'a row'],
  ['INSERT INTO campaign (id, name, applied_seq) VALUES (12345, \'Mine\', 1)', 'campaign', null, 'a row', null],
  [`UPDATE line_week SET amount_cents = 1 WHERE buy_line_id = ${SOME}`, 'line_week', 'amount_cents', '1', '1000'],
  [`DELETE FROM line_week WHERE buy_line_id = ${SOME}`, 'line_week', null, '0 rows', '1 rows'],
  [`INSERT INTO airing (buy_line_id, ordinal, applied_seq) VALUES (${SOME}, 3, 1)`, 'airing', null, 'a row', null],
  ['UPDATE idempotency_key SET status = 299 WHERE id = (SELECT id FROM (SELECT MIN(id) AS id FROM idempotency_key) t)', 'idempotency_key', 'status', '299', '201'],
];

function driftIsFound(dataDir, write, args) {
  for (const [statement, table, column, database, state] of DRIFT) {
    write(statement);
    const c = check(dataDir, args);
    assert.equal(c.code, 1, statement);
    assert.equal(c.ok, false);
    assert.ok(c.differences >= 1, statement);
    const hit = c.found.find((d) => d.table === table && d.column === column);
    assert.ok(hit, `${statement}: ${JSON.stringify(c.found)}`);
    assert.deepEqual([hit.database, hit.state], [database, state], statement);
    rebuild(dataDir, args?.slice(1));
    clean(dataDir, args);
  }
}

describe('database: SQLite', () => {
  const dataDir = temporaryFolder();
  const file = join(dataDir, 'trailmix.db');
  const write = (sql) => execFileSync('sqlite3', [file, sql]);
  before(async () => {
    const server = await startServer({ dataDir });
    await fill(server, 12);
    await caughtUp(server);
    assert.equal(check(dataDir).code, 0, 'beside a server that runs');
    const refused = run(['rebuild', '--database', '--data', dataDir]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /in use by another process/);
    await server.stop();
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  test('a row changed, added or deleted by hand is named; a rebuild makes it right', () => driftIsFound(dataDir, write));

  test('as many are named as were asked for, all are counted', () => {
    write('UPDATE buy_line SET gross_cents = 1');
    const c = check(dataDir, ['--limit', '3']);
    assert.equal(c.found.length, 3);
    assert.equal(c.differences, 12);
    assert.match(c.err, /9 more are not named/);
    rebuild(dataDir);
  });

  test('a file that is gone is made; check makes none', () => {
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    const c = check(dataDir);
    assert.equal(c.code, 1);
    assert.ok(!readdirSync(dataDir).includes('trailmix.db'), 'only read');
    const made = rebuild(dataDir);
    assert.equal(made.lanes, 1);
    assert.ok(made.rows > 30);
    const again = rebuild(dataDir);
    assert.deepEqual([again.rows, again.seq], [made.rows, made.seq], 'the same once more');
    clean(dataDir);
  });

  test('the server goes on behind a rebuild, and the rows are the same as without', async () => {
    const before = sqlite(dataDir, 'SELECT * FROM buy_line ORDER BY id');
    const server = await startServer({ dataDir });
    await fill(server, 5);
    await caughtUp(server);
    await server.stop();
    assert.deepEqual(sqlite(dataDir, 'SELECT * FROM buy_line ORDER BY id').slice(0, before.length).map((r) => r.gross_cents), before.map((r) => r.gross_cents));
    clean(dataDir);
  });

  test('killed in the middle it leaves nothing that a server takes for a copy, and can be run again', async () => {
    for (let round = 0; round < 12; round++) {
      const child = spawn(BIN, ['rebuild', '--database', '--data', dataDir], { stdio: 'ignore' });
      const ended = new Promise((done) => child.on('close', done)); // it may be done before it is killed
      await sleep(2 + round * 4);
      child.kill('SIGKILL');
      await ended;
      const c = check(dataDir);
      assert.ok(c.code === 0 ? c.ok : COMMAND.test(c.err), `neither right nor refused: ${JSON.stringify(c)}`);
    }
    rebuild(dataDir);
    clean(dataDir);
  });

  test('a half made one is refused by the server, which says what to do', async () => {
    write('DELETE FROM projection_position');
    const server = await startServer({ dataDir });
    const health = await until('the refusal', async () => {
      const { json } = await server.api('GET', '/api/v1/health');
      return json.parts.database.error && json.parts.database;
    });
    assert.match(health.error, COMMAND);
    assert.equal(health.status, 'away');
    assert.ok(health.lag_s >= 0 && health.lanes === 1);
    await fill(server, 2);
    await server.stop();
    rebuild(dataDir);
    clean(dataDir);
  });

  test('wrong usage', () => {
    for (const args of [['rebuild'], ['rebuild', '--database', '--data'], ['rebuild', '--database', 'x:y', '--limit', '1'], ['check-database', '--limit', '-1'], ['check-database', 'x']]) {
      assert.equal(run(args).code, 2, args.join(' '));
    }
    assert.equal(run(['rebuild', '--database', 'x:y', '--data', dataDir]).code, 1);
    const nowhere = join(dataDir, 'nowhere');
    for (const call of [['rebuild', '--database'], ['check-database']]) assert.match(run([...call, '--data', nowhere]).err, /there is no journal/);
    for (const name of ['rebuild', 'check-database']) {
      const help = run([name, '--help']);
      assert.equal(help.code, 0);
      assert.match(help.out, /--data DIR/);
      assert.match(run(['--help']).out, new RegExp(name));
    }
  });

  test('tables of somebody else are left alone', () => {
    const folder = temporaryFolder();
    const other = join(folder, 'other.db');
    execFileSync('sqlite3', [other, "CREATE TABLE job (applied_seq INTEGER, mine TEXT); INSERT INTO job VALUES (1, 'x')"]);
    const r = run(['rebuild', `--database=sqlite:${other}`, '--data', dataDir]);
    assert.equal(r.code, 1);
    assert.match(r.err, /somebody else/);
    assert.equal(execFileSync('sqlite3', [other, 'SELECT mine FROM job'], { encoding: 'utf8' }).trim(), 'x');
    rmSync(folder, { recursive: true, force: true });
  });

  test('a copy of another journal, and one that is ahead, are refused until they are rebuilt', async () => {
    const other = temporaryFolder();
    const server = await startServer({ dataDir: other });
    await fill(server, 3);
    await caughtUp(server);
    await server.stop();
    const url = `sqlite:${file}`;
    assert.match(check(other, ['--database', url]).err, /another journal.*trailmix rebuild --database/);
    write('UPDATE projection_position SET seq = seq + 1000');
    assert.match(check(dataDir).err, /ahead of the journal.*trailmix rebuild --database/);
    rebuild(other, [url]);
    clean(other, ['--database', url]);
    rebuild(dataDir);
    clean(dataDir);
    rmSync(other, { recursive: true, force: true });
  });
});

test('database: the journal’s beginning is gone, the database too: rebuilt from the checkpoint', async () => {
  const dataDir = temporaryFolder();
  const env = { CHECKPOINT_MB: '0', JOURNAL_SEGMENT_MB: '1' };
  const archived = () => {
    try {
      return readdirSync(join(dataDir, 'journal', 'archive')).length;
    } catch {
      return 0;
    }
  };
  try {
    for (let round = 0; round < 20 && archived() === 0; round++) {
      const server = await startServer({ dataDir, env });
      const race = await campaign(server);
      const some = (i) => line(server, race.id, { order_no: `${round}${i}`, memo: true, reason: 'x'.repeat(480) }, { 'idempotency-key': `${round}-${i}` });
      for (let i = 0; i < 800; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => some(i + k)));
      await caughtUp(server);
      await server.stop();
    }
    assert.ok(archived() > 0, 'segments are archived');
    clean(dataDir);
    rmSync(join(dataDir, 'journal', 'archive'), { recursive: true });
    const kept = clean(dataDir);
    assert.ok(kept.passed_over > 0, 'keys of commits that are gone cannot be compared');
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `trailmix.db${end}`), { force: true });
    const server = await startServer({ dataDir, env });
    const error = await until('the refusal', async () => (await server.api('GET', '/api/v1/health')).json.parts.database.error);
    assert.match(error, COMMAND);
    await server.stop();
    rebuild(dataDir);
    const after = clean(dataDir);
    assert.equal(after.rows, kept.rows);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('database: MariaDB', { skip: noMariadb }, async (t) => {
  const dataDir = temporaryFolder();
  const db = await startMariadb();
  const url = `${db.url}?connection_limit=4`;
  const args = ['--database', url];
  try {
    const server = await startServer({ dataDir, database: url });
    await fill(server, 12);
    await caughtUp(server);
    clean(dataDir, args);
    const { json } = await server.api('GET', '/api/v1/health');
    assert.equal(json.parts.database.lanes, 4);
    await server.stop();

    await t.test('a row changed, added or deleted by hand is named; a rebuild makes it right', () => driftIsFound(dataDir, db.query, args));
    await t.test('check beside a server under load passes over what the database cannot have, and finds nothing', async () => {
      const running = await startServer({ dataDir, database: url });
      const filling = Promise.all([fill(running, 60), fill(running, 60), fill(running, 60)]);
      const seen = [];
      for (let i = 0; i < 5; i++) {
        const { runAsync } = await import('./server.mjs');
        const r = await runAsync(['check-database', '--data', dataDir, '--json', ...args]);
        assert.equal(r.code, 0, r.out + r.err);
        seen.push(lines(r.out).at(-1));
      }
      await filling;
      assert.ok(seen.every((c) => c.ok && c.durable >= c.position));
      await running.stop();
      clean(dataDir, args);
    });
    await t.test('dropped, another number of lanes, a column too few', () => {
      db.query('DROP TABLE buy_line');
      assert.match(check(dataDir, args).err, COMMAND);
      assert.equal(rebuild(dataDir, [`${db.url}?connection_limit=2`]).lanes, 2);
      clean(dataDir, args);
      db.query('ALTER TABLE buy_line DROP COLUMN memo');
      assert.match(check(dataDir, args).err, COMMAND);
      rebuild(dataDir, [url]);
      clean(dataDir, args);
    });
    await t.test('no password is printed', () => {
      const r = run(['rebuild', '--database', db.url, '--data', dataDir]);
      assert.doesNotMatch(r.out + r.err, /mix@/);
      const wrong = run(['check-database', '--data', dataDir, '--database', db.url.replace(':mix@', ':s3cret@')]);
      assert.equal(wrong.code, 1);
      assert.match(wrong.err, /refuses the user or the password/);
      assert.doesNotMatch(wrong.err, /s3cret/);
    });
  } finally {
    await db.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
