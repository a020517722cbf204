// evidence.test.mjs - what stands behind a verdict: the question with its points, the papers and places, who decided and why; verdicts
// that outlive later papers; every way of asking wrongly.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { allItems, live, sleep, startServer, storeInput, temporaryFolder } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, matrix, orderPdf } from './with.mjs';
import { buyLine, combine, decisions, film, groups, lines, memberIds, onlyGroup, plusDays, resolve, undo } from './with_review.mjs';

let dataDir, server;
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const WEEK = { flight_from: '2026-10-12', flight_to: '2026-10-18' };
const FILING = { ...WEEK, source: 'fcc', order_no: '387130', gross_cents: 2040000 };
const SHEET = { ...WEEK, source: 'rep_mail', gross_cents: 2000000 };
const ROW = { ...WEEK, source: 'adimpact', gross_cents: 2050000 };
// Papers that are read go wherever criteria fit: these campaigns take posted lines only.
const race = (market = 504) => campaign(server, { markets: [market], advertisers: [{ name: 'Ours', side: 'for' }, { name: 'Theirs', side: 'against' }] });
const total = async (id, query = '') => (await matrix(server, id, query)).totals.total_cents;
const exceptions = (id) => allItems(server, `/api/v1/exceptions?campaign_id=${id}`);
const post = (path, body, headers) => server.api('POST', `/api/v1/dedupe/${path}`, body, headers);

async function pair(more = {}) {
  const { id } = await race();
  const filing = await line(server, id, FILING), sheet = await line(server, id, { ...SHEET, ...more });
  return { id, filing, sheet, group: await onlyGroup(server, id) };
}

test('evidence: a question says what it compared, and shows its lines side by side', async () => {
  const { id, filing, sheet, group } = await pair();
  assert.match(group.id, /^dg_/);
  assert.deepEqual([group.campaign_id, group.status, group.decision_id, group.vetoes], [id, 'open', null, []]);
  // 35 + 30 + 15 + 20 (1 - 400 / 2,040)
  assert.equal(group.score_x100, 3500 + 3000 + 1500 + Math.round(2000 * (1 - 40000 / 204000)));
  assert.equal(group.reasons.reduce((a, r) => a + r.points_x100, 0), group.score_x100);
  const amount = group.reasons.find((r) => r.rule === 'amount');
  assert.match(amount.text, /20,?400/);
  assert.match(amount.text, /20,?000/);
  assert.deepEqual(group.lines.map((l) => l.id), group.members.map((m) => m.buy_line_id));
  const mine = group.lines.find((l) => l.id === filing.id);
  for (const [name, value] of Object.entries({ advertiser: 'Ours', station: 'WAAA', market: 504, medium: 'broadcast', flight_from: '2026-10-12', flight_to: '2026-10-18', gross_cents: 2040000, source: 'fcc', order_no: '387130', stage: 'ordered', standing: 'winner' })) {
    assert.deepEqual(mine[name], value, name);
  }
  const gross = group.differences.find((d) => d.field === 'gross_cents');
  assert.deepEqual(gross.values, group.members.map((m) => (m.buy_line_id === sheet.id ? 2000000 : 2040000)));
  assert.ok(!group.differences.some((d) => d.field === 'station' || d.field === 'advertiser'), 'only what differs');
  const path = `/api/v1/dedupe/groups/${group.id}`;
  const one = await server.api('GET', path);
  assert.deepEqual(one.json, group);
  const etag = one.headers.get('etag');
  assert.equal((await server.api('GET', path, undefined, { 'if-none-match': etag })).status, 304);
  await resolve(server, group, 'keep', { winner: filing.id });
  const later = await server.api('GET', path, undefined, { 'if-none-match': etag });
  assert.deepEqual([later.status, later.json.status], [200, 'same']);
});

test('evidence: questions are listed by status, points and payer, page by page', async () => {
  const { id } = await race();
  for (let i = 0; i < 7; i++) {
    const who = { advertiser: i < 4 ? 'Ours' : 'Theirs', station: `WA${String.fromCharCode(65 + i)}B` };
    await line(server, id, { ...FILING, ...who, order_no: String(700100 + i) });
    await line(server, id, { ...SHEET, ...who, gross_cents: i % 2 === 0 ? 2040000 : 1500000 });
  }
  const all = await groups(server, id);
  assert.equal(all.length, 7);
  const scores = all.map((g) => g.score_x100).sort();
  assert.deepEqual(scores, [8000, 8000, 8000, 10000, 10000, 10000, 10000].sort());
  assert.equal((await groups(server, id, '&min_score=90')).length, 4);
  assert.equal((await groups(server, id, '&min_score=60')).length, 7);
  assert.equal((await groups(server, id, '&advertiser=Theirs')).length, 3);
  await resolve(server, all[0], 'separate');
  assert.deepEqual([(await groups(server, id, '&status=open')).length, (await groups(server, id, '&status=separate')).length], [6, 1]);
  const first = (await server.api('GET', `/api/v1/dedupe/groups?campaign_id=${id}&limit=3`)).json;
  assert.equal(first.items.length, 3);
  const next = (await server.api('GET', `/api/v1/dedupe/groups?campaign_id=${id}&limit=3&cursor=${encodeURIComponent(first.next_cursor)}`)).json;
  assert.equal(new Set([...first.items, ...next.items].map((g) => g.id)).size, 6);
  for (const bad of ['status=maybe', 'min_score=101', 'min_score=x', 'limit=0', 'colour=red']) {
    assertFaults(await server.api('GET', `/api/v1/dedupe/groups?campaign_id=${id}&${bad}`), 422, [bad.split('=')[0]]);
  }
  assertFaults(await server.api('GET', '/api/v1/dedupe/groups'), 422, ['campaign_id']);
  assert.equal((await server.api('GET', '/api/v1/dedupe/groups/dg_0000004zzzzzz')).status, 404);
});

test('evidence: from the cell through the line to the paper, its page and place, before and after the verdict', async () => {
  const { id } = await campaign(server, { markets: [504], advertisers: [{ name: 'Paper People', side: 'for' }] });
  const bytes = orderPdf({ number: '7301077', advertiser: 'Paper People', gross: '$20,400.00', rate: '$2,040.00' });
  const input = await storeInput(server, 'order.pdf', bytes, `&campaign_id=${id}`);
  const [read] = await lines(server, id);
  assert.deepEqual([read.gross_cents, read.order_no, read.input_id], [2040000, '7301077', input.id]);
  const sheet = await line(server, id, { ...SHEET, station: read.station, market: read.market ?? undefined, advertiser: read.advertiser });
  const group = await onlyGroup(server, id);
  const shown = group.lines.find((l) => l.id === read.id);
  assert.deepEqual([shown.document_id, shown.input_id], [read.document_id, input.id]);
  assert.equal(group.suggested_winner, read.id);
  await resolve(server, group, 'keep', { winner: read.id });
  const leaf = (await matrix(server, id)).rows.find((r) => r.kind === 'leaf');
  const cell = (await server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@2026-10-12`)}?campaign_id=${id}`)).json;
  assert.equal(cell.gross_cents, 2040000);
  assert.ok(cell.lines.some((l) => l.id === read.id));
  assert.deepEqual(cell.documents.map((d) => d.id), [read.document_id]);
  const paper = (await server.api('GET', `/api/v1/documents/${read.document_id}`)).json;
  assert.ok(paper.at?.gross_cents?.box ?? JSON.stringify(paper).includes('20,400.00'), 'the place of the amount');
  const content = await fetch(`${server.url}/api/v1/inputs/${input.id}/content`, { headers: { 'x-api-key': server.key } });
  assert.deepEqual(new Uint8Array(await content.arrayBuffer()), new Uint8Array(bytes));
  const copy = await buyLine(server, sheet.id);
  assert.deepEqual([copy.standing, copy.superseded_by], ['copy', read.id]);
  assert.match(copy.decision_id, /^dd_/);
  const [step] = (await film(server, read.id)).steps;
  assert.deepEqual([step.document_id, step.input_id, step.gross_cents], [read.document_id, input.id, 2040000]);
});

test('evidence: every decision tells who, why and what it did to the total, and is taken back once', async () => {
  const { id, filing, group } = await pair();
  const kept = await resolve(server, group, 'keep', { winner: filing.id, reason: 'the station says so' });
  let [made, ...more] = await decisions(server, id);
  assert.deepEqual(more, []);
  assert.equal(made.id, kept.undo_token);
  assert.deepEqual([made.undo_token, made.action, made.group_id, made.chosen, made.automatic, made.principal, made.reason, made.total_before_cents, made.total_after_cents, made.undone_ms],
    [made.id, 'keep', group.id, filing.id, false, 'system', 'the station says so', 4040000, 2040000, null]);
  const back = await undo(server, kept.undo_token, { reason: 'looked again' });
  assert.deepEqual([back.total_before_cents, back.total_after_cents], [2040000, 4040000]);
  const list = await decisions(server, id);
  made = list.find((d) => d.id === kept.undo_token);
  const reversal = list.find((d) => d.undoes === made.id);
  assert.deepEqual([reversal.action, reversal.reason, made.undone_by], ['undo', 'looked again', reversal.id]);
  assert.ok(made.undone_ms > 0 && !made.undo_token, 'no token for what is no longer in force');
  assert.equal((await onlyGroup(server, id)).id, group.id);
  assert.equal((await post('undo', { undo_token: kept.undo_token })).status, 409);
});

test('evidence: a merge fills what its winner lacks, by name, and undo takes it out again', async () => {
  const { id, filing, sheet, group } = await pair({ daypart: 'late news', spots: 14 });
  assert.deepEqual([filing.daypart, filing.spots], [null, null]);
  const merged = await resolve(server, group, 'merge', { winner: filing.id });
  const now = await buyLine(server, filing.id);
  assert.deepEqual([now.daypart, now.spots, now.gross_cents, now.order_no, now.source], ['late news', 14, 2040000, '387130', 'fcc']);
  assert.deepEqual([...now.filled].sort(), ['daypart', 'spots']);
  assert.equal((await buyLine(server, sheet.id)).superseded_by, filing.id);
  assert.equal(await total(id), 2040000);
  await undo(server, merged.undo_token);
  const then = await buyLine(server, filing.id);
  assert.deepEqual([then.daypart, then.spots, then.filled], [null, null, []]);
  const again = await onlyGroup(server, id);
  await resolve(server, again, 'keep', { winner: filing.id });
  assert.equal((await buyLine(server, filing.id)).daypart, null, 'keep leaves the winner as it is');
});

test('evidence: a verdict outlives later papers of the same order', async () => {
  const { id, filing, sheet, group } = await pair();
  await resolve(server, group, 'keep', { winner: filing.id });
  const second = await line(server, id, { ...FILING, revision: '2', gross_cents: 1900000 });
  assert.equal(await total(id), 1900000);
  assert.deepEqual(await groups(server, id, '&status=open'), []);
  assert.equal((await buyLine(server, sheet.id)).standing, 'copy');
  assert.deepEqual([(await buyLine(server, filing.id)).superseded_by, (await buyLine(server, second.id)).standing], [second.id, 'winner']);
  const other = await pair();
  await resolve(server, other.group, 'separate');
  await line(server, other.id, { ...FILING, revision: '2', gross_cents: 2000000 });
  assert.equal(await total(other.id), 4000000);
  assert.deepEqual(await groups(server, other.id, '&status=open'), [], 'answered is answered');
});

test('evidence: a third source is asked about the buy, not about each of its copies', async () => {
  const { id, filing, group } = await pair();
  await resolve(server, group, 'keep', { winner: filing.id });
  const row = await line(server, id, ROW);
  assert.equal(await total(id), 4090000);
  const next = await onlyGroup(server, id);
  assert.ok(memberIds(next).includes(row.id));
  assert.ok(next.members.filter((m) => m.role === 'candidate').every((m) => [row.id, filing.id].includes(m.buy_line_id)), 'the copy is no candidate');
  await resolve(server, next, 'keep', { winner: filing.id });
  assert.equal(await total(id), 2040000);
});

test('evidence: three sources of one buy are one question', async () => {
  const { id, filing, sheet } = await pair();
  const row = await line(server, id, ROW);
  const group = await onlyGroup(server, id);
  assert.deepEqual(memberIds(group), [filing.id, sheet.id, row.id].sort());
  const kept = await resolve(server, group, 'keep', { winner: filing.id });
  assert.deepEqual([kept.total_before_cents, kept.total_after_cents], [6090000, 2040000]);
  await undo(server, kept.undo_token);
  assert.deepEqual([(await onlyGroup(server, id)).id, await total(id)], [group.id, 6090000]);
});

test('evidence: a verdict may be about some of the lines; the others are asked about again', async () => {
  const { id, filing, sheet } = await pair();
  const row = await line(server, id, ROW);
  const group = await onlyGroup(server, id);
  const kept = await resolve(server, group, 'keep', { winner: filing.id, buy_line_ids: [filing.id, sheet.id] });
  assert.deepEqual([kept.total_before_cents, kept.total_after_cents], [6090000, 4090000]);
  const rest = await onlyGroup(server, id);
  assert.deepEqual(memberIds(rest), [filing.id, row.id].sort());
  const apart = await resolve(server, rest, 'separate');
  assert.equal(apart.total_after_cents, 4090000);
  assert.deepEqual(await groups(server, id, '&status=open'), []);
  await undo(server, kept.undo_token);
  assert.equal(await total(id), 6090000);
  await undo(server, apart.undo_token);
  assert.equal(await total(id), 6090000);
  assertFaults(await post(`groups/${rest.id}/resolve`, { action: 'keep', winner: filing.id, buy_line_ids: [sheet.id, row.id] }), 422);
});

test('evidence: what was known before a verdict, after it and after its end', async () => {
  const { id, filing, sheet, group } = await pair();
  const at = [Date.now()];
  const pause = () => sleep(5).then(() => at.push(Date.now())).then(() => sleep(5));
  await sleep(5);
  const kept = await resolve(server, group, 'keep', { winner: filing.id });
  await pause();
  await undo(server, kept.undo_token);
  await pause();
  await line(server, id, { ...FILING, revision: '2', gross_cents: 1000000 });
  const key = encodeURIComponent(await keyOf(id, '2026-10-12'));
  for (const [i, [cents, status, standing]] of [[4040000, 'open', 'winner'], [2040000, 'same', 'copy'], [4040000, 'open', 'winner']].entries()) {
    const then = `&as_of_ms=${at[i]}`;
    assert.equal(await total(id, then), cents);
    assert.deepEqual((await groups(server, id, then)).map((g) => [g.id, g.status]), [[group.id, status]]);
    const known = await lines(server, id, then);
    assert.deepEqual(known.map((l) => [l.id, l.standing]), [[filing.id, 'winner'], [sheet.id, standing]]);
    const cell = (await server.api('GET', `/api/v1/matrix/cells/${key}?campaign_id=${id}${then}`)).json;
    assert.equal(cell.gross_cents, cents);
  }
  assert.equal(await total(id), 3000000);
});

test('evidence: an undo can be undone', async () => {
  const { id, filing, sheet, group } = await pair();
  const kept = await resolve(server, group, 'keep', { winner: filing.id });
  const back = await undo(server, kept.undo_token);
  const again = await undo(server, back.undo_token);
  assert.deepEqual([again.total_before_cents, again.total_after_cents], [4040000, 2040000]);
  assert.deepEqual([(await buyLine(server, sheet.id)).standing, (await onlyGroup(server, id, 'same')).id], ['copy', group.id]);
  const last = await undo(server, kept.undo_token);
  assert.equal(last.total_after_cents, 4040000);
});

test('evidence: whoever knows the winner may choose any line of the group', async () => {
  const { id, sheet, group, filing } = await pair();
  const kept = await resolve(server, group, 'keep', { winner: sheet.id });
  assert.equal(kept.total_after_cents, 2000000);
  assert.deepEqual(cellsOf(await matrix(server, id)), { '2026-10-12': 2000000 });
  assert.deepEqual([(await buyLine(server, filing.id)).standing, (await buyLine(server, sheet.id)).standing], ['copy', 'winner']);
});

test('evidence: a total smaller than its stations adds nothing and is a problem to look at', async () => {
  const { id } = await race(535);
  for (const [i, station] of ['WDDD', 'WEEE'].entries()) await line(server, id, { ...FILING, station, market: 535, order_no: `80010${i}`, gross_cents: 5000000 });
  const sheet = await line(server, id, { ...SHEET, station: undefined, market: 535, gross_cents: 9000000 });
  assert.equal(await total(id), 10000000);
  assert.equal(await total(id, '&week_mode=projected'), 10000000);
  assert.ok((await exceptions(id)).some((e) => e.kind === 'large_variance' && e.buy_line_id === sheet.id), 'large_variance');
});

test('evidence: lines are combined only where they are parts of one buy', async () => {
  const { id } = await race();
  const a = await line(server, id, { ...SHEET, gross_cents: 300000 });
  const b = await line(server, id, { ...SHEET, station: 'WBBB', gross_cents: 200000 });
  const c = await line(server, id, { ...SHEET, flight_from: '2026-10-19', flight_to: '2026-10-25', gross_cents: 100000 });
  assert.equal((await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id] })).status, 422);
  assert.equal((await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id, a.id] })).status, 422);
  assert.equal((await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id, b.id] })).status, 422);
  assert.ok([404, 422].includes((await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id, 'bl_0000004zzzzzz'] })).status));
  assertFaults(await post('rows/combine', {}), 422, ['campaign_id', 'buy_line_ids']);
  const made = await combine(server, id, [a.id, c.id]);
  assert.deepEqual(cellsOf(await matrix(server, id), { station: 'WAAA' }), { '2026-10-12': 300000, '2026-10-19': 100000 });
  assert.deepEqual([made.buy_line.flight_from, made.buy_line.flight_to, made.buy_line.gross_cents], ['2026-10-12', '2026-10-25', 400000]);
  const twice = await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id, c.id] });
  assert.deepEqual([twice.status, twice.json.undo_token, twice.json.buy_line.id], [200, made.undo_token, made.buy_line.id], twice.text);
  const more = await post('rows/combine', { campaign_id: id, buy_line_ids: [a.id, made.buy_line.id] });
  assert.equal(more.status, 409, more.text);
  await undo(server, made.undo_token);
  assert.deepEqual([(await buyLine(server, a.id)).standing, (await buyLine(server, c.id)).standing, await total(id)], ['winner', 'winner', 600000]);
});

test('evidence: sums of sums are taken back in any order', async () => {
  for (const order of [[0, 1], [1, 0]]) {
    const { id } = await race();
    const part = (i) => line(server, id, { ...SHEET, flight_from: plusDays('2026-10-05', 7 * i), flight_to: plusDays('2026-10-11', 7 * i), gross_cents: 100000 * (i + 1) });
    const [a, b, c] = [await part(0), await part(1), await part(2)];
    const first = await combine(server, id, [a.id, b.id]), second = await combine(server, id, [first.buy_line.id, c.id]);
    assert.equal(second.buy_line.gross_cents, 600000);
    for (const i of order) {
      const back = await undo(server, [first, second][i].undo_token);
      assert.deepEqual([back.total_before_cents, back.total_after_cents, await total(id)], [600000, 600000, 600000], `undo ${i + 1}`);
      assert.deepEqual(cellsOf(await matrix(server, id)), { '2026-10-05': 100000, '2026-10-12': 200000, '2026-10-19': 300000 });
    }
    for (const l of [a, b, c]) assert.equal((await buyLine(server, l.id)).standing, 'winner');
  }
});

test('evidence: what is asked wrongly changes nothing', async () => {
  const { id, filing, group } = await pair();
  const stranger = await line(server, id, { ...SHEET, station: 'WZZZ' });
  const before = await matrix(server, id);
  assertFaults(await post(`groups/${group.id}/resolve`, {}), 422, ['action']);
  assertFaults(await post(`groups/${group.id}/resolve`, { action: 'guess', winner: filing.id }), 422, ['action']);
  assertFaults(await post(`groups/${group.id}/resolve`, { action: 'keep', winner: stranger.id }), 422, ['winner']);
  assertFaults(await post(`groups/${group.id}/resolve`, { action: 'keep', winner: filing.id, colour: 'red' }), 422, ['colour']);
  assert.equal((await post('groups/dg_0000004zzzzzz/resolve', { action: 'separate' })).status, 404);
  assertFaults(await post('undo', {}), 422, ['undo_token']);
  for (const undo_token of ['dd_0000004zzzzzz', 'adj_0000004zzzzzz', 'nonsense', id]) assert.ok([404, 422].includes((await post('undo', { undo_token })).status), undo_token);
  assert.equal((await server.api('GET', '/api/v1/orders/bl_0000004zzzzzz')).status, 404);
  assert.deepEqual(await matrix(server, id), before);
  assert.deepEqual(await decisions(server, id), []);
});

test('evidence: a repeated verdict with one key is one verdict', async () => {
  const { id, filing, group } = await pair();
  const body = { action: 'keep', winner: filing.id };
  const answers = [];
  for (let i = 0; i < 3; i++) answers.push(await post(`groups/${group.id}/resolve`, body, { 'idempotency-key': `verdict ${group.id}` }));
  assert.deepEqual(answers.map((a) => a.status), [200, 200, 200]);
  assert.deepEqual(answers.map((a) => a.text), Array(3).fill(answers[0].text));
  assert.equal((await decisions(server, id)).length, 1);
});

test('evidence: a subscriber who applies the deltas of decisions has the matrix', async () => {
  const { id, filing, sheet, group } = await pair();
  const cells = new Map();
  const apply = (list) => list.forEach((c) => (c.gross_cents === null ? cells.delete(c.key) : cells.set(c.key, c.gross_cents)));
  const leafCells = (got) => got.rows.filter((r) => r.kind === 'leaf').flatMap((r) => r.cells.map((c, i) => ({ key: `${r.key}@${got.weeks[i]}`, gross_cents: c })).filter((c) => c.gross_cents !== null));
  const stream = live(server, id);
  const start = await stream.wait(1);
  apply(leafCells(start.data));
  const kept = await resolve(server, group, 'keep', { winner: filing.id });
  await undo(server, kept.undo_token);
  const again = await resolve(server, group, 'merge', { winner: sheet.id });
  const part = await line(server, id, { ...SHEET, flight_from: '2026-10-19', flight_to: '2026-10-25', gross_cents: 70000 });
  const sum = await combine(server, id, [sheet.id, part.id]);
  await undo(server, again.undo_token);
  await undo(server, sum.undo_token);
  const got = await matrix(server, id);
  await stream.wait(1 + got.version - start.data.version);
  stream.events.slice(1).forEach((e, i) => {
    assert.deepEqual([e.event, e.data.version], ['delta', start.data.version + 1 + i]);
    apply(e.data.cells);
  });
  await stream.close();
  assert.deepEqual([...cells].sort(), leafCells(got).map((c) => [c.key, c.gross_cents]).sort());
});

test('evidence: a verdict that was answered outlives a power cut', async () => {
  const { id, filing, sheet, group } = await pair();
  const kept = await resolve(server, group, 'keep', { winner: filing.id });
  await server.kill();
  server = await startServer({ dataDir });
  assert.equal(await total(id), 2040000);
  assert.deepEqual([(await buyLine(server, sheet.id)).standing, (await decisions(server, id))[0].id], ['copy', kept.undo_token]);
  const back = await undo(server, kept.undo_token);
  assert.deepEqual([back.total_before_cents, back.total_after_cents], [2040000, 4040000]);
});

// ---- edits ----

const edit = (campaign_id, base_version, edits) => server.api('POST', '/api/v1/matrix/batch-update', { campaign_id, base_version, edits });
const keyOf = async (id, week) => `${(await matrix(server, id)).rows.find((r) => r.kind === 'leaf').key}@${week}`;

test('evidence: an edited cell keeps its sources below, tells when they move, and is taken back', async () => {
  const { id } = await race();
  await line(server, id, { ...FILING, revision: '1' });
  const key = await keyOf(id, '2026-10-12');
  const { version } = await matrix(server, id);
  const made = await edit(id, version, [{ key, gross_cents: 2500000, reason: 'the agency called' }]);
  assert.equal(made.status, 200, made.text);
  const [adjustment] = made.json.adjustments;
  assert.deepEqual([adjustment.key, adjustment.before_cents, adjustment.gross_cents, adjustment.delta_cents, adjustment.reason, adjustment.principal], [key, 2040000, 2500000, 460000, 'the agency called', 'system']);
  assert.equal(await total(id), 2500000);
  const delta = await buyLine(server, adjustment.buy_line_id);
  assert.deepEqual([delta.source, delta.adjustment_of, delta.gross_cents, delta.standing], ['manual', adjustment.id, 460000, 'winner']);
  await line(server, id, { ...FILING, revision: '2', gross_cents: 2100000 });
  assert.equal(await total(id), 2560000, 'the source flows on below the difference');
  assert.ok((await exceptions(id)).some((e) => e.kind === 'edited_value_stale'), 'edited_value_stale');
  const back = await undo(server, adjustment.undo_token);
  assert.deepEqual([back.total_before_cents, back.total_after_cents, await total(id)], [2560000, 2100000, 2100000]);
  assert.equal((await post('undo', { undo_token: adjustment.undo_token })).status, 409);
});

test('evidence: edits are all or nothing, and who saw an older cell is told the new one', async () => {
  const { id } = await race();
  await line(server, id, { ...FILING, flight_to: '2026-10-25', gross_cents: 1400000 });
  const first = await keyOf(id, '2026-10-12'), second = await keyOf(id, '2026-10-19');
  const { version } = await matrix(server, id);
  const mixed = await edit(id, version, [{ key: first, gross_cents: 1, reason: 'x' }, { key: 'nonsense', gross_cents: 1, reason: 'x' }]);
  assert.equal(mixed.status, 422, mixed.text);
  assert.equal(await total(id), 1400000);
  assert.equal((await edit(id, version, [{ key: first, gross_cents: 800000, reason: 'ours' }])).status, 200);
  const stale = await edit(id, version, [{ key: second, gross_cents: 5, reason: 'x' }, { key: first, gross_cents: 900000, reason: 'theirs' }]);
  assert.equal(stale.status, 409, stale.text);
  assert.deepEqual([stale.json.cell.key, stale.json.cell.gross_cents], [first, 800000]);
  assert.equal(await total(id), 1500000);
  assert.equal((await edit(id, version, [{ key: second, gross_cents: 600000, reason: 'not touched since' }])).status, 200, 'another cell is not stale');
  assert.equal(await total(id), 1400000);
  assertFaults(await edit(id, version, [{ key: first, gross_cents: 5 }]), 422, ['edits[0].reason']);
});
