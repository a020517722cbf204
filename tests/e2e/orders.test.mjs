// orders.test.mjs - the film of an order: papers by age, what each did to total and weeks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, startServer } from './server.mjs';
import { campaign, line } from './with.mjs';

let server, id;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

const race = async (more) => (id = (await campaign(server, more)).id);
async function film(of, query = '') {
  const { status, json, text } = await server.api('GET', `/api/v1/orders/${of}${query}`);
  assert.equal(status, 200, text);
  return json;
}
const ORDER = { source: 'fcc', order_no: '500100', flight_from: '2026-10-20', flight_to: '2026-10-26' };

test('orders: walkthrough 4, placed, cut, cancelled; the same from every line and from its own id', async () => {
  await race();
  const papers = [
    { revision: '1', revision_date: '2026-10-01', gross_cents: 5000000 },
    { revision: '2', revision_date: '2026-10-05', gross_cents: 4200000 },
    { revision: '3', revision_date: '2026-10-08', gross_cents: 4200000, stage: 'cancelled' },
  ];
  const made = [];
  for (const paper of papers) made.push(await line(server, id, { ...ORDER, ...paper }));
  const shown = await film(made[2].id);
  assert.match(shown.id, /^ord_/);
  for (const of of [made[0].id, made[1].id, shown.id]) assert.deepEqual(await film(of), shown);
  assert.deepEqual([shown.campaign_id, shown.order_no, shown.station, shown.market, shown.advertiser, shown.medium], [id, '500100', 'WAAA', 504, 'Ours', 'broadcast']);
  assert.deepEqual(shown.steps.map((s) => [s.buy_line_id, s.kind, s.date, s.total_before_cents, s.total_after_cents]), [
    [made[0].id, 'placed', '2026-10-01', null, 5000000],
    [made[1].id, 'cut', '2026-10-05', 5000000, 4200000],
    [made[2].id, 'cancelled', '2026-10-08', 4200000, 0],
  ]);
  assert.deepEqual(shown.steps.map((s) => s.pull_down), [false, true, true]);
  assert.deepEqual(shown.weeks, ['2026-10-19', '2026-10-26']);
  assert.deepEqual(shown.steps[1].weeks, [
    { week: '2026-10-19', before_cents: 4285714, after_cents: 3600000 },
    { week: '2026-10-26', before_cents: 714286, after_cents: 600000 },
  ]);
  assert.equal(shown.total_gross_cents, 0);
  assert.ok(!('as_of' in shown));
});

test('orders: walkthrough 5, an invoice closes its days', async () => {
  await race();
  const order = { source: 'fcc', order_no: '500200', gross_cents: 2100000, flight_from: '2026-10-13', flight_to: '2026-10-26' };
  const first = await line(server, id, order);
  const invoice = await line(server, id, {
    ...order, gross_cents: 1870000, invoice_no: '500200-1', doc_type: 'invoice', stage: 'invoiced', billing_from: '2026-09-28', billing_to: '2026-10-25',
    airings: [{ air_date: '2026-10-13', amount_cents: 870000 }, { air_date: '2026-10-20', amount_cents: 1000000 }],
  });
  const { steps, total_gross_cents } = await film(first.id);
  assert.deepEqual(steps.map((s) => [s.buy_line_id, s.kind, s.total_after_cents, s.pull_down]), [[first.id, 'placed', 2100000, false], [invoice.id, 'invoiced', 2020000, false]]);
  assert.deepEqual(steps[1].weeks, [{ week: '2026-10-12', before_cents: 900000, after_cents: 870000 }, { week: '2026-10-19', before_cents: 1050000, after_cents: 1000000 }]);
  assert.equal(total_gross_cents, 2020000);
});

test('orders: papers stand by age, not by arrival; raises, credits and papers without amount have their kinds', async () => {
  await race();
  const late = await line(server, id, { ...ORDER, revision: '2', revision_date: '2026-10-05', gross_cents: 6000000 });
  const early = await line(server, id, { ...ORDER, revision: '1', revision_date: '2026-10-01', gross_cents: 5000000 });
  const moved = await line(server, id, { ...ORDER, revision: '3', revision_date: '2026-10-06', gross_cents: 6000000, flight_from: '2026-10-19', flight_to: '2026-10-25' });
  const { steps } = await film(late.id);
  assert.deepEqual(steps.map((s) => [s.buy_line_id, s.kind]), [[early.id, 'placed'], [late.id, 'raised'], [moved.id, 'changed']]);
  const credit = await line(server, id, { ...ORDER, revision_date: '2026-10-30', gross_cents: -100000, doc_type: 'credit' });
  const blank = await line(server, id, { ...ORDER, revision_date: '2026-10-31', gross_cents: undefined });
  const more = (await film(late.id)).steps.slice(3);
  assert.deepEqual(more.map((s) => [s.buy_line_id, s.kind, s.total_before_cents, s.total_after_cents, s.gross_cents]),
    [[credit.id, 'credit', 6000000, 5900000, -100000], [blank.id, 'paper', 5900000, 5900000, null]]);
  assert.deepEqual(more[1].weeks, []);
});

test('orders: a line alone is a film of one step; an unknown one is none; as of its first day it has one', async () => {
  await race();
  const alone = await line(server, id, { source: 'rep_mail', gross_cents: 700 });
  const { steps, order_no } = await film(alone.id);
  assert.deepEqual([steps.length, steps[0].kind, steps[0].total_after_cents, order_no], [1, 'placed', 700, null]);
  for (const of of ['ord_0000000000000', 'bl_zzzzzzzzzzzzz', 'cmp_0000000000001', id]) assert.equal((await server.api('GET', `/api/v1/orders/${of}`)).status, 404, of);
  const first = await line(server, id, { ...ORDER, revision: '1', gross_cents: 5000000 });
  await sleep(5);
  const second = await line(server, id, { ...ORDER, revision: '2', gross_cents: 4200000 });
  const then = await film(first.id, `?as_of_ms=${second.known_from_ms - 1}`);
  assert.deepEqual(then.steps.map((s) => [s.buy_line_id, s.standing]), [[first.id, 'winner']]);
  assert.deepEqual([then.as_of.at_ms, then.total_gross_cents], [first.known_from_ms, 5000000]);
  assert.equal((await server.api('GET', `/api/v1/orders/${second.id}?as_of_ms=${second.known_from_ms - 1}`)).status, 404);
});

test('orders: of very many papers the newest five hundred are shown, with what was before', async () => {
  await race();
  const papers = 520;
  let last;
  for (let i = 0; i < papers; i++) last = await line(server, id, { ...ORDER, revision: String(i + 1), gross_cents: 1000 + i });
  const shown = await film(last.id);
  assert.deepEqual([shown.steps_omitted, shown.steps.length], [20, 500]);
  assert.deepEqual([shown.steps[0].total_before_cents, shown.steps[0].total_after_cents, shown.total_gross_cents], [1019, 1020, 1000 + papers - 1]);
  assert.ok(shown.steps.every((s) => s.kind === 'raised'));
});
