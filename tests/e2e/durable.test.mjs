// durable.test.mjs - what was acknowledged survives: twenty deaths under load, a damaged journal named, a torn tail cut, replay equal.
//
// How:  64 clients post lines, each with a key of its own, while the process is killed; after each start every answered line must be
//       there once, and a repeat with the same key must give the same answer. TRAILMIX_LINES: how many lines the last start
//       has to carry (100,000).
import assert from 'node:assert/strict';
import { closeSync, cpSync, fstatSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { allItems, asker, run, sleep, startServer as start, temporaryFolder } from './server.mjs';
import { campaign, line, lineBody, matrix } from './with.mjs';
import { archived, checkpointsOf, CHECKPOINTS, replayOf } from './with_data.mjs';

const ROUNDS = 20, CLIENTS = 64;
const folders = [];
const folder = () => {
  folders.push(temporaryFolder());
  return folders.at(-1);
};
const servers = [];
const startServer = async (options) => {
  servers.push(await start(options));
  return servers.at(-1);
};
after(async () => {
  for (const server of servers) if (!server.ended()) await server.kill(); // a failed test left it
  folders.forEach((f) => rmSync(f, { recursive: true, force: true }));
});

// Posts lines: {status, json}, null if the connection broke.
function poster(server) {
  const { ask, close } = asker(server, { sockets: CLIENTS });
  const post = async (body, key) => {
    const answer = await ask('POST', '/api/v1/buy-lines', body, key ? { 'idempotency-key': key } : {});
    return answer && { status: answer.status, json: JSON.parse(answer.text) };
  };
  return { post, close };
}

test('durable: killed twenty times under 64 clients, nothing acknowledged is lost and nothing is there twice', async () => {
  const dataDir = folder();
  let server = await startServer({ dataDir });
  const race = await campaign(server);
  const acknowledged = new Map(); // key -> id
  const unsure = new Set(); // sent, not answered
  let sent = 0, slowest = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const { post, close } = poster(server);
    let open = true;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (open) {
        const key = `k${++sent}`;
        unsure.add(key);
        const answer = await post(lineBody(race.id, { gross_cents: Number(key.slice(1)) }), key);
        if (answer === null) break;
        assert.equal(answer.status, 201, JSON.stringify(answer.json));
        unsure.delete(key);
        acknowledged.set(key, answer.json.id);
      }
    });
    await sleep(120 + round * 9);
    await server.kill();
    open = false;
    await Promise.all(clients);
    close();
    server = await startServer({ dataDir });
    slowest = Math.max(slowest, server.readyMs);
  }
  assert.ok(acknowledged.size > 500, `${acknowledged.size} acknowledged`);
  const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`);
  const ids = new Set(lines.map((l) => l.id));
  const lost = [...acknowledged].filter(([, id]) => !ids.has(id));
  assert.deepEqual(lost, [], 'lost');
  const amounts = lines.map((l) => l.gross_cents);
  assert.equal(new Set(amounts).size, amounts.length, 'doubled');

  // A repeat tells the same, whether the first was answered or not.
  const { post, close } = poster(server);
  for (const [key, id] of [...acknowledged].slice(-200)) {
    const again = await post(lineBody(race.id, { gross_cents: Number(key.slice(1)) }), key);
    assert.deepEqual([again.status, again.json.id], [201, id], key);
  }
  for (const key of unsure) {
    const [a, b] = [await post(lineBody(race.id, { gross_cents: Number(key.slice(1)) }), key), await post(lineBody(race.id, { gross_cents: Number(key.slice(1)) }), key)];
    assert.deepEqual([a.status, b.json.id], [201, a.json.id], key);
  }
  close();
  const finally_ = await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`);
  assert.deepEqual(finally_.map((l) => l.gross_cents).sort((a, b) => a - b), Array.from({ length: sent }, (_, i) => i + 1), 'each exactly once');
  assert.equal((await matrix(server, race.id)).totals.total_cents, (sent * (sent + 1)) / 2);
  assert.ok(slowest < 2000, `slowest start ${slowest} ms`);
  assert.equal(await server.stop(), 0);
  const verify = run(['verify', '--data', dataDir]);
  assert.equal(verify.code, 0, verify.err);
});

test('durable: replay gives the same state hash, beside a server, after it, and after a restart', async () => {
  const dataDir = folder();
  const server = await startServer({ dataDir });
  const race = await campaign(server);
  for (let i = 0; i < 50; i++) await line(server, race.id, { gross_cents: 100 + i, order_no: String(6000000 + (i % 7)), revision: String(i), source: 'fcc' });
  const replay = () => {
    const r = run(['replay', '--data', dataDir, '--json']);
    assert.equal(r.code, 0, r.err);
    return JSON.parse(r.out.trim().split('\n').at(-1));
  };
  assert.equal(run(['verify', '--data', dataDir]).code, 0, 'beside a server');
  const first = replay();
  for (const name of ['seq', 'messages', 'seconds', 'state_sha256']) assert.ok(name in first, name);
  assert.match(first.state_sha256, /^[0-9a-f]{64}$/);
  assert.deepEqual([replay().state_sha256, replay().seq], [first.state_sha256, first.seq]);
  assert.equal(await server.stop(), 0);
  assert.equal(replay().state_sha256, first.state_sha256);
  const again = await startServer({ dataDir });
  const shown = await matrix(again, race.id);
  assert.equal(shown.totals.total_cents > 0, true);
  assert.equal(replay().state_sha256, first.state_sha256);
  await line(again, race.id);
  assert.notEqual(replay().state_sha256, first.state_sha256, 'another state has another hash');
  assert.equal(await again.stop(), 0);
});

// The journal's files of a folder that was filled and killed, and the posted totals before.
async function filled(lines = 300, env = {}) {
  const dataDir = folder();
  const server = await startServer({ dataDir, env });
  const race = await campaign(server);
  const { post, close } = poster(server);
  for (let i = 0; i < lines; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => post(lineBody(race.id, { gross_cents: 1 + i + k, reason: 'r'.repeat(400) }))));
  close();
  await server.kill();
  const journal = join(dataDir, 'journal');
  const files = readdirSync(journal).filter((f) => statSync(join(journal, f)).isFile()).sort();
  return { dataDir, race, journal, files };
}

// Where the last byte other than zero stands.
function usedBytes(path) {
  const fd = openSync(path, 'r');
  const size = fstatSync(fd).size;
  const block = Buffer.alloc(1 << 20);
  let used = 0;
  for (let at = 0; at < size; at += block.length) {
    const n = readSync(fd, block, 0, block.length, at);
    for (let i = n - 1; i >= 0; i--) {
      if (block[i] !== 0) {
        used = at + i + 1;
        break;
      }
    }
  }
  closeSync(fd);
  return used;
}

function flip(path, at) {
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  byte[0] ^= 0x10;
  writeSync(fd, byte, 0, 1, at);
  closeSync(fd);
}

const copyOf = (dataDir) => {
  const to = mkdtempSync(join(tmpdir(), 'trailmix-e2e-'));
  folders.push(to);
  cpSync(dataDir, to, { recursive: true });
  return to;
};

test('durable: a flipped byte in what was closed keeps the server from starting, and both name the place', async () => {
  const { dataDir, journal } = await filled(600, { JOURNAL_SEGMENT_MB: '1' });
  // A second start and stop closes what stands there.
  const server = await startServer({ dataDir });
  await server.stop();
  const data = readdirSync(journal).sort().map((f) => [f, usedBytes(join(journal, f))]).filter(([, n]) => n > 20000);
  assert.ok(data.length >= 1, JSON.stringify(data));
  const [file, used] = data[0];
  for (const part of [0.3, 0.6, 0.85]) {
    const copy = copyOf(dataDir);
    flip(join(copy, 'journal', file), Math.floor(used * part));
    const verify = run(['verify', '--data', copy]);
    assert.equal(verify.code, 1, `flipped at ${part}: verify said ${verify.out}${verify.err}`);
    assert.ok(`${verify.out}${verify.err}`.includes(file), `names the file: ${verify.err}`);
    assert.match(`${verify.out}${verify.err}`, /\d{3,}/, 'names the place');
    const started = await startServer({ dataDir: copy }).then((s) => s.kill().then(() => 'started'), (e) => String(e));
    assert.match(started, /ended with 1/, `flipped at ${part}: ${started}`);
    assert.ok(started.includes(file), started);
  }
});

test('durable: a torn tail is cut, everything before it is kept', async () => {
  const { dataDir, journal, files, race } = await filled(300);
  const tail = files.map((f) => [f, usedBytes(join(journal, f))]).reduce((a, b) => (b[1] > a[1] ? b : a)); // the others are spare
  const counts = [];
  for (const cut of [0, 3, 700, 5000]) {
    const copy = copyOf(dataDir);
    const path = join(copy, 'journal', tail[0]);
    const size = statSync(path).size;
    truncateSync(path, tail[1] - cut);
    truncateSync(path, size); // the rest is zeros, as a crash leaves it
    for (const f of readdirSync(copy)) if (f.startsWith('trailmix.db')) rmSync(join(copy, f)); // it knows more than a torn journal
    const server = await startServer({ dataDir: copy });
    const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`);
    counts.push(lines.length);
    assert.equal(new Set(lines.map((l) => l.gross_cents)).size, lines.length);
    const added = await line(server, race.id, { gross_cents: 999999 });
    assert.equal(await server.stop(), 0);
    const again = await startServer({ dataDir: copy });
    const later = await allItems(again, `/api/v1/buy-lines?campaign_id=${race.id}`);
    assert.equal(later.length, lines.length + 1);
    assert.ok(later.some((l) => l.id === added.id));
    await again.stop();
    assert.equal(run(['verify', '--data', copy]).code, 0);
  }
  assert.equal(counts[0], 300, 'nothing is lost where nothing is torn');
  assert.deepEqual([...counts].sort((a, b) => b - a), counts, 'the more is torn the less is left');
  assert.ok(counts.at(-1) < 300 && counts.at(-1) >= 200, String(counts));
});

test('durable: a restart with many lines answers within 2 s', async (t) => {
  const wanted = Number(process.env.TRAILMIX_LINES ?? 100000);
  const dataDir = folder();
  const server = await startServer({ dataDir });
  const race = await campaign(server);
  const { post, close } = poster(server);
  const began = Date.now();
  let next = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (next < wanted) {
      const i = next++;
      const answer = await post(lineBody(race.id, { station: `W${'ABCDEFGHIJ'[i % 10]}${'ABCDEFGHIJ'[(i / 10) % 10 | 0]}X`, market: 500 + (i % 20), flight_from: `2026-0${1 + (i % 9)}-01`, flight_to: `2026-0${1 + (i % 9)}-28`, gross_cents: 1 + (i % 5000) }));
      assert.equal(answer?.status, 201);
    }
  }));
  close();
  const seconds = (Date.now() - began) / 1000;
  t.diagnostic(`${wanted} lines posted in ${seconds.toFixed(1)} s, ${Math.round(wanted / seconds)} a second`);
  const before = await matrix(server, race.id);
  await server.kill();
  const again = await startServer({ dataDir });
  const asked = Date.now();
  assert.equal((await again.api('GET', '/api/v1/ping')).status, 200);
  const got = await matrix(again, race.id);
  t.diagnostic(`start ${again.readyMs} ms, matrix ${Date.now() - asked} ms later`);
  assert.deepEqual(got.totals, before.totals);
  assert.ok(again.readyMs < 2000, `${again.readyMs} ms`);
  await again.stop();
});

// ---- checkpoints ----

test('durable: killed while checkpoints are made, started from them, nothing acknowledged is lost', async () => {
  const dataDir = folder();
  let server = await startServer({ dataDir, env: CHECKPOINTS });
  const race = await campaign(server);
  const acknowledged = new Map(); // key -> id
  let sent = 0;
  const body = (key) => lineBody(race.id, { gross_cents: Number(key.slice(1)), reason: 'r'.repeat(480) });
  const enough = () => archived(dataDir).length > 0 && checkpointsOf(dataDir).length === 2; // a busy machine needs more rounds
  for (let round = 0; round < 8 || (!enough() && round < 30); round++) {
    const { post, close } = poster(server);
    let open = true;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (open) {
        const key = `k${++sent}`;
        let answer = await post(body(key), key);
        while (answer?.status === 503 && open) {
          await sleep(5); // segments so small are full before the next is made
          answer = await post(body(key), key);
        }
        if (answer === null || answer.status === 503) break;
        assert.equal(answer.status, 201, JSON.stringify(answer.json));
        acknowledged.set(key, answer.json.id);
      }
    });
    await sleep(900 + round * 60 + Math.max(0, round - 8) * 400); // a checkpoint a second: some die in the middle of one
    const part = (await server.api('GET', '/api/v1/health')).json.parts.checkpoint;
    assert.equal(part.status, 'ok');
    await server.kill();
    open = false;
    await Promise.all(clients);
    close();
    server = await startServer({ dataDir, env: CHECKPOINTS });
  }
  const linesOf = async (from) => new Set((await allItems(from, `/api/v1/buy-lines?campaign_id=${race.id}`)).map((l) => l.id));
  const holds = async (from) => {
    const ids = await linesOf(from);
    assert.deepEqual([...acknowledged.values()].filter((id) => !ids.has(id)), [], 'lost');
    return ids.size;
  };
  const lines = await holds(server);
  assert.ok(archived(dataDir).length > 0, 'old segments are in the archive');
  // Answers that stand in archived segments.
  const { post, close } = poster(server);
  for (const [key, id] of [...acknowledged].slice(0, 100)) {
    const again = await post(body(key), key);
    assert.deepEqual([again.status, again.json.id], [201, id], key);
  }
  close();
  const part = (await server.api('GET', '/api/v1/health')).json.parts.checkpoint;
  assert.ok(part.number > 0 && part.at_ms > 0 && 'bytes' in part && 'took_ms' in part && part.behind_bytes >= 0, JSON.stringify(part));
  const shown = await matrix(server, race.id);
  await server.kill();
  const facts = replayOf(dataDir, '--full');
  assert.deepEqual([replayOf(dataDir).state_sha256, replayOf(dataDir).seq, replayOf(dataDir).messages], [facts.state_sha256, facts.seq, facts.messages]);
  const verified = run(['verify', '--data', dataDir, '--json']);
  assert.equal(verified.code, 0, verified.err);
  assert.deepEqual([JSON.parse(verified.out).from, JSON.parse(verified.out).commits, JSON.parse(verified.out).checkpoints], [1, facts.seq, 2]);

  // The newest is damaged: the one before it. Both are: all commits. Nothing is lost.
  const [older, newest] = checkpointsOf(dataDir);
  for (const bad of [[newest], [newest, older]]) {
    for (const path of bad) flip(path, Math.floor(statSync(path).size / 2));
    const verify = run(['verify', '--data', dataDir]);
    assert.equal(verify.code, 1);
    assert.ok(verify.err.includes(bad[0].split('/').at(-1)), verify.err);
    assert.equal(replayOf(dataDir).state_sha256, facts.state_sha256);
    const again = await startServer({ dataDir: copyOf(dataDir), env: { ...CHECKPOINTS, LOG_LEVEL: 'warn' } });
    for (const path of bad) assert.ok(again.stderr().includes(path.split('/').at(-1)), again.stderr());
    assert.equal(await holds(again), lines);
    assert.deepEqual((await matrix(again, race.id)).totals, shown.totals);
    assert.equal(await again.stop(), 0);
    for (const path of bad) flip(path, Math.floor(statSync(path).size / 2));
  }
  // Neither a good one nor the archive: no guess, but what is wrong.
  const bare = copyOf(dataDir);
  rmSync(join(bare, 'journal', 'archive'), { recursive: true });
  assert.equal(replayOf(bare).state_sha256, facts.state_sha256, 'the archive is history only');
  for (const path of checkpointsOf(bare)) flip(path, 500);
  const started = await startServer({ dataDir: bare, env: CHECKPOINTS }).then((s) => s.kill().then(() => 'started'), (e) => String(e));
  assert.match(started, /ended with 1/, started);
  assert.ok(started.includes(newest.split('/').at(-1)), started);
});

test('durable: an orderly stop leaves a checkpoint, and a start from it shows the same', async () => {
  const dataDir = folder();
  const server = await startServer({ dataDir, env: { CHECKPOINT_MB: '1' } });
  const race = await campaign(server);
  const { post, close } = poster(server);
  for (let i = 0; i < 400; i += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => post(lineBody(race.id, { gross_cents: 1 + i + k, order_no: String(7000000 + ((i + k) % 90)), revision: String(i + k), source: 'fcc' }))));
  close();
  const [before, version] = [await matrix(server, race.id), (await matrix(server, race.id)).version];
  assert.equal(await server.stop(), 0);
  assert.equal(checkpointsOf(dataDir).length, 1);
  const facts = replayOf(dataDir, '--full');
  assert.equal(replayOf(dataDir).state_sha256, facts.state_sha256);
  const again = await startServer({ dataDir, env: { CHECKPOINT_MB: '1' } });
  assert.deepEqual(await matrix(again, race.id), before);
  const added = await line(again, race.id, { gross_cents: 5 });
  assert.ok(added.id);
  assert.equal((await matrix(again, race.id)).version, version + 1);
  assert.equal(await again.stop(), 0);
});
