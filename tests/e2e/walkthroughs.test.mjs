// walkthroughs.test.mjs - the worked examples of the rules about one buy counted once, over HTTP, to the cent, in both week bases, and
// again after a restart: revisions with their events and film, invoices, filing and sheet, vetoes, market totals, combined rows,
// layers, ranges, as known on, undo below later work.
//
// How:  what must hold is noted as a check; each runs at once and again after the restart, which must also answer everything else
//       byte by byte as before.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { live, realDocuments, sleep, startServer, temporaryFolder } from './server.mjs';
import { assertFaults, campaign, cellsOf, line, matrix } from './with.mjs';
import { buyLine, combine, decisions, film, groups, lines, memberIds, onlyGroup, plus, points, resolve, spread, total, undo } from './with_review.mjs';

let dataDir, server;
const checks = [], races = [], films = [];
before(async () => {
  dataDir = temporaryFolder();
  server = await startServer({ dataDir });
});
after(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const BASES = ['broadcast', 'political'];
async function race(week_basis, more = {}) {
  const made = await campaign(server, { week_basis, markets: [504, 535], ...more });
  races.push(made.id);
  return made;
}
async function both(run) {
  for (const basis of BASES) await run((await race(basis)).id, basis);
}
// Asserts now; kept: also after the restart.
async function holds(check) {
  await check();
  checks.push(check);
}
const cellsAre = async (id, cells, query = '', labels = {}) => assert.deepEqual(cellsOf(await matrix(server, id, query), labels), cells);
const totalIs = async (id, cents, query = '') => assert.equal((await matrix(server, id, query)).totals.total_cents, cents);
const disputed = async (id) => [...new Set((await matrix(server, id)).rows.filter((r) => r.kind === 'leaf').flatMap((r) => r.disputed))].sort();
const standings = async (id) => Object.fromEntries((await lines(server, id)).map((l) => [l.id, l.standing]));
const keepFilm = (id) => films.push(id);

const FILING = { source: 'fcc', station: 'WAAA', order_no: '387130', flight_from: '2026-10-13', flight_to: '2026-10-19', gross_cents: 2040000 };
const SHEET = { source: 'rep_mail', station: 'WAAA', flight_from: '2026-10-12', flight_to: '2026-10-18', gross_cents: undefined, net_cents: 1730000, amount_basis: 'unknown' };

test('walkthrough 1: a flight over the weeks it touches', () => both(async (id, basis) => {
  await line(server, id, { gross_cents: 2100000, flight_from: '2026-10-13', flight_to: '2026-10-26' });
  const cells = { broadcast: { '2026-10-12': 900000, '2026-10-19': 1050000, '2026-10-26': 150000 }, political: { '2026-10-13': 1050000, '2026-10-20': 1050000 } }[basis];
  assert.deepEqual(spread(2100000, '2026-10-13', '2026-10-26', basis), cells);
  await holds(() => cellsAre(id, cells));
}));

test('walkthrough 2: odd cents add up, and a credit mirrors them', () => both(async (id, basis) => {
  const days = { flight_from: '2026-10-16', flight_to: '2026-10-22' };
  await line(server, id, { ...days, gross_cents: 1000000 });
  const cells = { broadcast: { '2026-10-12': 428571, '2026-10-19': 571429 }, political: { '2026-10-13': 571428, '2026-10-20': 428572 } }[basis];
  await holds(() => cellsAre(id, cells));
  const credit = (await race(basis)).id;
  await line(server, credit, { ...days, gross_cents: -100000 });
  if (basis === 'broadcast') await holds(() => cellsAre(credit, { '2026-10-12': -42857, '2026-10-19': -57143 }));
  await holds(() => totalIs(credit, -100000));
  const together = (await race(basis)).id;
  for (const gross_cents of [-100000, 1000000]) await line(server, together, { ...days, gross_cents });
  await holds(() => cellsAre(together, plus(cells, spread(-100000, days.flight_from, days.flight_to, basis))));
}));

test('walkthrough 3: a dark week is zero', () => both(async (id, basis) => {
  await line(server, id, { gross_cents: 3000000, flight_from: '2026-09-01', flight_to: '2026-09-30', hiatus: [{ from: '2026-09-14', to: '2026-09-20' }] });
  if (basis === 'broadcast') await holds(() => cellsAre(id, { '2026-08-31': 782608, '2026-09-07': 913044, '2026-09-14': 0, '2026-09-21': 913043, '2026-09-28': 391305 }));
  await holds(() => totalIs(id, 3000000));
}));

// Papers of one order: placed, lowered before its week, deleted before its week.
const ORDER = { source: 'fcc', station: 'WAAA', order_no: '500100', flight_from: '2026-10-12', flight_to: '2026-10-18' };
const PAPERS = [
  { ...ORDER, revision: '1', revision_date: '2026-10-01', gross_cents: 5000000 },
  { ...ORDER, revision: '2', revision_date: '2026-10-05', gross_cents: 4200000 },
  { ...ORDER, revision: '3', revision_date: '2026-10-08', stage: 'cancelled', gross_cents: 4200000 },
];
const sumOf = (delta) => delta.cells.reduce((a, c) => a + c.gross_cents, 0);

test('walkthrough 4: each revision is told as it comes: +50,000.00, a pull-down of 8,000.00, a cancellation of 42,000.00', () => both(async (id, basis) => {
  const flight = (cents) => spread(cents, ORDER.flight_from, ORDER.flight_to, basis);
  const stream = live(server, id);
  await stream.wait(1);
  const made = [];
  const deltas = [];
  for (const [i, paper] of PAPERS.entries()) {
    made.push(await line(server, id, paper));
    deltas.push((await stream.wait(2 + i)).data);
    await cellsAre(id, flight([5000000, 4200000, 0][i]));
  }
  await stream.close();
  const sums = deltas.map(sumOf);
  assert.deepEqual(sums.map((s, i) => s - (i > 0 ? sums[i - 1] : 0)), [5000000, -800000, -4200000]);
  assert.deepEqual(deltas.map((d) => (d.events ?? []).map((e) => e.kind)), [[], ['pull_down'], ['cancel']]);
  for (const [i, before, after] of [[1, 5000000, 4200000], [2, 4200000, 0]]) {
    const [event] = deltas[i].events;
    assert.deepEqual([event.order_no, event.station, event.advertiser, event.buy_line_id], ['500100', 'WAAA', 'Ours', made[i].id]);
    const a = flight(before), b = flight(after);
    assert.deepEqual(event.weeks, Object.keys(a).map((week) => ({ week, before_cents: a[week], after_cents: b[week] })));
  }
  await holds(() => cellsAre(id, flight(0)));
  await holds(async () => assert.deepEqual(Object.values(await standings(id)), ['superseded', 'superseded', 'winner']));
  keepFilm(made[1].id);
}));

test('walkthrough 4: the film of the order shows each paper with its effect, from any of its lines', () => both(async (id, basis) => {
  const made = [];
  for (const paper of PAPERS) made.push(await line(server, id, paper));
  const weeks = Object.keys(spread(7, ORDER.flight_from, ORDER.flight_to, basis));
  const flight = (cents) => spread(cents, ORDER.flight_from, ORDER.flight_to, basis);
  const films = [];
  for (const { id: line_id } of made) films.push(await film(server, line_id));
  const [shown] = films;
  for (const other of films) assert.deepEqual(other.steps, shown.steps);
  assert.deepEqual([shown.order_no, shown.station, shown.market, shown.advertiser, shown.medium, shown.campaign_id], ['500100', 'WAAA', 504, 'Ours', 'broadcast', id]);
  assert.deepEqual(shown.steps.map((s) => s.kind), ['placed', 'cut', 'cancelled']);
  assert.deepEqual(shown.steps.map((s) => s.buy_line_id), made.map((l) => l.id));
  assert.deepEqual(shown.steps.map((s) => s.revision), ['1', '2', '3']);
  assert.deepEqual(shown.steps.map((s) => [s.total_before_cents ?? 0, s.total_after_cents]), [[0, 5000000], [5000000, 4200000], [4200000, 0]]);
  assert.deepEqual(shown.steps.map((s) => s.pull_down), [false, true, true]);
  assert.deepEqual(shown.steps.map((s) => s.standing), ['superseded', 'superseded', 'winner']);
  assert.ok(shown.steps.every((s, i) => s.known_from_ms === made[i].known_from_ms && s.standing_why));
  assert.equal(shown.total_gross_cents, 0);
  assert.deepEqual(shown.weeks, weeks);
  shown.steps.forEach((s, i) => {
    const [a, b] = [[0, 5000000], [5000000, 4200000], [4200000, 0]][i].map(flight);
    assert.deepEqual(s.weeks.map((w) => [w.week, w.before_cents ?? 0, w.after_cents]), weeks.map((w) => [w, a[w], b[w]]), `step ${i + 1}`);
  });
  films.forEach((f, i) => keepFilm(made[i].id));
}));

test('walkthrough 4: a cut that comes after its week began is no pull-down', () => both(async (id) => {
  const stream = live(server, id);
  await stream.wait(1);
  await line(server, id, PAPERS[0]);
  const late = await line(server, id, { ...PAPERS[1], revision_date: '2026-10-20' });
  const { data } = await stream.wait(3);
  await stream.close();
  assert.deepEqual((data.events ?? []).filter((e) => e.kind === 'pull_down'), []);
  assert.deepEqual((await film(server, late.id)).steps.map((s) => [s.kind, s.pull_down]), [['placed', false], ['cut', false]]);
}));

test('walkthrough 5: an invoice closes its days, the rest keeps the order', () => both(async (id, basis) => {
  const order = { source: 'fcc', order_no: '500200', gross_cents: 2100000, flight_from: '2026-10-13', flight_to: '2026-10-26' };
  await line(server, id, order);
  const invoice = await line(server, id, {
    ...order, gross_cents: 1870000, invoice_no: '500200-1', doc_type: 'invoice', stage: 'invoiced', flight_to: '2026-10-25', billing_from: '2026-09-28', billing_to: '2026-10-25',
    airings: [{ air_date: '2026-10-13', amount_cents: 870000 }, { air_date: '2026-10-20', amount_cents: 1000000 }],
  });
  await holds(() => cellsAre(id, { broadcast: { '2026-10-12': 870000, '2026-10-19': 1000000, '2026-10-26': 150000 }, political: { '2026-10-13': 870000, '2026-10-20': 1150000 } }[basis]));
  await holds(() => totalIs(id, 2020000));
  const shown = await film(server, invoice.id);
  assert.deepEqual(shown.steps.map((s) => [s.kind, s.total_after_cents]), [['placed', 2100000], ['invoiced', 2020000]]);
  assert.equal(shown.total_gross_cents, 2020000);
  keepFilm(invoice.id);
}));

test('walkthrough 6: filing and rep sheet score 93.79, are proposed, and count once when kept', () => both(async (id, basis) => {
  const filing = await line(server, id, FILING), sheet = await line(server, id, SHEET);
  assert.deepEqual([sheet.gross_cents, sheet.net_cents, sheet.amount_basis], [2035294, 1730000, 'unknown']);
  const two = plus(spread(2040000, FILING.flight_from, FILING.flight_to, basis), spread(2035294, SHEET.flight_from, SHEET.flight_to, basis));
  await cellsAre(id, two);
  assert.equal(total(two), 4075294);
  assert.deepEqual(await disputed(id), Object.keys(two).sort(), 'every cell of the group is disputed until the verdict');
  const group = await onlyGroup(server, id);
  assert.deepEqual([group.score_x100, group.proposed, group.status], [9379, true, 'open']);
  assert.deepEqual(memberIds(group), [filing.id, sheet.id].sort());
  assert.ok(group.members.every((m) => m.role === 'candidate'));
  assert.equal(group.suggested_winner, filing.id);
  const got = points(group);
  assert.deepEqual([got.station, got.advertiser, got.flight, (got.amount ?? 0) + (got.basis ?? 0)], [3500, 3000, 1125, 1754]);
  assert.ok(group.reasons.every((r) => r.text.length > 0));
  const answer = await resolve(server, group, 'keep', { winner: filing.id, reason: 'the order itself' });
  assert.deepEqual([answer.total_before_cents, answer.total_after_cents, answer.group.status], [4075294, 2040000, 'same']);
  await holds(() => cellsAre(id, spread(2040000, FILING.flight_from, FILING.flight_to, basis)));
  await holds(async () => {
    assert.deepEqual(await disputed(id), []);
    assert.deepEqual(await standings(id), { [filing.id]: 'winner', [sheet.id]: 'copy' });
    assert.equal((await buyLine(server, sheet.id)).superseded_by, filing.id);
    const same = await onlyGroup(server, id, 'same');
    assert.deepEqual(Object.fromEntries(same.members.map((m) => [m.buy_line_id, m.role])), { [filing.id]: 'winner', [sheet.id]: 'copy' });
  });
}));

test('walkthrough 6: a basis nobody stated is tried both ways, whichever was given', () => both(async (id) => {
  await line(server, id, FILING);
  await line(server, id, { ...SHEET, net_cents: undefined, gross_cents: 1730000 });
  const group = await onlyGroup(server, id);
  assert.deepEqual([group.score_x100, group.proposed], [9379, true]);
  await resolve(server, group, 'keep', { winner: group.suggested_winner });
  await holds(() => totalIs(id, 2040000));
}));

test('walkthrough 7: two order numbers of one station are two buys', () => both(async (id, basis) => {
  const made = [await line(server, id, FILING), await line(server, id, { ...FILING, order_no: '387131' })];
  await holds(async () => {
    assert.deepEqual(await groups(server, id, '&status=open'), []);
    assert.deepEqual(await groups(server, id, '&status=same'), []);
    await cellsAre(id, spread(2 * 2040000, FILING.flight_from, FILING.flight_to, basis));
    assert.deepEqual(await standings(id), Object.fromEntries(made.map((l) => [l.id, 'winner'])));
    assert.deepEqual(await disputed(id), []);
  });
}));

// Columbus: three firm orders of 105,000.00 in the week of a market total.
const WEEK = { flight_from: '2026-10-12', flight_to: '2026-10-18' };
const STATIONS = [['WDDD', 4000000], ['WEEE', 3500000], ['WFFF', 3000000]];
async function columbus(id, net_cents) {
  for (const [station, gross_cents] of STATIONS) await line(server, id, { ...WEEK, source: 'fcc', station, market: 535, order_no: `90${gross_cents}`, gross_cents });
  return line(server, id, { ...WEEK, source: 'rep_mail', station: undefined, market: 535, gross_cents: undefined, net_cents });
}
const stationCells = (basis) => plus(...STATIONS.map(([, cents]) => spread(cents, WEEK.flight_from, WEEK.flight_to, basis)));

test('walkthrough 8: a market total that its stations explain adds nothing, and can be counted again by undo', () => both(async (id, basis) => {
  const sheet = await columbus(id, 9000000);
  assert.equal(sheet.gross_cents, 10588235);
  await cellsAre(id, stationCells(basis));
  await cellsAre(id, stationCells(basis), '&week_mode=projected');
  const covered = await buyLine(server, sheet.id);
  assert.equal(covered.standing, 'covered');
  assert.match(covered.standing_why, /\d/);
  const [made] = (await decisions(server, id)).filter((d) => d.action === 'covers');
  assert.deepEqual([made.automatic, made.undone_ms], [true, null]);
  const back = await undo(server, made.undo_token, { reason: 'another buy' });
  assert.deepEqual([back.total_before_cents, back.total_after_cents], [10500000, 10500000 + 10588235]);
  await holds(() => cellsAre(id, plus(stationCells(basis), spread(10588235, WEEK.flight_from, WEEK.flight_to, basis))));
  await holds(async () => assert.equal((await buyLine(server, sheet.id)).standing, 'winner'));
}));

test('walkthrough 8: what exceeds the stations by more than 5 % is an unallocated estimate', () => both(async (id, basis) => {
  const sheet = await columbus(id, 12000000);
  assert.equal(sheet.gross_cents, 14117647);
  await holds(async () => {
    await totalIs(id, 10500000);
    await totalIs(id, 14117647, '&week_mode=projected');
    const excess = cellsOf(await matrix(server, id, '&week_mode=projected'), { station: null });
    const theirs = spread(14117647, WEEK.flight_from, WEEK.flight_to, basis), sums = stationCells(basis);
    assert.deepEqual(excess, Object.fromEntries(Object.keys(theirs).map((w) => [w, theirs[w] - sums[w]])));
    assert.equal(total(excess), 3617647);
    assert.equal((await buyLine(server, sheet.id)).standing, 'covered');
    const [estimate, ...more] = (await lines(server, id)).filter((l) => l.estimate && l.archived_ms === null);
    assert.deepEqual(more, []);
    assert.deepEqual([estimate.gross_cents, estimate.standing, estimate.station, estimate.market], [3617647, 'winner', null, 535]);
    assert.equal((await onlyGroup(server, id, 'partial')).members.find((m) => m.buy_line_id === sheet.id).role, 'covered');
  });
}));

test('walkthrough 8: covers follow every change of the stations, in any order of arrival', () => both(async (id) => {
  const sheet = await line(server, id, { ...WEEK, source: 'rep_mail', station: undefined, market: 535, gross_cents: undefined, net_cents: 9000000 });
  await totalIs(id, 10588235);
  for (const [station, gross_cents] of STATIONS) await line(server, id, { ...WEEK, source: 'fcc', station, market: 535, order_no: `91${gross_cents}`, revision: '1', gross_cents });
  await totalIs(id, 10500000);
  // the first station's order is cut: 5 % no longer hide the difference, and it becomes an estimate
  await line(server, id, { ...WEEK, source: 'fcc', station: 'WDDD', market: 535, order_no: '914000000', revision: '2', gross_cents: 3000000 });
  await holds(async () => {
    await totalIs(id, 9500000);
    await totalIs(id, 10588235, '&week_mode=projected');
    assert.equal((await buyLine(server, sheet.id)).standing, 'covered');
  });
}));

test('walkthrough 9: parts of one buy are combined, and their sum is matched with the order', () => both(async (id, basis) => {
  const week = { ...WEEK, source: 'rep_mail', station: 'WAAA' };
  const early = await line(server, id, { ...week, daypart: 'early news', gross_cents: 300000 }), late = await line(server, id, { ...week, daypart: 'late news', gross_cents: 200000 });
  assert.deepEqual(await groups(server, id, '&status=open'), [], 'lines of one source are parts, not copies');
  const made = await combine(server, id, [early.id, late.id], { reason: 'two dayparts' });
  const sum = made.buy_line;
  assert.deepEqual([made.total_before_cents, made.total_after_cents, sum.gross_cents, sum.standing], [500000, 500000, 500000, 'winner']);
  for (const part of [early, late]) {
    const now = await buyLine(server, part.id);
    assert.deepEqual([now.standing, now.superseded_by], ['part', sum.id]);
  }
  const order = await line(server, id, { ...WEEK, source: 'fcc', station: 'WAAA', order_no: '600100', gross_cents: 500000 });
  await totalIs(id, 1000000);
  const group = await onlyGroup(server, id);
  assert.deepEqual([group.score_x100, memberIds(group)], [10000, [order.id, sum.id].sort()]);
  const kept = await resolve(server, group, 'keep', { winner: order.id });
  assert.deepEqual([kept.total_before_cents, kept.total_after_cents], [1000000, 500000]);
  await holds(() => cellsAre(id, spread(500000, WEEK.flight_from, WEEK.flight_to, basis)));
  await holds(async () => assert.deepEqual(await standings(id), { [early.id]: 'part', [late.id]: 'part', [sum.id]: 'copy', [order.id]: 'winner' }));
}));

const paidIs = async (id, cents, query = '') => assert.equal((await matrix(server, id, query)).totals.disbursement_cents, cents);

// The reading of notices and reports is not part of this; what they do to the matrix is. The order of a payment is its transaction.
test('walkthrough 10: a notice, its amendment and the periodic report are one payment of 240,000.00, and air time is unchanged', () => both(async (id, basis) => {
  const cells = spread(2040000, FILING.flight_from, FILING.flight_to, basis);
  await line(server, id, { ...FILING, gross_cents: 2040000 });
  await paidIs(id, null);
  const payment = { source: 'fec', layer: 'disbursement', stage: 'invoiced', order_no: 'SE24.4512', station: undefined, flight_from: '2026-10-20', flight_to: '2026-10-20' };
  const notice = await line(server, id, { ...payment, revision: '0', revision_date: '2026-10-21', gross_cents: 25000000 });
  await paidIs(id, 25000000);
  await sleep(5); // known from different milliseconds
  const amended = await line(server, id, { ...payment, revision: '1', revision_date: '2026-10-22', gross_cents: 24000000 });
  await paidIs(id, 24000000);
  await sleep(5);
  const report = await line(server, id, { ...payment, revision_date: '2026-12-03', market: undefined, station: 'WBBB', gross_cents: 24000000 });
  assert.deepEqual((await buyLine(server, notice.id)).superseded_by, amended.id);
  await holds(async () => {
    await paidIs(id, 24000000);
    await paidIs(id, 20400000, '&basis=net');
    await paidIs(id, 24000000, '&week_mode=projected');
    await paidIs(id, 24000000, '&from=2026-10-20&to=2026-10-20');
    await paidIs(id, null, '&to=2026-10-10');
    await paidIs(id, null, '&market=504'); // the report that counts names none
    assert.deepEqual(Object.entries(await standings(id)).filter(([line_id]) => [notice.id, amended.id, report.id].includes(line_id)).map(([, s]) => s), ['superseded', 'superseded', 'winner']);
    await cellsAre(id, cells);
    await totalIs(id, 2040000);
    await totalIs(id, 2040000, '&week_mode=projected');
  });
  await holds(() => paidIs(id, 24000000, `&as_of_ms=${amended.known_from_ms}`));
  await holds(() => paidIs(id, 25000000, `&as_of_ms=${notice.known_from_ms}`));
  // Another transaction, another committee: another payment. A memo is none.
  const more = (await race(basis)).id;
  await line(server, more, { ...FILING, order_no: payment.order_no }); // air time, whatever its number
  for (const one of [{ gross_cents: 300 }, { order_no: 'SE24.4513', gross_cents: 20 }, { advertiser: 'Theirs', gross_cents: 1 }, { order_no: 'SE24.4514', memo: true, gross_cents: 4000 }])
    await line(server, more, { ...payment, ...one });
  await holds(async () => {
    await paidIs(more, 321);
    await paidIs(more, 1, '&advertiser=Theirs');
    await cellsAre(more, cells);
  });
}));

test('walkthrough 10: money to a media firm never counts as air time, whatever replaces it', () => both(async (id, basis) => {
  const air = await line(server, id, { ...FILING, gross_cents: 24000000 });
  const paid = { ...FILING, source: 'fec', layer: 'disbursement', order_no: undefined, stage: 'invoiced' };
  for (const cents of [25000000, 24000000, 24000000]) await line(server, id, { ...paid, gross_cents: cents });
  await line(server, id, { ...paid, station: undefined, gross_cents: 24000000 });
  await holds(async () => {
    await cellsAre(id, spread(24000000, FILING.flight_from, FILING.flight_to, basis));
    await totalIs(id, 24000000, '&week_mode=projected');
    assert.deepEqual(await groups(server, id), [], 'layers differ: no question');
    assert.deepEqual(await disputed(id), []);
    assert.deepEqual((await lines(server, id, '')).filter((l) => l.layer === 'disbursement').map((l) => l.gross_cents), [25000000, 24000000, 24000000, 24000000]);
    const leaf = (await matrix(server, id)).rows.find((r) => r.kind === 'leaf');
    const [week] = Object.keys(spread(7, FILING.flight_from, FILING.flight_to, basis));
    const cell = await server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@${week}`)}?campaign_id=${id}`);
    assert.deepEqual(cell.json.lines.map((l) => l.id), [air.id]);
  });
}));

test('walkthrough 11: a range keeps its ends, and an open one has none above', () => both(async (id, basis) => {
  const days = { source: 'google', medium: 'digital', station: undefined, gross_cents: undefined, flight_from: '2026-10-13', flight_to: '2026-10-18' };
  await line(server, id, { ...days, low_cents: 10000, high_cents: 49900 });
  const [week] = Object.keys(spread(7, days.flight_from, days.flight_to, basis));
  const cell = async () => {
    const leaf = (await matrix(server, id)).rows.find((r) => r.kind === 'leaf');
    const { json } = await server.api('GET', `/api/v1/matrix/cells/${encodeURIComponent(`${leaf.key}@${week}`)}?campaign_id=${id}`);
    return [json.low_cents, json.gross_cents, json.high_cents];
  };
  assert.deepEqual(await cell(), [10000, 29950, 49900]);
  const open = (await race(basis)).id;
  await line(server, open, { ...days, low_cents: 100000000 });
  await holds(() => totalIs(open, 100000000));
  await line(server, id, { ...days, low_cents: 100000000, advertiser: 'Ours', flight_from: '2026-10-14' });
  await holds(async () => assert.deepEqual(await cell(), [100010000, 100029950, null]));
}));

test('walkthrough 12: as known on, to the millisecond of each commit', () => both(async (id, basis) => {
  const made = [];
  for (const paper of PAPERS) {
    made.push(await line(server, id, paper));
    await sleep(5); // known from different milliseconds
  }
  const flight = (cents) => spread(cents, ORDER.flight_from, ORDER.flight_to, basis);
  const [first, second, third] = made.map((l) => l.known_from_ms);
  assert.ok(first < second && second < third);
  const steps = [[first, 5000000], [second - 1, 5000000], [second, 4200000], [third - 1, 4200000], [third, 0]];
  const bodies = [];
  for (const [t, cents] of steps) {
    const got = await matrix(server, id, `&as_of_ms=${t}`);
    assert.deepEqual(cellsOf(got), flight(cents), `${t - first} ms after the first`);
    assert.ok(got.as_of.at_ms <= t && got.as_of.version >= 1, JSON.stringify(got.as_of));
    bodies.push(await server.api('GET', `/api/v1/matrix?campaign_id=${id}&as_of_ms=${t}`).then((a) => a.text));
  }
  const empty = await matrix(server, id, `&as_of_ms=${first - 1}`);
  assert.deepEqual([empty.rows, empty.totals.total_cents], [[], 0]);
  const late = await matrix(server, id, `&as_of_ms=${Date.now() + 86400000}`);
  assert.deepEqual([cellsOf(late), late.as_of.at_ms], [flight(0), third]);
  const known = await lines(server, id, `&as_of_ms=${second}`);
  assert.deepEqual(known.map((l) => [l.revision, l.standing, l.superseded_by]), [['1', 'superseded', made[1].id], ['2', 'winner', null]]);
  assert.deepEqual((await film(server, made[0].id, `?as_of_ms=${second}`)).steps.map((s) => s.kind), ['placed', 'cut']);
  assertFaults(await server.api('GET', `/api/v1/matrix?campaign_id=${id}&as_of_ms=1000`), 422, ['as_of_ms']);
  await line(server, id, { gross_cents: 700 });
  await holds(async () => { // what was known then is the same bytes, whatever came later
    for (const [i, [t]] of steps.entries()) assert.equal((await server.api('GET', `/api/v1/matrix?campaign_id=${id}&as_of_ms=${t}`)).text, bodies[i], `step ${i + 1}`);
  });
}));

test('walkthrough 13: undo below later work takes back the one decision', () => both(async (id, basis) => {
  const week = { flight_from: '2026-10-12', flight_to: '2026-10-18' }, next = { flight_from: '2026-10-19', flight_to: '2026-10-25' };
  const a = await line(server, id, { ...week, source: 'adimpact', gross_cents: 2000000 });
  const b = await line(server, id, { ...week, source: 'rep_mail', gross_cents: 2000000 });
  const c = await line(server, id, { ...next, source: 'rep_mail', gross_cents: 500000 });
  const group = await onlyGroup(server, id);
  assert.deepEqual(memberIds(group), [a.id, b.id].sort());
  const merged = await resolve(server, group, 'merge', { winner: a.id });
  assert.deepEqual([merged.total_before_cents, merged.total_after_cents], [4500000, 2500000]);
  const combined = await combine(server, id, [a.id, c.id]);
  assert.deepEqual([combined.total_before_cents, combined.total_after_cents, combined.buy_line.gross_cents], [2500000, 2500000, 2500000]);
  const back = await undo(server, merged.undo_token);
  assert.deepEqual([back.total_before_cents, back.total_after_cents], [2500000, 4500000]);
  await holds(async () => {
    await totalIs(id, 4500000);
    await cellsAre(id, plus(spread(4000000, week.flight_from, week.flight_to, basis), spread(500000, next.flight_from, next.flight_to, basis)));
    const open = await onlyGroup(server, id);
    assert.ok(memberIds(open).includes(b.id));
    assert.deepEqual(await standings(id), { [a.id]: 'part', [b.id]: 'winner', [c.id]: 'part', [combined.buy_line.id]: 'winner' });
  });
  assert.equal((await server.api('POST', '/api/v1/dedupe/undo', { undo_token: merged.undo_token })).status, 409, 'used already');
}));

test('walkthroughs: all of it after a restart, and every answer byte by byte', async () => {
  assert.ok(checks.length >= 30 && films.length >= 8);
  const paths = [];
  for (const id of races) {
    for (const path of ['matrix', 'dedupe/groups', 'dedupe/decisions', 'buy-lines']) paths.push(`/api/v1/${path}?campaign_id=${id}`);
    paths.push(`/api/v1/matrix?campaign_id=${id}&week_mode=projected&basis=net`);
  }
  for (const id of films) paths.push(`/api/v1/orders/${id}`);
  const all = async () => Promise.all(paths.map(async (path) => [path, (await server.api('GET', path)).text]));
  const told = await all();
  assert.equal(await server.stop(), 0);
  server = await startServer({ dataDir });
  for (const [i, [path, text]] of (await all()).entries()) assert.equal(text, told[i][1], path);
  for (const check of checks) await check();
});

const base = realDocuments();
const skip = base ? false : 'somebody else\'s arithmetic is not at hand: neither $TRAILMIX_SHARED nor ../shared';
test('walkthroughs: every cell of every race is what somebody else\'s arithmetic gives', { skip }, async () => {
  const recompute = (id) => new Promise((done) => execFile('python3', [join(base, 'tools/recompute_matrix.py'), '--url', server.url, '--key', server.key, '--campaign', id], { timeout: 60000 },
    (error, out, err) => done(error ? `${id}: ${out.slice(-1500)}${err.slice(-500)}` : null)));
  const wrong = [];
  for (let i = 0; i < races.length; i += 2) wrong.push(...(await Promise.all(races.slice(i, i + 2).map(recompute))).filter(Boolean));
  assert.deepEqual(wrong, []);
});
