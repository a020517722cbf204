// names.test.mjs - a spelling that looks like a known name is proposed; a person's word moves its dollars, is known at once and stays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allItems, startServer, storeInput, temporaryFolder, until } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, matrix, orderPdf } from './with.mjs';
import { rmSync } from 'node:fs';

const SMITH = 'Friends of Jane Smith', SMYTH = 'Friends of Jane Smyth';
let server, folder;
before(async () => {
  folder = temporaryFolder();
  server = await startServer({ dataDir: folder });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const proposals = (query = '') => allItems(server, `/api/v1/names/proposals${query}`);
const proposed = (text, more = '') => until(`a proposal for ${text}`, async () => (await proposals(more)).find((p) => p.text === text));
const decide = (id, body, headers) => server.api('POST', `/api/v1/names/proposals/${id}`, body, headers);
const dollars = async (id, labels) => Object.values(cellsOf(await matrix(server, id), labels)).reduce((a, b) => a + (b ?? 0), 0);

test('names: a misprint is proposed, confirmed, and its dollars move', async () => {
  const race = await campaign(server, { advertisers: [{ name: SMITH, side: 'for' }] });
  const printed = await campaign(server, { name: 'Everything' });
  await line(server, race.id, { advertiser: SMITH, gross_cents: 1000000 });
  const moved = await line(server, race.id, { advertiser: SMYTH, station: 'WBBB', gross_cents: 200000 });
  await storeInput(server, 'smyth.pdf', await orderPdf({ advertiser: SMYTH, number: '7300001', station: 'WBBB' }));
  assert.deepEqual([moved.advertiser, moved.side], [SMYTH, 'neutral']);
  const p = await proposed(SMYTH);
  assert.deepEqual([p.kind, p.status, p.target, p.decided_by, p.decided_ms], ['advertiser', 'open', SMITH, null, null]);
  assert.ok(p.score_bp >= 7000 && p.score_bp < 10000 && p.why.length > 0, JSON.stringify(p));
  assert.equal(p.advertiser_id, moved.advertiser_id);
  assert.deepEqual([await dollars(race.id, { advertiser: SMITH }), await dollars(race.id, { advertiser: SMYTH })], [1000000, 200000]);

  const answer = await decide(p.id, { status: 'confirmed' }, { 'idempotency-key': 'c-1' });
  assert.deepEqual([answer.status, answer.json.status, answer.json.decided_by], [200, 'confirmed', 'system'], answer.text);
  const again = await decide(p.id, { status: 'confirmed' }, { 'idempotency-key': 'c-1' });
  assert.deepEqual([again.status, again.text], [200, answer.text]);
  assertFaults(await decide(p.id, { status: 'rejected' }), 409, ['status']);
  await until('the dollars stand under one name', async () =>
    (await dollars(race.id, { advertiser: SMITH, side: 'for' })) === 1300000 && (await dollars(printed.id, { advertiser: SMITH })) === 100000);
  const got = await matrix(server, race.id);
  assert.deepEqual([...new Set(got.rows.filter((r) => r.kind === 'leaf').map((r) => r.labels.advertiser))], [SMITH]);
  const shown = (await server.api('GET', `/api/v1/buy-lines/${moved.id}`)).json;
  assert.deepEqual([shown.advertiser, shown.advertiser_text, shown.side, shown.advertiser_id], [SMITH, SMYTH, 'for', p.target_id]);

  const next = await line(server, race.id, { advertiser: ` ${SMYTH.toUpperCase()} `, station: 'WBBB', gross_cents: 7 });
  assert.deepEqual([next.advertiser, next.side], [SMITH, 'for']);
  assert.equal((await proposals('?status=open')).filter((each) => each.text === SMYTH).length, 0);
  const aliases = await allItems(server, `/api/v1/advertiser-aliases?advertiser_id=${p.target_id}`);
  const alias = aliases.find((a) => a.text === SMYTH);
  assert.deepEqual([alias.confirmed_by, alias.confirmed_ms > 1e12], ['system', true]);
  const known = await allItems(server, '/api/v1/advertisers?q=jane+smyth');
  assert.deepEqual(known.map((a) => a.name), [SMITH]);
});

test('names: what was said survives a power cut', async () => {
  const before = await allItems(server, '/api/v1/names/proposals');
  await server.kill();
  server = await startServer({ dataDir: folder });
  assert.deepEqual(await allItems(server, '/api/v1/names/proposals'), before);
  const race = await campaign(server, { advertisers: [{ name: SMITH, side: 'against' }] });
  const made = await line(server, race.id, { advertiser: SMYTH });
  assert.deepEqual([made.advertiser, made.side], [SMITH, 'against']);
});

test('names: rejected is remembered and not asked again', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Citizens for Robert Alder', side: 'for' }] });
  const text = 'Citizens for Roberta Alder';
  await line(server, race.id, { advertiser: text, gross_cents: 500 });
  const p = await proposed(text);
  const answer = await decide(p.id, { status: 'rejected' });
  assert.deepEqual([answer.status, answer.json.status], [200, 'rejected'], answer.text);
  await line(server, race.id, { advertiser: text, gross_cents: 500 });
  await line(server, race.id, { advertiser: `${text}.`, gross_cents: 500 });
  assert.equal((await proposals()).filter((each) => each.text.startsWith(text)).length, 1);
  assert.deepEqual([await dollars(race.id, { advertiser: text }), (await matrix(server, race.id)).totals.total_cents], [1500, 1500]);
});

test('names: a document nobody took is found by a confirmed spelling', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Maria Birchwood for Senate', side: 'for' }] });
  await allItems(server, '/api/v1/pending');
  const everything = (await allItems(server, '/api/v1/campaigns')).filter((c) => c.advertisers.length === 0 && c.keywords.length === 0);
  for (const c of everything) assert.equal((await server.api('PATCH', `/api/v1/campaigns/${c.id}`, { keywords: ['nothing at all'] })).status, 200);
  await storeInput(server, 'birchwod.pdf', await orderPdf({ advertiser: 'Maria Birchwod for Senate', number: '7300002' }));
  assert.equal((await allItems(server, '/api/v1/pending')).length, 1);
  const p = await proposed('Maria Birchwod for Senate');
  assert.equal(p.advertiser_id, null);
  assert.equal((await decide(p.id, { status: 'confirmed' })).status, 200);
  await until('the line found its campaign', async () => (await dollars(race.id, { advertiser: 'Maria Birchwood for Senate', side: 'for' })) === 100000);
  assert.equal((await allItems(server, '/api/v1/pending')).length, 0);
});

test('names: another target than proposed, and what is refused', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Oak County Democrats', side: 'for' }, { name: 'Party of Oaks', side: 'against' }] });
  await line(server, race.id, { advertiser: 'Oak County Democrat', gross_cents: 900 });
  const p = await proposed('Oak County Democrat');
  const other = (await allItems(server, '/api/v1/advertisers?q=party+of+oaks'))[0];
  assertFaults(await decide(p.id, { status: 'open' }), 422, ['status']);
  assertFaults(await decide(p.id, {}), 422, ['status']);
  assertFaults(await decide(p.id, { status: 'confirmed', target_id: 'adv_0000004zzzzzz' }), 422, ['target_id']);
  assertFaults(await decide(p.id, { status: 'rejected', target_id: other.id }), 422, ['target_id']);
  assertFaults(await decide(p.id, { status: 'confirmed', proposal_id: p.id }), 422, ['proposal_id']);
  assertFaults(await decide('nmp_0000004zzzzzz', { status: 'confirmed' }), 404);
  const answer = await decide(p.id, { status: 'confirmed', target_id: other.id });
  assert.deepEqual([answer.status, answer.json.target_id, answer.json.target], [200, other.id, 'Party of Oaks'], answer.text);
  await until('the dollars stand on the other side', async () => (await dollars(race.id, { advertiser: 'Party of Oaks', side: 'against' })) === 900);
});
