// campaigns.test.mjs - campaigns over HTTP: making, reading, changing with ETags, cloning, every fault by its path.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allItems, startServer } from './server.mjs';
import { assertFaults, campaign, line } from './with.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());

test('campaigns: a new one answers 201 with Location and the whole record', async () => {
  const body = { name: 'US Senate', election_date: '2026-11-03', markets: [504, 535], advertisers: [{ name: 'Ours', side: 'for', aliases: ['Ours Inc'] }, { name: 'Theirs', side: 'against' }], keywords: ['senate'], week_basis: 'political', tz: 'America/Chicago' };
  const made = await server.api('POST', '/api/v1/campaigns', body);
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.id, /^cmp_/);
  assert.equal(made.headers.get('location'), `/api/v1/campaigns/${made.json.id}`);
  for (const name of ['name', 'election_date', 'markets', 'keywords', 'week_basis', 'tz']) assert.deepEqual(made.json[name], body[name], name);
  assert.deepEqual(made.json.advertisers.map((a) => [a.name, a.side]), [['Ours', 'for'], ['Theirs', 'against']]);
  const shown = await server.api('GET', `/api/v1/campaigns/${made.json.id}`);
  assert.deepEqual(shown.json, made.json);
  assert.equal(made.json.version >= 1, true);
});

test('campaigns: defaults are race, broadcast weeks, New York, 15 percent', async () => {
  const made = await campaign(server);
  assert.deepEqual([made.kind, made.status, made.week_basis, made.tz, made.commission_bp, made.broadcast_day_start_min], ['race', 'active', 'broadcast', 'America/New_York', 1500, 360]);
});

test('campaigns: every fault is named at once by its path', async () => {
  const answer = await server.api('POST', '/api/v1/campaigns', {
    name: '', election_date: '2026-13-03', markets: [504, 99], advertisers: [{ name: 'Fine', side: 'for' }, { side: 'against' }, { name: 'X', side: 'sideways' }], week_basis: 'lunar', tz: 'Mars/Olympus', commission_bp: 20000, colour: 'red',
  });
  assertFaults(answer, 422);
  const fields = answer.json.errors.map((e) => e.field);
  for (const wanted of ['name', 'election_date', 'markets[1]', 'advertisers[1].name', 'advertisers[2].side', 'week_basis', 'tz', 'commission_bp', 'colour']) assert.ok(fields.includes(wanted), `${wanted} in ${answer.text}`);
});

test('campaigns: wrong types and read-only fields are 422, no object is 422, no JSON is 400', async () => {
  assertFaults(await server.api('POST', '/api/v1/campaigns', { name: 5, election_date: true, markets: 'all' }), 422, ['name', 'election_date', 'markets']);
  assertFaults(await server.api('POST', '/api/v1/campaigns', {}), 422, ['name']);
  assert.equal((await server.api('POST', '/api/v1/campaigns', '[1]')).status, 422);
  assertFaults(await server.api('POST', '/api/v1/campaigns', '{"name": "x"'), 400);
  assertFaults(await server.api('POST', '/api/v1/campaigns', ''), 400);
});

test('campaigns: dates lie between 1990 and 2099, markets between 100 and 999, at most 1,000', async () => {
  for (const election_date of ['1989-12-31', '2100-01-01', '2026-02-29', '2026-1-1']) assertFaults(await server.api('POST', '/api/v1/campaigns', { name: 'x', election_date }), 422, ['election_date']);
  await campaign(server, { election_date: '2099-12-31' });
  const many = Array.from({ length: 1001 }, (_, i) => 100 + (i % 900));
  assertFaults(await server.api('POST', '/api/v1/campaigns', { name: 'x', markets: many }), 422);
});

test('campaigns: names that fold alike are one advertiser, unless their sides differ', async () => {
  const made = await campaign(server, { advertisers: [{ name: 'Friends of Lee', side: 'for' }, { name: 'FRIENDS OF LEE', side: 'for' }] });
  assert.equal(made.advertisers.length, 1, JSON.stringify(made.advertisers));
  assert.equal(made.advertisers[0].name, 'Friends of Lee');
  const answer = await server.api('POST', '/api/v1/campaigns', { name: 'x', advertisers: [{ name: 'Lee PAC', side: 'for' }, { name: 'lee pac', side: 'against' }] });
  assert.equal(answer.status, 422);
  assert.match(answer.json.errors[0].field, /^advertisers\[1\]/);
});

test('campaigns: existing advertisers are reused by later campaigns', async () => {
  const [a, b] = [await campaign(server, { advertisers: [{ name: 'Common PAC', side: 'for' }] }), await campaign(server, { advertisers: [{ name: 'common pac', side: 'against' }] })];
  const lines = [await line(server, a.id, { advertiser: 'Common PAC' }), await line(server, b.id, { advertiser: 'COMMON PAC' })];
  assert.equal(lines[0].advertiser_id, lines[1].advertiser_id);
  assert.deepEqual(lines.map((l) => l.side), ['for', 'against']);
});

test('campaigns: PATCH changes what it names and needs the current ETag where one is given', async () => {
  const made = await campaign(server, { client: 'Before' });
  const path = `/api/v1/campaigns/${made.id}`;
  const etag = (await server.api('GET', path)).headers.get('etag');
  const changed = await server.api('PATCH', path, { client: 'After' }, { 'if-match': etag });
  assert.equal(changed.status, 200, changed.text);
  assert.deepEqual([changed.json.client, changed.json.name, changed.json.version], ['After', made.name, made.version + 1]);
  assertFaults(await server.api('PATCH', path, { client: 'Late' }, { 'if-match': etag }), 412);
  assertFaults(await server.api('PATCH', path, { client: 'Late' }, { 'if-match': '"something"' }), 412);
  assert.equal((await server.api('GET', path)).json.client, 'After');
  assert.equal((await server.api('PATCH', path, { client: 'Any' }, { 'if-match': '*' })).status, 200);
  assert.equal((await server.api('PATCH', path, { client: null })).json.client, null);
  assertFaults(await server.api('PATCH', path, { name: null }), 422, ['name']);
  assertFaults(await server.api('PATCH', path, { id: 'cmp_0000000000001', version: 9 }), 422, ['id', 'version']);
  assertFaults(await server.api('PATCH', path, { weeks: 1 }), 422, ['weeks']);
});

test('campaigns: of many changes with the same ETag exactly one wins', async () => {
  const made = await campaign(server);
  const path = `/api/v1/campaigns/${made.id}`;
  const etag = (await server.api('GET', path)).headers.get('etag');
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => server.api('PATCH', path, { client: `C${i}` }, { 'if-match': etag })));
  assert.deepEqual(all.map((a) => a.status).sort(), [200, ...Array(19).fill(412)]);
  assert.equal((await server.api('GET', path)).json.client, all.find((a) => a.status === 200).json.client);
});

test('campaigns: If-None-Match is 304 until something changes', async () => {
  const made = await campaign(server);
  const path = `/api/v1/campaigns/${made.id}`;
  const etag = (await server.api('GET', path)).headers.get('etag');
  const same = await server.api('GET', path, undefined, { 'if-none-match': etag });
  assert.deepEqual([same.status, same.text], [304, '']);
  await server.api('PATCH', path, { client: 'X' });
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': etag })).status, 200);
});

test('campaigns: a clone has the settings, not the lines', async () => {
  const made = await campaign(server, { client: 'Us', markets: [504], advertisers: [{ name: 'Ours', side: 'for' }] });
  await line(server, made.id);
  const clone = await server.api('POST', `/api/v1/campaigns/${made.id}/clone`, { name: 'The copy' });
  assert.equal(clone.status, 201, clone.text);
  assert.notEqual(clone.json.id, made.id);
  assert.deepEqual([clone.json.name, clone.json.client, clone.json.markets, clone.json.advertisers.map((a) => a.name)], ['The copy', 'Us', [504], ['Ours']]);
  assert.notEqual(clone.json.slug, made.slug);
  assert.equal((await allItems(server, `/api/v1/buy-lines?campaign_id=${clone.json.id}`)).length, 0);
  assert.equal((await server.api('POST', '/api/v1/campaigns/cmp_0000004zzzzzz/clone', {})).status, 404);
  assertFaults(await server.api('POST', `/api/v1/campaigns/${made.id}/clone`, { id: made.id, name: 'Two' }), 422, ['id']);
});

test('campaigns: the list pages by cursor without loss or repeat', async () => {
  for (let i = 0; i < 12; i++) await campaign(server);
  const all = (await allItems(server, '/api/v1/campaigns')).map((c) => c.id);
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const { json } = await server.api('GET', `/api/v1/campaigns?limit=5${cursor && `&cursor=${cursor}`}`);
    assert.ok(json.items.length <= 5);
    paged.push(...json.items.map((c) => c.id));
    cursor = json.next_cursor;
  }
  assert.deepEqual(paged, all);
  assert.equal(new Set(paged).size, paged.length);
  for (const limit of ['0', '101', '-1', 'x', '', '1.5']) assertFaults(await server.api('GET', `/api/v1/campaigns?limit=${limit}`), 422, ['limit']);
  assertFaults(await server.api('GET', '/api/v1/campaigns?cursor=!!'), 422, ['cursor']);
  assertFaults(await server.api('GET', '/api/v1/campaigns?colour=red'), 422, ['colour']);
});

test('campaigns: ids that are none are 404', async () => {
  for (const id of ['cmp_0000004zzzzzz', 'cmp_0000000000000', 'cmp_', 'bl_0000004000038', 'x', '..%2f..%2fetc', '%00']) {
    assert.equal((await server.api('GET', `/api/v1/campaigns/${id}`)).status, 404, id);
    assert.equal((await server.api('PATCH', `/api/v1/campaigns/${id}`, { client: 'x' })).status, 404, id);
  }
});
