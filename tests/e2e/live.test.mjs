// live.test.mjs - the event stream: a start snapshot, one delta a version, in order, without a gap, also over disconnects and
// restarts; and that deltas applied to a snapshot give the matrix.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { live, sleep, startServer, temporaryFolder } from './server.mjs';
import { applyDelta, campaign, leafCells, line, matrix } from './with.mjs';

let dataDir, server;
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

function assertSteps(events, from) {
  events.forEach((e, i) => {
    assert.equal(e.event, 'delta');
    assert.equal(e.data.version, from + 1 + i);
    assert.match(e.id, new RegExp(`^\\d+:${from + 1 + i}$`));
  });
}

test('live: a stream begins with a snapshot of reason start that is the matrix', async () => {
  const race = await campaign(server);
  await line(server, race.id);
  const stream = live(server, race.id);
  const start = await stream.wait(1);
  assert.deepEqual([stream.status, stream.type.split(';')[0], start.event, start.data.reason], [200, 'text/event-stream', 'snapshot', 'start']);
  const { reason, ...rest } = start.data;
  const got = await matrix(server, race.id);
  assert.deepEqual(rest, got);
  assert.equal(start.id, `${got.epoch}:${got.version}`);
  await stream.close();
});

test('live: one delta a version, in order, and applied they give the matrix', async () => {
  const race = await campaign(server);
  const stream = live(server, race.id);
  const start = await stream.wait(1);
  const cells = leafCells(start.data);
  for (let i = 0; i < 30; i++) {
    await line(server, race.id, { station: ['WAAA', 'WBBB', 'WCCC'][i % 3], gross_cents: 100 * (i + 1), order_no: i % 5 === 0 ? '777000' : undefined, revision: i % 5 === 0 ? String(i) : undefined, source: 'fcc' });
  }
  const got = await matrix(server, race.id);
  await stream.wait(1 + got.version - start.data.version);
  const deltas = stream.events.slice(1);
  assertSteps(deltas, start.data.version);
  for (const d of deltas) applyDelta(cells, d.data);
  assert.deepEqual([...cells].sort(), [...leafCells(got)].sort());
  const [cell] = deltas[0].data.cells;
  for (const name of ['key', 'gross_cents', 'net_cents', 'low_cents', 'high_cents', 'spots', 'stages', 'sources']) assert.ok(name in cell, name);
  await stream.close();
});

test('live: a version that changes no cell sends an empty list, a vanished cell null', async () => {
  const race = await campaign(server);
  const order = { order_no: '700700', source: 'fcc', flight_from: '2026-10-12', flight_to: '2026-10-18' };
  await line(server, race.id, { ...order, revision: '5', gross_cents: 1000 });
  const stream = live(server, race.id);
  const start = await stream.wait(1);
  await line(server, race.id, { ...order, revision: '4', gross_cents: 9000 });
  assert.deepEqual((await stream.wait(2)).data.cells, []);
  await line(server, race.id, { ...order, revision: '6', gross_cents: 1000, flight_from: '2026-10-19', flight_to: '2026-10-25' });
  const moved = (await stream.wait(3)).data.cells.map((c) => [c.key.split('@')[1], c.gross_cents]).sort();
  assert.deepEqual(moved, [['2026-10-12', null], ['2026-10-19', 1000]]);
  assertSteps(stream.events.slice(1), start.data.version);
  await stream.close();
});

test('live: resuming gives what was missed, by header and by query', async () => {
  const race = await campaign(server);
  await line(server, race.id);
  const first = live(server, race.id);
  const { id, data } = await first.wait(1);
  await first.close();
  for (let i = 0; i < 12; i++) await line(server, race.id, { gross_cents: 100 + i });
  const [epoch, version] = id.split(':').map(Number);
  for (const options of [{ last: id }, { query: id }]) {
    const stream = live(server, race.id, options);
    await stream.wait(12);
    assertSteps(stream.events.slice(0, 12), data.version);
    await stream.close();
  }
  const half = live(server, race.id, { last: `${epoch}:${version + 7}` });
  await half.wait(5);
  assertSteps(half.events, version + 7);
  await half.close();
  const current = live(server, race.id, { last: `${epoch}:${version + 12}` });
  await sleep(200);
  assert.deepEqual(current.events, [], 'nothing was missed');
  await line(server, race.id, { gross_cents: 5 });
  assert.equal((await current.wait(1)).data.version, version + 13);
  await current.close();
});

test('live: what cannot be resumed is a snapshot with a reason', async () => {
  const race = await campaign(server);
  await line(server, race.id);
  const got = await matrix(server, race.id);
  for (const last of [`${got.epoch + 1}:${got.version}`, `${got.epoch}:${got.version + 1000}`, 'nonsense', '1:2:3', '-1:-1', '99999999999999999999:1']) {
    const stream = live(server, race.id, { last });
    const event = await stream.wait(1).catch(() => null);
    if (event === null) assert.ok([400, 422].includes(stream.status), `${last}: ${stream.status}`);
    else {
      assert.equal(event.event, 'snapshot', last);
      assert.ok(event.data.reason, last);
      assert.equal(event.data.version, got.version, last);
    }
    await stream.close();
  }
});

test('live: many writers, many listeners: everybody sees the same deltas in the same order', async () => {
  const race = await campaign(server);
  const streams = Array.from({ length: 12 }, () => live(server, race.id));
  const starts = await Promise.all(streams.map((s) => s.wait(1)));
  await Promise.all(Array.from({ length: 16 }, async (_, w) => {
    for (let i = 0; i < 10; i++) await line(server, race.id, { gross_cents: 100 * w + i, station: `W${String.fromCharCode(65 + w)}XX` });
  }));
  const got = await matrix(server, race.id);
  const want = [...leafCells(got)].sort();
  for (const [i, stream] of streams.entries()) {
    await stream.wait(1 + got.version - starts[i].data.version, 20000);
    assertSteps(stream.events.slice(1), starts[i].data.version);
    const cells = leafCells(starts[i].data);
    for (const d of stream.events.slice(1)) applyDelta(cells, d.data);
    assert.deepEqual([...cells].sort(), want);
    assert.deepEqual(stream.events.slice(1).map((e) => JSON.stringify(e.data)), streams[0].events.slice(1).map((e) => JSON.stringify(e.data)));
  }
  await Promise.all(streams.map((s) => s.close()));
});

test('live: a silent stream says a comment within 15 seconds', async () => {
  const race = await campaign(server);
  const stream = live(server, race.id);
  await stream.wait(1);
  await sleep(500);
  const before = stream.comments, end = Date.now() + 15500;
  while (stream.comments === before && Date.now() < end) await sleep(100);
  assert.ok(stream.comments > before);
  await stream.close();
});

test('live: after a restart a listener resumes or is given a snapshot that says why, and goes on', async () => {
  const race = await campaign(server);
  await line(server, race.id, { gross_cents: 100 });
  const before = live(server, race.id);
  const start = await before.wait(1);
  await line(server, race.id, { gross_cents: 200 });
  const last = await before.wait(2);
  await before.close();
  await line(server, race.id, { gross_cents: 300 });
  const got = await matrix(server, race.id);
  await server.kill();
  server = await startServer({ dataDir });
  const again = await matrix(server, race.id);
  assert.deepEqual(leafCells(again), leafCells(got));
  const stream = live(server, race.id, { last: last.id });
  const event = await stream.wait(1);
  const cells = leafCells(start.data);
  if (event.event === 'delta') {
    applyDelta(cells, last.data);
    applyDelta(cells, event.data);
    assert.equal(event.data.version, last.data.version + 1);
    assert.deepEqual([...cells].sort(), [...leafCells(got)].sort());
  } else {
    assert.equal(event.event, 'snapshot');
    assert.ok(event.data.reason && event.data.reason !== 'start');
    assert.deepEqual([...leafCells(event.data)].sort(), [...leafCells(got)].sort());
  }
  await line(server, race.id, { gross_cents: 400 });
  const next = await stream.wait(2);
  assert.equal(next.data.version, event.data.version + 1);
  await stream.close();
});

test('live: no such campaign is 404, none given 422, and nobody is 401', async () => {
  const ask = (path, headers = { 'x-api-key': server.key }) => fetch(server.url + path, { headers }).then((r) => r.status);
  assert.equal(await ask('/api/v1/live?campaign_id=cmp_0000004zzzzzz'), 404);
  assert.equal(await ask('/api/v1/live'), 422);
  assert.equal(await ask('/api/v1/live?campaign_id=cmp_0000004zzzzzz', {}), 401);
});
