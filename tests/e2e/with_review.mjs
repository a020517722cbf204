// with_review.mjs - what a reviewer does: looks at groups, decides, combines, takes back, asks for the film of an order; and the
// arithmetic of spreading, done once more by somebody else.
import assert from 'node:assert/strict';
import { allItems } from './server.mjs';

const DAY = 86400000;
const at = (day) => Date.parse(`${day}T00:00:00Z`);
const text = (ms) => new Date(ms).toISOString().slice(0, 10);
export const plusDays = (day, n) => text(at(day) + n * DAY);

/** First day of the week of a day: Monday (broadcast) or Tuesday (political). */
export const weekOf = (day, basis) => plusDays(day, -((new Date(at(day)).getUTCDay() + (basis === 'political' ? 5 : 6)) % 7));

/** {week: cents} of an amount spread evenly over the days of a flight; days 1..k together get floor(A k / n). */
export function spread(cents, from, to, basis) {
  const n = (at(to) - at(from)) / DAY + 1, cells = {};
  let before = 0n;
  for (let k = 1; k <= n; k++) {
    const upTo = (BigInt(Math.abs(cents)) * BigInt(k)) / BigInt(n);
    const week = weekOf(plusDays(from, k - 1), basis);
    cells[week] = (cells[week] ?? 0) + Number(upTo - before) * Math.sign(cents);
    before = upTo;
  }
  return cells;
}

/** Sum of several {week: cents}. */
export function plus(...all) {
  const sum = {};
  for (const cells of all) for (const [week, cents] of Object.entries(cells)) sum[week] = (sum[week] ?? 0) + cents;
  return sum;
}

export const total = (cells) => Object.values(cells).reduce((a, b) => a + b, 0);

export const groups = (server, campaign, query = '') => allItems(server, `/api/v1/dedupe/groups?campaign_id=${campaign}${query}`);
export const lines = (server, campaign, query = '') => allItems(server, `/api/v1/buy-lines?campaign_id=${campaign}${query}`);
export const decisions = (server, campaign) => allItems(server, `/api/v1/dedupe/decisions?campaign_id=${campaign}`);

export async function buyLine(server, id) {
  const { status, json, text } = await server.api('GET', `/api/v1/buy-lines/${id}`);
  assert.equal(status, 200, text);
  return json;
}

/** The one group of a campaign, asserted to be the only one of that status. */
export async function onlyGroup(server, campaign, status = 'open') {
  const found = await groups(server, campaign, `&status=${status}`);
  assert.equal(found.length, 1, `${found.length} ${status} groups: ${JSON.stringify(found)}`);
  return found[0];
}

async function write(server, path, body) {
  const { status, json, text } = await server.api('POST', `/api/v1/dedupe/${path}`, body);
  assert.equal(status, 200, text);
  assert.ok(typeof json.undo_token === 'string' && json.undo_token.length > 0, text);
  assert.ok(Number.isInteger(json.version), text);
  return json;
}
export const resolve = (server, group, action, more = {}) => write(server, `groups/${group.id ?? group}/resolve`, { action, ...more });
export const combine = (server, campaign_id, buy_line_ids, more = {}) => write(server, 'rows/combine', { campaign_id, buy_line_ids, ...more });
export const undo = (server, undo_token, more = {}) => write(server, 'undo', { undo_token, ...more });

export async function film(server, id, query = '') {
  const { status, json, text } = await server.api('GET', `/api/v1/orders/${id}${query}`);
  assert.equal(status, 200, text);
  return json;
}

export const memberIds = (group) => group.members.map((m) => m.buy_line_id).sort();
export const points = (group) => Object.fromEntries(group.reasons.map((r) => [r.rule, r.points_x100]));
