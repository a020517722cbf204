// full_disk.test.mjs - a disk that is really full, again and again: writes answer 507, reads and live clients go on, nothing acknowledged is
// lost, health says it, and writes resume by themselves.
//
// How:  a small tmpfs (who may not mount one skips) that a ballast file fills at random moments, to the last byte or to a little less, while
//       lines, edits, files and checkpoints are written; in every third round the server is killed on the full disk and started there,
//       which works or says clearly why not. ENDURE_ROUNDS: how many (4; long 60).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { caughtUp, sleep, temporaryFolder, until } from '../server.mjs';
import { matrix } from '../with.mjs';
import { assertJournal, CHECKPOINTS } from '../with_data.mjs';
import { allLines, assertRows, COLUMNS, sqliteRows } from '../with_sql.mjs';
import { length, LONG, progress, random, readsOf, stage, tell } from './with_endure.mjs';

const ROUNDS = length('ROUNDS', 4, 60);
const DISK_MB = LONG ? 512 : 96; // what is acknowledged stays there

// A disk of its own: its folder, or why there is none.
function mountDisk() {
  const folder = temporaryFolder('trailmix-disk-');
  const end = () => {
    try {
      execFileSync('umount', ['-l', folder], { stdio: 'ignore' });
    } catch {
      // it was not mounted
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=0755`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (e) {
    end();
    return { why: `a tmpfs cannot be mounted: ${e.message}` };
  }
  process.once('exit', end);
  return { folder };
}

const roomOf = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

// Fills the disk until so many bytes are left.
function fill(folder, leave) {
  const file = openSync(join(folder, 'ballast'), 'a'), block = Buffer.alloc(1 << 16);
  try {
    for (let room; (room = roomOf(folder) - leave) > 0;) writeSync(file, block, 0, Math.min(room, block.length));
  } catch (e) {
    if (e.code !== 'ENOSPC') throw e;
  } finally {
    closeSync(file);
  }
}

test('full disk: filled and emptied under load', async (t) => {
  const { folder, why } = mountDisk();
  if (!folder) return t.skip(why);
  const dataDir = join(folder, 'data');
  mkdirSync(dataDir);
  const empty = () => rmSync(join(folder, 'ballast'), { force: true });
  const place = await stage(t, { dataDir, env: CHECKPOINTS });
  let server = await place.start();
  const load = await place.load({ clients: 8, pause: 5, padding: 480 });
  const paths = [load.lines, load.papers].flatMap(readsOf).filter((p) => !p.endsWith('/health')); // health is 503 then
  const health = () => server.api('GET', '/api/v1/health');
  const figures = { full: 0, killed: 0, started_full: 0, refused_start: 0, checkpoint_said: 0, resumed_ms_most: 0, reads: 0, start_ms_most: 0 };

  // A file finds no room before the journal's segment is full: health tells that too, and that it is over.
  const stored = (bytes) => server.api('POST', '/api/v1/inputs?source=fcc&filename=large.pdf', bytes, { 'content-type': 'application/pdf' });
  const large = Buffer.alloc(300000, 'x');
  fill(folder, 100000);
  assert.equal((await stored(large)).status, 507);
  const { status, json } = await health();
  assert.deepEqual([status, json.status, json.parts.files.status], [200, 'degraded', 'disk full: uploads answer 507']);
  assert.equal((await load.post(load.number())) !== null, true, 'a line still finds room');
  empty();
  assert.deepEqual([(await health()).json.status, (await health()).json.parts.files.status, (await stored(large)).status], ['healthy', 'ok', 202]);

  load.start();
  for (let round = 0; round < ROUNDS; round++) {
    const readers = place.readers(paths, { clients: 2 });
    const follower = place.follower(load.lines.id, { h2: round % 2 === 1 }).connect();
    readers.start();
    await sleep(random(1000));
    fill(folder, random(2) === 0 ? 0 : random(1 << 20));
    const started = Date.now();
    const said = await until('health says that the disk is full', async () => {
      const answer = await health();
      figures.checkpoint_said += Number(/full/.test(answer.json.parts.checkpoint.status));
      if (Date.now() - started > 2000) fill(folder, 0); // something made room: an old checkpoint went
      return answer.status === 503 && answer.json;
    }, 20000);
    assert.match(said.parts.journal.status, /disk full/);
    assert.ok((load.refused[507] ?? 0) > 0, 'nothing was refused');
    figures.full += 1;
    await sleep(300 + random(700));
    // Reads and live go on: what is there is read by everybody. A small write may still find room.
    await follower.assertEqualsSoon(() => matrix(server, load.lines.id));
    assert.deepEqual([readers.failed.slice(0, 3), load.failed.slice(0, 3), server.ended()], [[], [], null]);
    await readers.end();
    await follower.disconnect();
    figures.reads += readers.answered;

    if (round % 3 === 2) {
      await server.kill();
      figures.killed += 1;
      const again = await place.start().catch((e) => String(e));
      if (typeof again === 'string') {
        figures.refused_start += 1;
        assert.match(again, /ended with 1/, again);
        assert.match(again, /disk is full|No space left/, again);
        empty();
        await place.start();
      } else figures.started_full += 1;
      server = place.server;
      figures.start_ms_most = Math.max(figures.start_ms_most, server.readyMs);
      load.use(server);
    }
    const before = load.answered;
    empty();
    const emptied = Date.now();
    await until('writes go on by themselves', () => load.answered > before, 10000, 5);
    figures.resumed_ms_most = Math.max(figures.resumed_ms_most, Date.now() - emptied);
    await until('health says that all is well', async () => (await health()).status === 200, 5000);
    assert.equal(await load.lostOf(load.ledger.lines.slice(-20)), 0, `lost in round ${round}`);
    progress(`full disk: round ${round + 1} of ${ROUNDS}, ${load.answered} answered, ${load.refused[507]} refused, ${Math.round(roomOf(folder) / 1e6)} MB free`);
    assert.ok(roomOf(folder) > 12e6, 'the disk of this test is too small');
  }
  await load.end();
  const counted = await load.assertWhole();
  await caughtUp(server);
  const lines = await allLines(server);
  assertRows(lines, sqliteRows(server, COLUMNS(lines[0])));
  assert.equal(await server.stop(), 0, server.stderr());
  assertJournal(dataDir);
  tell(t, 'full_disk', { rounds: ROUNDS, ...counted, ...figures, refused_507: load.refused[507], refused_503: load.refused[503] ?? 0, lines: lines.length });
});
