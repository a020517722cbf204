// disconnects.test.mjs - live clients that lose their connection again and again under writes: in the end each one's cells are the
// server's, with no version missing and none twice.
//
// How:  half of the clients over HTTP/1.1, half over h2c. Most come back with the id they saw last; some with one they saw long ago and
//       the cells they had then, some with an id of another campaign or with nonsense, some with none; some stop reading for a while.
//       ENDURE_ROUNDS: how many disconnects in all (80; long 1,000).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../server.mjs';
import { matrix } from '../with.mjs';
import { length, LONG, progress, random, stage, tell } from './with_endure.mjs';

const DISCONNECTS = length('ROUNDS', 80, 1000);
const YEAR = { flight_from: '2026-01-05', flight_to: '2026-12-27' }; // deltas of many cells, so that who is slow has much to take
const CLIENTS = length('CLIENTS', 20, 40);

test('disconnects: of live clients, at random moments', async (t) => {
  const place = await stage(t);
  const server = await place.start();
  const load = await place.load({ clients: 6, pause: LONG ? 15 : 10, weights: { lines: 6, edits: 3, combines: 1 }, padding: 20, line: YEAR });
  const campaigns = [load.lines.id, load.edited.id];
  const followers = Array.from({ length: CLIENTS }, (_, i) => place.follower(campaigns[(i >> 1) % 2], { h2: i % 2 === 1 }).connect());
  const ways = { last: 0, old: 0, foreign: 0, nonsense: 0, none: 0, slow: 0 };
  load.start();
  let left = DISCONNECTS;
  await Promise.all(followers.map(async (follower, i) => {
    let old = null; // what it had some disconnects ago
    while (left > 0) {
      left -= 1;
      await sleep(20 + random(300));
      if (random(8) === 0) {
        ways.slow += 1;
        follower.stream.pause();
        await sleep(300 + random(LONG && random(4) === 0 ? 20000 : 1500));
        follower.stream.resume();
        await sleep(random(100));
      }
      await follower.disconnect();
      const now = { id: follower.id, version: follower.version, cells: new Map(follower.cells) };
      await sleep(random(4) === 0 ? random(600) : random(30));
      const how = random(20);
      const other = followers.find((f) => f.campaign !== follower.campaign);
      if (how < 12 && follower.id !== null) {
        ways.last += 1;
        follower.connect();
      } else if (how < 15 && old !== null) {
        ways.old += 1;
        Object.assign(follower, old, { cells: new Map(old.cells) });
        follower.connect();
      } else {
        const [name, last] = how < 16 ? ['foreign', other.id] : how < 18 ? ['nonsense', ['x', '1:2:3', `${2 ** 40}:5`, '-1:-1'][random(4)]] : ['none', null];
        ways[name] += 1;
        Object.assign(follower, { id: null, version: null, cells: new Map() }); // what it has is worth nothing: it waits for a snapshot
        follower.connect(last);
      }
      if (old === null || random(5) === 0) old = now.id === null ? null : now;
      if (i === 0) progress(`disconnects: ${DISCONNECTS - left} of ${DISCONNECTS}, ${load.answered} writes`);
    }
  }));
  await load.end();
  for (const follower of followers) await follower.assertEquals(await matrix(server, follower.campaign));
  for (const { stream } of followers) assert.deepEqual([stream.status, stream.failed], [200, null]);
  const counted = await load.assertWhole();
  const reasons = {};
  for (const f of followers) for (const [name, n] of Object.entries(f.reasons)) reasons[name] = (reasons[name] ?? 0) + n;
  const sum = (name) => followers.reduce((n, f) => n + f[name], 0);
  tell(t, 'disconnects', { disconnects: DISCONNECTS, clients: CLIENTS, ...counted, deltas: sum('deltas'), snapshots: sum('snapshots'), ...Object.fromEntries(Object.entries(ways).map(([k, v]) => [`by_${k}`, v])),
    ...Object.fromEntries(Object.entries(reasons).map(([k, v]) => [`reason_${k}`, v])) });
  await Promise.all(followers.map((f) => f.disconnect()));
  assert.equal(await server.stop(), 0, server.stderr());
});
