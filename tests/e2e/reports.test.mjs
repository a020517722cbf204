// reports.test.mjs - end-of-day reports of the real program, its wall clock set by the test: one a local date over the clock change, the
// same bytes whenever they are asked for.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allItems, sleep, startServer, temporaryFolder, until } from './server.mjs';
import { assertFaults, campaign, line, matrix } from './with.mjs';

const folder = temporaryFolder();
const clock = join(folder, 'fake_clock.so');
execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', clock, join(dirname(fileURLToPath(import.meta.url)), 'fake_clock.c')]);
after(() => rmSync(folder, { recursive: true, force: true }));

/** A server whose clock shows `at` (ISO) as it starts. */
function startAt(at, dataDir, env = {}) {
  return startServer({ dataDir, env: { LD_PRELOAD: clock, FAKE_CLOCK_MS: String(Date.parse(at) - Date.now()), ...env } });
}
const reports = (server, id) => allItems(server, `/api/v1/reports?campaign_id=${id}`);
const dates = async (server, id) => (await reports(server, id)).map((r) => r.local_date);
const content = async (server, report) => {
  const answer = await server.api('GET', `/api/v1/reports/${report.id}/content`);
  assert.equal(answer.status, 200, answer.text);
  return answer;
};
/** Runs `body` with a server that starts at that time; the folder stays. */
async function during(at, dataDir, body, env) {
  const server = await startAt(at, dataDir, env);
  try {
    await body(server);
  } finally {
    assert.equal(await server.stop(), 0);
  }
}
const HALF_PAST_ONE = { tz: 'America/New_York', eod_enabled: true, eod_local_min: 90 };

test('walkthrough 16: 01:30 comes twice in New York on 2026-11-01, one report has that date', async () => {
  const dataDir = join(folder, 'night');
  let id;
  await during('2026-11-01T04:10:00Z', dataDir, async (server) => {
    const made = await campaign(server, HALF_PAST_ONE);
    id = made.id;
    assert.ok(Math.abs(made.created_ms - Date.parse('2026-11-01T04:10:00Z')) < 20000, 'the clock of the program is the test\'s');
    await line(server, id);
    assert.deepEqual(await dates(server, id), []);
  });
  const hours = [['05:29:58', []], ['05:59:58', []], ['06:29:58', []], ['06:59:58', ['2026-11-01']], ['07:59:58', ['2026-11-01']]];
  for (const [hour, want] of hours) { // each waits until its full or half hour is over
    await during(`2026-11-01T${hour}Z`, dataDir, async (server) => {
      await sleep(3500);
      if (want.length > 0) await until('the report', async () => (await dates(server, id)).length > 0, 10000);
      assert.deepEqual(await dates(server, id), want, hour);
    });
  }
  await during('2026-11-02T06:59:58Z', dataDir, async (server) => {
    await until('the next date', async () => (await dates(server, id)).length === 2, 10000);
    assert.deepEqual(await dates(server, id), ['2026-11-01', '2026-11-02']);
  });
  await during('2026-11-02T12:00:00Z', dataDir, async (server) => {
    await sleep(500);
    const [first, second] = await reports(server, id);
    assert.equal((await reports(server, id)).length, 2);
    assert.deepEqual([first.kind, first.campaign_id, first.from_version, first.from_ms, first.total_before_cents, first.total_after_cents], ['eod', id, 0, null, null, 2100000]);
    assert.deepEqual([second.from_version, second.from_ms, second.total_before_cents, second.total_after_cents], [first.to_version, first.to_ms, 2100000, 2100000]);
    assert.deepEqual([first.sent_ms, first.storage_key], [null, null]);
    assert.equal(Math.floor(first.created_ms / 60000), Date.parse('2026-11-01T07:00:00Z') / 60000);
  });
});

test('reports: none while EOD_REPORT_ENABLED is false, also the one that is due at the start; then only of the date it is', async () => {
  const dataDir = join(folder, 'off');
  let id;
  await during('2026-10-14T16:00:00Z', dataDir, async (server) => {
    ({ id } = await campaign(server, HALF_PAST_ONE));
  });
  await during('2026-10-14T20:00:00Z', dataDir, async (server) => {
    await sleep(1500);
    assert.deepEqual(await dates(server, id), []);
  }, { EOD_REPORT_ENABLED: 'false' });
  await during('2026-10-16T20:10:00Z', dataDir, async (server) => {
    await until('the report', async () => (await dates(server, id)).length > 0, 10000);
    assert.deepEqual(await dates(server, id), ['2026-10-16']);
  });
  await assert.rejects(startServer({ env: { EOD_REPORT_ENABLED: 'yes' } }), /EOD_REPORT_ENABLED: must be true or false/);
});

test('walkthrough 12: Monday\'s report made again after Tuesday\'s revision and after a restart is byte-equal', async () => {
  const dataDir = join(folder, 'monday');
  const order = { source: 'fcc', order_no: '500100', flight_from: '2026-10-26', flight_to: '2026-11-01' };
  let id, monday, bytes, tag, then;
  await during('2026-10-19T21:59:56Z', dataDir, async (server) => { // Monday, 17:59 in New York
    ({ id } = await campaign(server, { eod_enabled: true }));
    await line(server, id, { ...order, revision: '1', gross_cents: 5000000 });
    [monday] = await until('Monday\'s report', async () => {
      const list = await reports(server, id);
      return list.length > 0 && list;
    }, 20000);
    const answer = await content(server, monday);
    [bytes, tag] = [answer.text, answer.headers.get('etag')];
    then = await matrix(server, id);
    const said = answer.json;
    assert.deepEqual([said.local_date, said.total_before_cents, said.total_after_cents, said.difference_cents], ['2026-10-19', null, 5000000, 5000000]);
    assert.deepEqual(said.cells.map((c) => [c.week, c.station, c.before_cents, c.after_cents, c.difference_cents]), [['2026-10-26', 'WAAA', null, 5000000, 5000000]]);
    assert.deepEqual([said.lines, said.state_is_same], [{ new: 1, changed: 0, cancelled: 0 }, true]);
  });
  const same = async (server) => {
    for (let i = 0; i < 2; i++) {
      const again = await content(server, monday);
      assert.equal(again.text, bytes);
      assert.equal(again.headers.get('etag'), tag);
    }
    const unchanged = await server.api('GET', `/api/v1/reports/${monday.id}/content`, undefined, { 'if-none-match': tag });
    assert.deepEqual([unchanged.status, unchanged.text], [304, '']);
    assert.deepEqual((await server.api('GET', `/api/v1/reports/${monday.id}`)).json, monday);
  };
  await during('2026-10-20T14:00:00Z', dataDir, async (server) => { // Tuesday 10:00
    await same(server);
    await line(server, id, { ...order, revision: '2', gross_cents: 4200000 });
    await line(server, id, { station: 'WBBB', market: 535, gross_cents: 700 });
    assert.notDeepEqual((await matrix(server, id)).totals, then.totals);
    await same(server);
    const past = await server.api('GET', `/api/v1/matrix?campaign_id=${id}&as_of_ms=${monday.to_ms}`);
    assert.equal(createHash('sha256').update(past.text).digest('hex'), monday.state_hash);
  });
  await during('2026-10-20T21:59:57Z', dataDir, async (server) => { // 18:00 comes
    await until('Tuesday\'s report', async () => (await reports(server, id)).length === 2, 20000);
    await same(server);
    const tuesday = (await reports(server, id))[1];
    const said = (await content(server, tuesday)).json;
    assert.deepEqual([said.total_before_cents, said.total_after_cents, said.difference_cents], [5000000, 4200700, -799300]);
    assert.deepEqual(said.markets.map((m) => [m.market, m.before_cents, m.after_cents]), [[504, 5000000, 4200000], [535, null, 700]]);
    assert.deepEqual(said.advertisers.map((a) => [a.advertiser, a.difference_cents]), [['Ours', -799300]]);
    assert.deepEqual(said.lines, { new: 2, changed: 1, cancelled: 0 });
  });
});

test('reports: what is not there, and what is wrong', async () => {
  await during('2026-10-14T16:00:00Z', join(folder, 'wrong'), async (server) => {
    const { id } = await campaign(server);
    assert.deepEqual(await reports(server, id), [], 'nobody asked for any');
    assertFaults(await server.api('GET', '/api/v1/reports'), 422, ['campaign_id']);
    assertFaults(await server.api('GET', `/api/v1/reports?campaign_id=${id}&limit=0`), 422, ['limit']);
    for (const path of ['rpt_0000000000001', 'rpt_0000000000001/content', 'x', 'x/content', `${id}/content`]) assert.equal((await server.api('GET', `/api/v1/reports/${path}`)).status, 404, path);
    assertFaults(await server.api('PATCH', `/api/v1/campaigns/${id}`, { eod_local_min: 1440 }), 422, ['eod_local_min']);
  });
});
