// review.test.mjs - lists that people work off: groups and verdicts, edits of cells, problems, pending lines. Every fault by its path,
// all or nothing, and a click that is sent twice counts once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allItems, startServer, storeInput, until } from './server.mjs';
import { assertFaults, campaign, line, matrix, orderPdf } from './with.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());

const post = (path, body, headers) => server.api('POST', `/api/v1/${path}`, body, headers);
const groups = (id, query = '') => allItems(server, `/api/v1/dedupe/groups?campaign_id=${id}${query}`);
const total = async (id) => (await matrix(server, id)).totals.total_cents;
const NOBODY = '0000004zzzzzz';

/** A campaign in which one buy came twice: {race, filing, sheet, group}. */
async function twice(more = {}) {
  const race = await campaign(server, { advertisers: [{ name: 'Ours', side: 'for' }] });
  const filing = await line(server, race.id, { source: 'fcc', order_no: '7390001', ...more });
  const sheet = await line(server, race.id, { source: 'rep_mail', daypart: 'news', ...more });
  const [group] = await groups(race.id);
  assert.ok(group, 'no group');
  return { race, filing, sheet, group };
}

test('groups: an item holds the lines, what differs and why', async () => {
  const { race, filing, sheet, group } = await twice({ gross_cents: 2000000 });
  assert.deepEqual([group.campaign_id, group.status, group.proposed, group.score_x100, group.decision_id], [race.id, 'open', true, 10000, null]);
  assert.deepEqual(group.members, [{ buy_line_id: filing.id, role: 'candidate' }, { buy_line_id: sheet.id, role: 'candidate' }]);
  assert.deepEqual(group.reasons.map((r) => [r.rule, r.points_x100]), [['station', 3500], ['advertiser', 3000], ['flight', 1500], ['amount', 2000]]);
  assert.deepEqual(group.lines.map((l) => l.id), group.members.map((m) => m.buy_line_id));
  const [first] = group.lines;
  assert.deepEqual(Object.keys(first), ['id', 'advertiser', 'station', 'market', 'medium', 'flight_from', 'flight_to', 'gross_cents', 'net_cents', 'source', 'order_no', 'revision', 'stage',
    'standing', 'document_id', 'input_id']);
  for (const [name, value] of Object.entries(first)) assert.deepEqual(value, filing[name], name);
  const differs = Object.fromEntries(group.differences.map((d) => [d.field, d.values]));
  assert.deepEqual([differs.source, differs.order_no, differs.daypart], [['fcc', 'rep_mail'], ['7390001', null], [null, 'news']]);
  assert.equal('gross_cents' in differs, false);

  const shown = await server.api('GET', `/api/v1/dedupe/groups/${group.id}`);
  assert.deepEqual([shown.status, shown.json], [200, group]);
  const etag = shown.headers.get('etag');
  assert.equal((await server.api('GET', `/api/v1/dedupe/groups/${group.id}`, undefined, { 'if-none-match': etag })).status, 304);
  await line(server, race.id, { source: 'fcc', order_no: '7390001', revision: '1', gross_cents: 1990000 });
  assert.equal((await server.api('GET', `/api/v1/dedupe/groups/${group.id}`, undefined, { 'if-none-match': etag })).status, 200);
  for (const id of [`dg_${NOBODY}`, filing.id, 'x']) assert.equal((await server.api('GET', `/api/v1/dedupe/groups/${id}`)).status, 404, id);
});

test('groups: lists filter by status, points and advertiser, and page', async () => {
  const race = await campaign(server);
  for (let i = 0; i < 7; i++) {
    const more = { advertiser: `Payer ${'ABCDEFG'[i]} of ${1000 * (i + 7)}`, station: `W${'ABCDEFG'[i]}ZZ`, gross_cents: 100000 * (i + 1) };
    await line(server, race.id, { source: 'fcc', order_no: String(7391000 + i), ...more });
    await line(server, race.id, { source: 'rep_mail', ...more, gross_cents: 100000 * (i + 1) - (i % 2) * 5000 * (i + 1) });
  }
  const all = await groups(race.id);
  assert.equal(all.length, 7);
  const paged = [];
  for (let cursor = ''; cursor !== null;) {
    const { json } = await server.api('GET', `/api/v1/dedupe/groups?campaign_id=${race.id}&limit=3${cursor && `&cursor=${cursor}`}`);
    paged.push(...json.items.map((g) => g.id));
    cursor = json.next_cursor;
  }
  assert.deepEqual(paged, all.map((g) => g.id));
  assert.deepEqual((await groups(race.id, '&min_score=95')).map((g) => g.score_x100), [10000, 10000, 10000, 10000]);
  assert.equal((await groups(race.id, '&min_score=90')).length, 7);
  assert.equal((await groups(race.id, '&advertiser=payer+c+of+9000')).length, 1);
  const { advertiser_id } = (await server.api('GET', `/api/v1/buy-lines/${all[3].lines[0].id}`)).json;
  assert.deepEqual((await groups(race.id, `&advertiser=${advertiser_id}`)).map((g) => g.id), [all[3].id]);
  assert.equal((await groups(race.id, '&advertiser=nobody')).length, 0);
  await post(`dedupe/groups/${all[0].id}/resolve`, { action: 'separate' });
  assert.deepEqual([(await groups(race.id, '&status=open')).length, (await groups(race.id, '&status=separate')).length, (await groups(race.id, '&status=same')).length], [6, 1, 0]);
  for (const [query, field] of [['status=closed', 'status'], ['min_score=x', 'min_score'], ['min_score=100.1', 'min_score'], ['advertiser=', 'advertiser'], ['limit=101', 'limit'], ['colour=red', 'colour']]) {
    assertFaults(await server.api('GET', `/api/v1/dedupe/groups?campaign_id=${race.id}&${query}`), 422, [field]);
  }
});

test('resolve: what is wrong is named, and nothing has changed', async () => {
  const { race, filing, sheet, group } = await twice();
  const stranger = await line(server, race.id, { station: 'WQQQ', gross_cents: 5 });
  const before = await matrix(server, race.id);
  const resolve = (body) => post(`dedupe/groups/${group.id}/resolve`, body);
  assertFaults(await resolve({}), 422, ['action']);
  for (const action of ['combine', 'undo', 'maybe', 1]) assertFaults(await resolve({ action }), 422, ['action']);
  for (const action of ['keep', 'merge']) {
    assertFaults(await resolve({ action }), 422, ['winner']);
    for (const winner of ['x', group.id, stranger.id, `bl_${NOBODY}`]) assertFaults(await resolve({ action, winner }), 422, ['winner']);
  }
  assertFaults(await resolve({ action: 'keep', winner: filing.id, colour: 'red' }), 422, ['colour']);
  assertFaults(await resolve({ action: 'keep', winner: filing.id, reason: 'x'.repeat(501) }), 422, ['reason']);
  assertFaults(await post(`dedupe/groups/dg_${NOBODY}/resolve`, { action: 'separate' }), 404);
  assert.deepEqual(await matrix(server, race.id), before);

  const done = await resolve({ action: 'keep', winner: sheet.id, reason: 'the newer one' });
  assert.deepEqual([done.status, done.json.total_before_cents, done.json.total_after_cents, done.json.group.status], [200, 4200005, 2100005, 'same'], done.text);
  assertFaults(await resolve({ action: 'separate' }), 409);
  const [decision] = await allItems(server, `/api/v1/dedupe/decisions?campaign_id=${race.id}`);
  assert.deepEqual([decision.action, decision.chosen, decision.principal, decision.reason, decision.automatic, decision.undo_token, decision.undone_ms],
    ['keep', sheet.id, 'system', 'the newer one', false, done.json.undo_token, null]);
  assert.equal((await matrix(server, race.id)).version, done.json.version);
});

test('verdicts and undo: sent twice with one key they count once; a used token is a conflict', async () => {
  const { race, filing, group } = await twice();
  const key = { 'idempotency-key': 'verdict-1' };
  const body = { action: 'keep', winner: filing.id };
  const all = await Promise.all(Array.from({ length: 12 }, () => post(`dedupe/groups/${group.id}/resolve`, body, key)));
  assert.deepEqual([...new Set(all.map((a) => `${a.status} ${a.text}`))].length, 1, all[0].text);
  assert.equal(all[0].status, 200);
  assertFaults(await post(`dedupe/groups/${group.id}/resolve`, { action: 'separate' }, key), 422);
  const { undo_token } = all[0].json;
  for (const token of ['x', group.id, `dd_${NOBODY}`, `adj_${NOBODY}`]) assertFaults(await post('dedupe/undo', { undo_token: token }), 422, ['undo_token']);
  assertFaults(await post('dedupe/undo', {}), 422, ['undo_token']);
  const undone = await post('dedupe/undo', { undo_token, reason: 'a mistake' }, { 'idempotency-key': 'undo-1' });
  assert.deepEqual([undone.status, undone.json.total_after_cents], [200, 4200000], undone.text);
  const repeated = await post('dedupe/undo', { undo_token, reason: 'a mistake' }, { 'idempotency-key': 'undo-1' });
  assert.deepEqual([repeated.status, repeated.text], [200, undone.text]);
  assertFaults(await post('dedupe/undo', { undo_token }), 409);
  const list = await allItems(server, `/api/v1/dedupe/decisions?campaign_id=${race.id}`);
  assert.deepEqual(list.map((d) => [d.action, d.undo_token]), [['keep', null], ['undo', null]]);
  assert.equal(list[0].undone_by, list[1].id);
  assert.equal(await total(race.id), 4200000);
});

test('combine: two different lines of one campaign at least', async () => {
  const race = await campaign(server), other = await campaign(server);
  const parts = [];
  for (const gross_cents of [300000, 200000]) parts.push((await line(server, race.id, { source: 'rep_mail', gross_cents })).id);
  const foreign = (await line(server, other.id)).id;
  const combine = (body) => post('dedupe/rows/combine', { campaign_id: race.id, ...body });
  assertFaults(await post('dedupe/rows/combine', {}), 422, ['campaign_id', 'buy_line_ids']);
  for (const buy_line_ids of [[], [parts[0]], [parts[0], parts[0]]]) assertFaults(await combine({ buy_line_ids }), 422, ['buy_line_ids']);
  for (const bad of ['x', `bl_${NOBODY}`, foreign, race.id]) assertFaults(await combine({ buy_line_ids: [parts[0], bad] }), 422, ['buy_line_ids[1]']);
  assertFaults(await post('dedupe/rows/combine', { campaign_id: `cmp_${NOBODY}`, buy_line_ids: parts }), 422, ['campaign_id']);
  const done = await combine({ buy_line_ids: [...parts, parts[0]] });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual([done.json.buy_line.gross_cents, done.json.buy_line.standing, done.json.total_before_cents, done.json.total_after_cents], [500000, 'winner', 500000, 500000]);
  for (const id of parts) {
    const part = (await server.api('GET', `/api/v1/buy-lines/${id}`)).json;
    assert.deepEqual([part.standing, part.superseded_by], ['part', done.json.buy_line.id]);
  }
});

test('cells: edits are all or nothing, a changed cell is a conflict that shows it, and one can be taken back', async () => {
  const race = await campaign(server);
  await line(server, race.id, { station: 'WAAA', gross_cents: 1400000 });
  await line(server, race.id, { station: 'WBBB', gross_cents: 1400000 });
  const seen = await matrix(server, race.id);
  const [a, b] = seen.rows.filter((r) => r.kind === 'leaf').map((r) => `${r.key}@${seen.weeks[0]}`);
  const edit = (edits, headers, base_version = seen.version) => post('matrix/batch-update', { campaign_id: race.id, base_version, edits }, headers);
  const one = (key, gross_cents = 700000) => ({ key, gross_cents, reason: 'by telephone' });
  assertFaults(await post('matrix/batch-update', {}), 422, ['campaign_id', 'base_version', 'edits']);
  assertFaults(await edit([]), 422, ['edits']);
  assertFaults(await edit([{ key: a, gross_cents: 1 }, { key: b, reason: 'x' }]), 422, ['edits[0].reason', 'edits[1].gross_cents']);
  assertFaults(await edit([one(a), one(a, 5)]), 422, ['edits[1].key']);
  assertFaults(await edit([one(a), one('no cell')]), 422, ['edits[1].key']);
  assertFaults(await edit([one(a, 1.5)]), 422, ['edits[0].gross_cents']);
  assertFaults(await post('matrix/batch-update', { campaign_id: `cmp_${NOBODY}`, base_version: 1, edits: [one(a)] }), 422, ['campaign_id']);
  assert.deepEqual(await matrix(server, race.id), seen);

  const done = await edit([one(a), one(b, 0)], { 'idempotency-key': 'edit-1' });
  assert.equal(done.status, 200, done.text);
  assert.deepEqual(done.json.adjustments.map((d) => [d.key, d.before_cents, d.gross_cents, d.delta_cents, d.reason, d.principal]),
    [[a, 600000, 700000, 100000, 'by telephone', 'system'], [b, 600000, 0, -600000, 'by telephone', 'system']]);
  assert.equal((await edit([one(a), one(b, 0)], { 'idempotency-key': 'edit-1' })).text, done.text);
  assert.equal(await total(race.id), 2300000);

  const stale = await edit([one(b, 5)]);
  assertFaults(stale, 409);
  assert.deepEqual([stale.json.cell.key, stale.json.cell.gross_cents, stale.json.cell.version], [b, 0, done.json.version]);
  assert.ok(stale.json.requestId, stale.text);
  assert.equal(await total(race.id), 2300000);

  const listed = await allItems(server, `/api/v1/matrix/adjustments?campaign_id=${race.id}`);
  assert.deepEqual(listed.map((d) => [d.key, d.undo_token]), done.json.adjustments.map((d) => [d.key, d.undo_token]));
  const back = await post('dedupe/undo', { undo_token: listed[1].undo_token });
  assert.deepEqual([back.status, back.json.total_before_cents, back.json.total_after_cents], [200, 2300000, 2900000], back.text);
  assertFaults(await post('dedupe/undo', { undo_token: listed[1].undo_token }), 409);
  assert.deepEqual((await allItems(server, `/api/v1/matrix/adjustments?campaign_id=${race.id}`)).map((d) => d.undo_token !== null), [true, false]);
});

test('exceptions: of a campaign and of none are closed together, all or nothing', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Payer without a total' }] });
  for (const n of [1, 2]) await storeInput(server, `total${n}.pdf`, await orderPdf({ advertiser: 'Payer without a total', number: `739200${n}`, gross: '', rate: '' }));
  await storeInput(server, 'none.pdf', '%PDF-1.4 nothing that could be read');
  const open = (query = '') => allItems(server, `/api/v1/exceptions?status=open${query}`);
  for (const query of [`&campaign_id=${race.id}`, '']) {
    const where = query ? { campaign_id: race.id } : {};
    const ids = (await until('an exception', async () => (await open(query)).length > 0 && open(query))).map((e) => e.id);
    const close = (body, headers) => post('exceptions/close', { ...where, reason: 'looked at', ...body }, headers);
    assertFaults(await close({ ids: [] }), 422, ['ids']);
    assertFaults(await close({ ids, reason: undefined }), 422, ['reason']);
    assertFaults(await close({ ids: [ids[0], 'x'] }), 422, ['ids[1]']);
    assertFaults(await close({ ids: [ids[0], `exc_${NOBODY}`] }), 422, ['ids[1]']);
    assert.equal((await open(query)).length, ids.length);
    const done = await close({ ids }, { 'idempotency-key': 'close' });
    assert.deepEqual([done.status, done.json], [200, { closed: ids.length, known: 0 }]);
    assert.deepEqual((await close({ ids }, { 'idempotency-key': 'close' })).json, done.json);
    assert.deepEqual((await close({ ids })).json, { closed: 0, known: ids.length });
    assert.equal((await open(query)).length, 0);
    const closed = (await allItems(server, `/api/v1/exceptions?status=closed${query}`)).find((e) => e.id === ids[0]);
    assert.deepEqual([closed.closed_by, closed.closed_reason, closed.closed_ms > 1e12], ['system', 'looked at', true]);
  }
  assertFaults(await post('exceptions/close', { campaign_id: `cmp_${NOBODY}`, ids: [`exc_${NOBODY}`], reason: 'x' }), 422, ['campaign_id']);
});

test('pending: lines nobody took go to a campaign together, all or nothing', async () => {
  const race = await campaign(server, { keywords: ['nothing at all'] });
  const everything = (await allItems(server, '/api/v1/campaigns')).filter((c) => c.advertisers.length === 0 && c.keywords.length === 0);
  for (const c of everything) await server.api('PATCH', `/api/v1/campaigns/${c.id}`, { keywords: ['nothing at all'] });
  for (const n of [1, 2, 3]) await storeInput(server, `pending${n}.pdf`, await orderPdf({ advertiser: `Stranger ${'XYZ'[n - 1]}`, number: `739300${n}` }));
  const pending = async () => (await allItems(server, '/api/v1/pending')).filter((l) => l.advertiser.startsWith('Stranger')).map((l) => l.id);
  const ids = await pending();
  assert.equal(ids.length, 3);
  const assign = (buy_line_ids, campaign_id = race.id) => post('pending/assign', { campaign_id, buy_line_ids });
  assertFaults(await post('pending/assign', {}), 422, ['campaign_id', 'buy_line_ids']);
  assertFaults(await assign([]), 422, ['buy_line_ids']);
  assertFaults(await assign([ids[0], 'x', `dg_${NOBODY}`]), 422, ['buy_line_ids[1]', 'buy_line_ids[2]']);
  assertFaults(await assign([ids[0], `bl_${NOBODY}`]), 422, ['buy_line_ids[1]']);
  assertFaults(await assign(ids, `cmp_${NOBODY}`), 422, ['campaign_id']);
  assert.deepEqual(await pending(), ids);
  const done = await assign(ids.slice(0, 2));
  assert.deepEqual([done.status, done.json], [200, { assigned: 2, known: 0 }], done.text);
  assert.deepEqual((await assign(ids)).json, { assigned: 1, known: 2 });
  assert.deepEqual(await pending(), []);
  await until('the lines count', async () => (await total(race.id)) === 300000);
});
