// jobs.test.mjs - work in the background over HTTP: a job whose every run fails, one more series by hand, given up for good.
//
// How:  a paper that is damaged is a result; a job fails when the bytes that were stored cannot be read back. So a file of the right
//       size and the wrong bytes lies where the paper's bytes will be looked for, until the test repairs it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { allItems, sleep, startServer, temporaryFolder, until } from './server.mjs';
import { assertFaults, campaign, matrix, orderPdf } from './with.mjs';

let dataDir, server;
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
function place(bytes, content) {
  const hex = sha256(bytes);
  const file = join(dataDir, 'blobs', hex.slice(0, 2), hex.slice(2, 4), hex);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
const spoil = (bytes) => place(bytes, Buffer.alloc(bytes.length, 'x'));
const get = async (path) => {
  const { status, json, text } = await server.api('GET', path);
  assert.equal(status, 200, text);
  return json;
};
const post = (path, headers) => server.api('POST', path, undefined, headers);
const job = (id) => get(`/api/v1/jobs/${id}`);
const input = (id) => get(`/api/v1/inputs/${id}`);
const failures = async (id) => (await allItems(server, `/api/v1/exceptions?input_id=${id}&status=open`)).filter((e) => e.kind === 'job_failed');

/** Stores bytes that cannot be read back; the input and its job. */
async function storeSpoiled(number) {
  const bytes = Buffer.from(orderPdf({ number }));
  spoil(bytes);
  const stored = await server.api('POST', `/api/v1/inputs?source=fcc&filename=${number}.pdf`, bytes, { 'content-type': 'application/pdf' });
  assert.equal(stored.status, 202, stored.text);
  const made = await until('its job', async () => (await allItems(server, '/api/v1/jobs')).find((j) => j.input_id === stored.json.id));
  return { bytes, id: stored.json.id, job: made.id };
}

const failed = (id) => until(`${id} fails`, async () => {
  const now = await job(id);
  return now.state === 'failed' && now;
}, 60000, 100);

/** Four runs, the next never sooner than 1, 2, 4 s after the end of the one before. */
function assertSeries(ended, after) {
  assert.deepEqual([ended.state, ended.attempt, ended.runs.length], ['failed', 4, 4]);
  assert.match(ended.error, /does not hold the bytes/);
  let earliest = after;
  ended.runs.forEach((run, i) => {
    assert.ok(run.started_ms >= earliest, `run ${i + 1} of ${JSON.stringify(ended.runs)} after ${after}`);
    assert.ok(run.ended_ms >= run.started_ms);
    assert.equal(run.error, ended.error);
    earliest = run.ended_ms + 1000 * 2 ** i;
  });
  const took = ended.runs[3].started_ms - ended.runs[0].started_ms;
  assert.ok(took >= 7000 && took < 25000, `the last run began ${took} ms after the first`);
}

test('walkthrough 14: a job fails at 0, 1, 3 and 7 s, then waits for a person, who gives it one fresh series', async () => {
  const race = await campaign(server);
  const paper = await storeSpoiled('7301001'), other = await storeSpoiled('7301002');
  assertFaults(await post(`/api/v1/jobs/${paper.job}/retry`), 409, ['state']); // waiting or active
  assertFaults(await post(`/api/v1/jobs/${paper.job}/dismiss`), 409, ['state']);

  const first = await failed(paper.job);
  assertSeries(first, first.created_ms);
  const shown = await input(paper.id);
  assert.deepEqual([shown.status, shown.reason, shown.job_id, shown.exceptions], ['unreadable', 'parse_failed', paper.job, 1]);
  const [told] = await failures(paper.id);
  assert.deepEqual([told.job_id, told.subject, told.details], [paper.job, '7301001.pdf', first.error]);
  await failed(other.job);
  await sleep(2000);
  assert.deepEqual(await job(paper.job), first, 'no fifth run');
  assert.deepEqual((await get('/api/v1/jobs?state=failed')).items.map((j) => j.id), [paper.job, other.job]);

  // One fresh series; the same request again is the same answer, not one more.
  const key = { 'idempotency-key': 'again' };
  const retried = await post(`/api/v1/jobs/${paper.job}/retry`, key);
  assert.equal(retried.status, 200, retried.text);
  assert.ok(['waiting', 'active'].includes(retried.json.state));
  assert.ok(retried.json.fence >= first.fence && retried.json.run_at_ms > first.runs[3].ended_ms);
  const again = await post(`/api/v1/jobs/${paper.job}/retry`, key);
  assert.deepEqual([again.status, again.json], [200, retried.json]);
  await until('the input is being read again', async () => (await input(paper.id)).status === 'stored');
  const second = await failed(paper.job);
  assertSeries(second, retried.json.run_at_ms);
  assert.ok(second.fence >= first.fence + 4);
  const open = await failures(paper.id);
  assert.deepEqual(open.map((e) => e.job_id), [paper.job]);
  assert.notEqual(open[0].id, told.id);

  // Given up for good.
  const dismissed = await post(`/api/v1/jobs/${other.job}/dismiss`);
  assert.deepEqual([dismissed.status, dismissed.json.state], [200, 'dismissed']);
  await until('its problem is closed', async () => (await failures(other.id)).length === 0);
  for (const word of ['retry', 'dismiss']) assertFaults(await post(`/api/v1/jobs/${other.job}/${word}`), 409, ['state']);

  // The bytes are repaired.
  place(paper.bytes, paper.bytes);
  assert.equal((await post(`/api/v1/jobs/${paper.job}/retry`)).status, 200);
  const read = await until('the paper is read', async () => {
    const now = await input(paper.id);
    return now.status === 'parsed' && now;
  });
  assert.deepEqual([read.documents, read.lines, read.job_id, read.reason], [1, 1, null, null]);
  assert.deepEqual(await failures(paper.id), []);
  const completed = await job(paper.job);
  assert.deepEqual([completed.state, completed.error, completed.runs.length, completed.runs[0].error], ['completed', null, 1, null]);
  assert.equal((await matrix(server, race.id)).totals.total_cents, 100000);
  assertFaults(await post(`/api/v1/jobs/${paper.job}/retry`), 409, ['state']);

  const before = await get('/api/v1/jobs');
  await server.kill();
  server = await startServer({ dataDir });
  assert.deepEqual(await get('/api/v1/jobs'), before);
  assert.equal((await matrix(server, race.id)).totals.total_cents, 100000);
  assert.equal((await input(other.id)).status, 'unreadable');
});

test('jobs: pages, states and what is not there', async () => {
  const [one, ...rest] = (await get('/api/v1/jobs')).items;
  const page = await get('/api/v1/jobs?limit=1');
  assert.deepEqual(page.items, [one]);
  assert.deepEqual((await get(`/api/v1/jobs?cursor=${page.next_cursor}`)).items, rest);
  assert.deepEqual((await get('/api/v1/jobs?state=waiting')).items, []);
  assertFaults(await server.api('GET', '/api/v1/jobs?state=lost'), 422, ['state']);
  assert.equal((await server.api('GET', '/api/v1/jobs/job_0000004zzzzzz')).status, 404);
  assert.equal((await post('/api/v1/jobs/job_0000004zzzzzz/retry')).status, 404);
  assert.equal((await post(`/api/v1/jobs/${one.input_id}/dismiss`)).status, 404);
  const path = `/api/v1/jobs/${one.id}`;
  const etag = (await server.api('GET', path)).headers.get('etag');
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': etag })).status, 304);
  // A list seen before is not taken for the newest.
  const seen = (await server.api('GET', '/api/v1/jobs')).headers.get('etag');
  const stored = await server.api('POST', '/api/v1/inputs?source=fcc&filename=n.pdf', Buffer.from(orderPdf({ number: '7301003' })), { 'content-type': 'application/pdf' });
  assert.equal(stored.status, 202);
  await until('its job', async () => (await server.api('GET', '/api/v1/jobs', undefined, { 'if-none-match': seen })).status === 200);
});
