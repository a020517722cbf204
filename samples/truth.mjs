// truth.mjs - what the matrix of the demo race must show, added up from what the papers print, by nothing but this file.
//
// Why:  a demo that only shows what the program computed proves nothing; tests compare the two.
// How:  each day of a printed week of n days gets floor(A*k/n) - floor(A*(k-1)/n) cents; the newest version of an order counts;
//       an invoice replaces the days of its billing period by what aired; a deleted order is known to be zero.
import { monday, weekday } from './days.mjs';
import { advertisers, cables, COMMISSION_BP, stations } from './race.mjs';

const cents = (v) => Math.trunc(v);
const netOf = (gross, bp) => cents((gross * (10000 - bp) + 5000) / 10000);
const grossOf = (net, bp) => cents((net * 10000 + (10000 - bp) / 2) / (10000 - bp));

// Adds `amount` evenly over those days.
function spread(days, at, amount) {
  const n = at.length;
  at.forEach((d, i) => {
    const part = Math.floor((amount * (i + 1)) / n) - Math.floor((amount * i) / n);
    days.set(d, (days.get(d) ?? 0) + part);
  });
}

// A rep firm books by the day: the week's spots go to its marked days in turn.
export function repDays(line) {
  const open = [...Array(7).keys()].filter((i) => line.days[i] !== '-');
  const spots = Array(7).fill(0);
  for (let s = 0; s < line.spots[0]; s++) spots[open[s % open.length]] += 1;
  return spots;
}

// The days of a paper's lines, each with its cents in that basis.
export function orderDays(paper, basis) {
  const days = new Map();
  for (let d = paper.from; d <= paper.to; d++) days.set(d, 0);
  if (paper.deleted) return days;
  for (const line of paper.lines) {
    if (paper.layout === 'rep') {
      repDays(line).forEach((n, i) => spread(days, [paper.from + i], n * line.rate_cents));
      continue;
    }
    line.spots.forEach((n, w) => {
      const week = monday(paper.from) + 7 * w;
      const marked = [];
      for (let i = 0; i < 7; i++) {
        const d = week + i;
        if (line.days[weekday(d)] !== '-' && d >= paper.from && d <= paper.to) marked.push(d);
      }
      if (n > 0) spread(days, marked, amountIn(paper, n * line.rate_cents, basis));
    });
  }
  return days;
}

// Printed amounts are gross, but for papers that state net alone; a single total without commission is both.
function amountIn(paper, printed, basis) {
  if (paper.layout === 'rep') return printed;
  if (paper.netOnly) return basis === 'net' ? printed : grossOf(printed, COMMISSION_BP);
  return basis === 'gross' ? printed : netOf(printed, COMMISSION_BP);
}

export function paperTotal(paper) {
  if (paper.doc_type === 'invoice') return paper.airings.reduce((a, x) => a + x.rate_cents, 0);
  return paper.lines.reduce((a, l) => a + l.rate_cents * l.spots.reduce((b, n) => b + n, 0), 0);
}

function chains(papers) {
  const byOrder = new Map();
  for (const p of papers) {
    if (p.advertiser === null || p.lines === undefined) continue;
    const both = [p.order_no, p.alt_order_no].filter(Boolean).map((x) => `${p.vendor} ${x}`);
    const key = both.find((k) => byOrder.has(k)) ?? both[0];
    const chain = byOrder.get(key) ?? { orders: [], invoices: [] };
    (p.doc_type === 'invoice' ? chain.invoices : chain.orders).push(p);
    for (const k of both) byOrder.set(k, chain);
  }
  return [...new Set(byOrder.values())];
}

function chainDays(chain, basis) {
  const newest = chain.orders.reduce((a, b) => (b.revised > a.revised || (b.revised === a.revised && b.revision > a.revision) ? b : a));
  const days = orderDays(newest, basis);
  for (const invoice of chain.invoices) {
    for (const d of days.keys()) if (d >= invoice.billing_from && d <= invoice.billing_to) days.set(d, 0);
    for (const a of invoice.airings) days.set(a.date, (days.get(a.date) ?? 0) + amountIn(invoice, a.rate_cents, basis));
  }
  return days;
}

const weekOf = (d, basis) => (basis === 'broadcast' ? monday(d) : d - ((weekday(d) + 6) % 7));

// One matrix: rows by advertiser, market, medium and station; cells by the first day of the week; null is left out.
export function matrix(papers, basis, weekBasis, isoOf) {
  const rows = new Map();
  for (const chain of chains(papers)) {
    const p = chain.orders[0];
    const cable = cables[p.vendor] !== undefined;
    const labels = {
      side: advertisers[p.advertiser].side, advertiser: advertisers[p.advertiser].name,
      market: (cables[p.vendor] ?? stations[p.vendor]).market, medium: cable ? 'cable' : 'broadcast', station: p.vendor.toUpperCase(),
    };
    const key = Object.values(labels).join('|');
    const row = rows.get(key) ?? { ...labels, total_cents: 0, cells: {} };
    for (const [d, c] of chainDays(chain, basis)) {
      const week = isoOf(weekOf(d, weekBasis));
      row.cells[week] = (row.cells[week] ?? 0) + c;
      row.total_cents += c;
    }
    rows.set(key, row);
  }
  const list = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, r]) => ({ ...r, cells: Object.fromEntries(Object.entries(r.cells).sort()) }));
  const totals = {};
  for (const r of list) for (const [w, c] of Object.entries(r.cells)) totals[w] = (totals[w] ?? 0) + c;
  return {
    basis, week_basis: weekBasis, weeks: Object.keys(totals).sort(), total_cents: list.reduce((a, r) => a + r.total_cents, 0),
    totals: Object.fromEntries(Object.entries(totals).sort()), rows: list,
  };
}
