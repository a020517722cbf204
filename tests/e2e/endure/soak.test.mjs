// soak.test.mjs - everything at once for long: no sanitizer says anything, memory does not grow, no descriptor and no thread is left behind.
//
// How:  two thirds of the time writers change the same cells and the same campaigns and store the same bytes, while others read, export, look
//       into the past and listen; the last third without writers. The past is kept by design, so of the first part memory's growth per
//       commit is told and bounded; in the second part memory must not grow at all. TRAILMIX_BIN is meant to be a build with sanitizers.
//       ENDURE_MINUTES: how long (10 s; long 10 minutes).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BIN, ROOT, sleep, until } from '../server.mjs';
import { matrix, orderPdf } from '../with.mjs';
import { length, LONG, processOf, progress, quantile, random, readsOf, slope, stage, tell } from './with_endure.mjs';

const TIME_MS = length('MINUTES', 1 / 6, 10) * 60000;
const GROWTH_PER_COMMIT_MAX = 16384; // an edit keeps what the cell was, who changed it and the answer for a repeat
const NOISE_BYTES = (LONG ? 12 : 24) << 20; // what allocators take and give
const OPTIONS = {
  ASAN_OPTIONS: 'detect_leaks=1:quarantine_size_mb=4:thread_local_quarantine_size_kb=64', // freed memory that is kept for reports looks like growth
  LSAN_OPTIONS: `suppressions=${join(ROOT, 'tests/lsan.supp')}:print_suppressions=0`,
  UBSAN_OPTIONS: 'print_stacktrace=1',
  TSAN_OPTIONS: `suppressions=${join(ROOT, 'tests/tsan.supp')}`,
};

test('soak: everything at once', async (t) => {
  const place = await stage(t, { env: { ...OPTIONS, CHECKPOINT_MB: '4', JOURNAL_SEGMENT_MB: '4' } });
  const server = await place.start({ ms: 120000 });
  const idle = processOf(server.pid).sockets;
  const shadow = readFileSync(`/proc/${server.pid}/maps`, 'utf8').includes('libtsan') ? 8 : 1; // bytes it keeps for each of ours
  const load = await place.load({ clients: 6, pause: 20, weights: { edits: 6, patches: 4 } });
  for (let i = 0; i < 40; i++) await load.post(load.number());
  const bytes = orderPdf({ number: '7900001' });
  await load.upload('pdfs', 'k0.pdf', bytes, 'fcc', 'k0');
  const then = Date.now();
  const of = (query) => [load.edited, load.lines].map(({ id }) => query.replace('ID', id));
  const paths = [load.lines, load.edited].flatMap(readsOf).concat(
    ...['csv', 'xlsx', 'pdf'].map((format) => of(`/api/v1/matrix/export?campaign_id=ID&format=${format}`)),
    of(`/api/v1/matrix?campaign_id=ID&as_of_ms=${then}`), of('/api/v1/matrix?campaign_id=ID&basis=net&week_mode=projected'), of('/api/v1/exceptions?campaign_id=ID'),
    [`/api/v1/inputs/${load.ledger.pdfs[0].id}/content`, '/api/v1/inputs', '/api/v1/openapi.json', '/api/v1/pending']);
  const readers = place.readers(paths, { clients: 4, pause: 15 });
  const followers = Array.from({ length: 6 }, (_, i) => place.follower(of('ID')[i % 2], { h2: i % 3 === 0 }).connect());

  let open = true, uploads = 0, comings = 0;
  const others = Promise.all([
    (async () => { // bytes that are known, and bytes nobody can read
      for (; open; uploads++) {
        const stored = await server.api('POST', `/api/v1/inputs?source=fcc&filename=again.pdf&campaign_id=${load.papers.id}`, uploads % 2 ? bytes : Buffer.from('%PDF-1.4 nothing'), { 'content-type': 'application/pdf' });
        assert.ok([200, 202].includes(stored.status), stored.text);
        await sleep(200);
      }
    })(),
    (async () => { // listeners that come and go
      for (; open; comings++) {
        const follower = followers[comings % followers.length];
        await sleep(100 + random(200));
        await follower.disconnect();
        follower.connect();
      }
    })(),
    (async () => { // requests that are wrong
      while (open) {
        await server.api('POST', '/api/v1/buy-lines', '{"campaign_id": 5, "x": [');
        await server.api('GET', '/api/v1/matrix?campaign_id=nonsense');
        await sleep(100);
      }
    })(),
  ]);
  others.catch(() => {}); // awaited below

  const samples = []; // {s, part, bytes, files, threads, commits}
  const began = Date.now();
  const during = async (part, ms) => {
    for (const end = Date.now() + ms; Date.now() < end;) {
      await sleep(Math.min(1000, TIME_MS / 24));
      const { parts } = (await server.api('GET', '/api/v1/health')).json;
      samples.push({ s: (Date.now() - began) / 1000, part, ...processOf(server.pid), commits: parts.journal.durable });
      progress(`soak: ${part}, ${Math.round(samples.at(-1).s)} of ${TIME_MS / 1000} s, ${load.answered} writes, ${readers.answered} reads, ${Math.round(samples.at(-1).bytes / 1e6)} MB`);
    }
  };
  load.start();
  readers.start();
  await during('warm', TIME_MS / 6);
  await during('all', TIME_MS / 2);
  await load.end();
  await during('settle', TIME_MS / 12);
  await during('reads', TIME_MS / 4);
  open = false;
  await others;
  await readers.end();
  for (const follower of followers) {
    await follower.assertEquals(await matrix(server, follower.campaign));
    await follower.disconnect();
  }
  assert.deepEqual(readers.failed.slice(0, 3), []);
  const counted = await load.assertWhole();
  load.abandon();
  // Of a silent HTTP/1.1 stream whose client has gone the server learns by its second comment, 24 s later.
  if (LONG) await until('all connections are gone', () => processOf(server.pid).sockets <= idle, 45000, 100);
  const code = await server.stop();
  assert.deepEqual([code, server.stderr().match(/.*(Sanitizer|runtime error).*/g)], [0, null], server.stderr().slice(-200000));

  const of_ = (part) => samples.filter((s) => s.part === part), all = of_('all'), reads = of_('reads');
  const perCommit = slope(all.map((s) => [s.commits, s.bytes]));
  const perSecond = slope(reads.map((s) => [s.s, s.bytes]));
  const grownReads = perSecond * (reads.at(-1).s - reads[0].s);
  const least = (list, name) => quantile(list.map((s) => s[name]), 0); // exports open files for a moment
  const [files, threads] = ['files', 'threads'].map((name) => [least(all.slice(0, Math.ceil(all.length / 3)), name), least(reads, name)]);
  tell(t, 'soak', { binary: BIN.split('/').slice(-2).join('/'), minutes: TIME_MS / 60000, ...counted, reads: readers.answered, uploads, comings, commits: samples.at(-1).commits,
    bytes_per_commit: Math.round(perCommit), bytes_per_second_reads: Math.round(perSecond), mb: samples.at(-1).bytes / 1e6, files: files.join('..'), threads: threads.join('..') });
  assert.ok(perCommit < shadow * GROWTH_PER_COMMIT_MAX + (LONG ? 0 : NOISE_BYTES / Math.max(1, all.at(-1).commits - all[0].commits)), `${perCommit} bytes a commit`);
  assert.ok(grownReads < shadow * NOISE_BYTES, `${grownReads} bytes more without writes`);
  assert.ok(files[1] <= files[0] + 1, `files ${files}`); // a checkpoint, a segment in the making
  assert.ok(threads[1] <= threads[0], `threads ${threads}`);
});
