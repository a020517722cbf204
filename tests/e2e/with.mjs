// with.mjs - what most tests begin with: a campaign, a line, the leaf of a matrix, a small PDF.
import assert from 'node:assert/strict';
import { Paper } from '../../samples/pdf.mjs';

let made = 0;

export async function campaign(server, more = {}) {
  const { status, json, text } = await server.api('POST', '/api/v1/campaigns', { name: `Race ${++made}`, election_date: '2026-11-03', ...more });
  assert.equal(status, 201, text);
  return json;
}

export const lineBody = (campaign_id, more = {}) => ({
  campaign_id, advertiser: 'Ours', medium: 'broadcast', station: 'WAAA', market: 504, flight_from: '2026-10-13', flight_to: '2026-10-26', gross_cents: 2100000, ...more,
});

/** Posts a line; a member given as undefined is left out. */
export async function line(server, campaign_id, more = {}, headers = {}) {
  const { status, json, text } = await server.api('POST', '/api/v1/buy-lines', lineBody(campaign_id, more), headers);
  assert.equal(status, 201, text);
  return json;
}

export async function matrix(server, campaign_id, query = '') {
  const { status, json, text } = await server.api('GET', `/api/v1/matrix?campaign_id=${campaign_id}${query}`);
  assert.equal(status, 200, text);
  return json;
}

/** {week: cents} of the leaf rows that fit the labels, summed; null where all are null. */
export function cellsOf(got, labels = {}) {
  const rows = got.rows.filter((r) => r.kind === 'leaf' && Object.entries(labels).every(([k, v]) => r.labels[k] === v));
  const cells = {};
  got.weeks.forEach((w, i) => {
    const known = rows.map((r) => r.cells[i]).filter((c) => c !== null);
    cells[w] = known.length === 0 ? null : known.reduce((a, b) => a + b, 0);
  });
  return cells;
}

/** Leaf cells of a matrix as a map from a cell's key to cents, without nulls. */
export function leafCells(got) {
  const cells = new Map();
  for (const row of got.rows.filter((r) => r.kind === 'leaf')) row.cells.forEach((c, i) => c !== null && cells.set(`${row.key}@${got.weeks[i]}`, c));
  return cells;
}

/** What a delta of the live stream makes of them. */
export function applyDelta(cells, delta) {
  for (const c of delta.cells) c.gross_cents === null ? cells.delete(c.key) : cells.set(c.key, c.gross_cents);
}

/** Asserts a problem+json with that status whose faults name exactly those fields (any order). */
export function assertFaults(answer, status, fields) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type'), /^application\/problem\+json/);
  for (const name of ['type', 'title', 'status', 'code', 'detail', 'requestId', 'errors']) assert.ok(name in answer.json, `${name} in ${answer.text}`);
  assert.equal(answer.json.status, status);
  if (fields) assert.deepEqual([...new Set(answer.json.errors.map((e) => e.field))].sort(), [...fields].sort(), answer.text);
  for (const e of answer.json.errors) assert.ok(e.code && e.message, answer.text);
}

/** A political order as a PDF of one page; `more` changes what it says. */
export function orderPdf({ number = '7301001', revision = 0, advertiser = 'Ours', station = 'WAAA', from = '10/12/26', to = '10/18/26', gross = '$1,000.00', rate = '$100.00', spots = 10, extra = [] } = {}) {
  const p = new Paper().page();
  p.text(36, 30, 'CONTRACT', { size: 15, font: 'bold' });
  const rows = [
    [['Contract / Revision:', `${number} / ${revision}`], ['Station:', station]],
    [['Advertiser:', advertiser], ['Flight Dates:', `${from} - ${to}`]],
    [['Agency:', 'Example Media'], ['Product:', 'SENATE']],
  ];
  rows.forEach(([a, b], i) => {
    [[36, a], [320, b]].forEach(([x, [name, value]]) => {
      p.text(x, 60 + 16 * i, name);
      p.text(x + 100, 60 + 16 * i, value);
    });
  });
  [[36, 'Line'], [80, 'Program'], [180, 'Days'], [240, 'Start Date'], [310, 'End Date'], [400, 'Spots'], [450, 'Rate'], [520, 'Total']].forEach(([x, t]) => p.text(x, 124, t, { font: 'bold' }));
  [[36, '1'], [80, 'NEWS'], [180, 'MTWTFSS'], [240, from], [310, to], [400, String(spots)], [450, rate], [520, gross]].forEach(([x, t]) => p.text(x, 138, t));
  p.text(380, 170, 'Gross Total:', { font: 'bold' });
  p.text(520, 170, gross);
  extra.forEach((t, i) => p.text(36, 200 + 12 * i, t));
  return p.bytes();
}
