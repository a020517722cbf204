// sheets.mjs - what a rep firm mails: one market's buys as a table, net, in thousands, rounded to tenths.
//
// How:  the newest version of each order of the market's stations becomes a row; one buy of a station that files nothing stands
//       only here. Sums are those of the rounded rows, as in a spreadsheet that prints what it adds.
import { advertisers, COMMISSION_BP, stations } from './race.mjs';
import { iso } from './days.mjs';
import { paperTotal } from './truth.mjs';

const us = (d) => {
  const [y, m, day] = iso(d).split('-');
  return `${Number(m)}/${Number(day)}/${y}`;
};
const tenths = (gross) => Math.round((gross * (10000 - COMMISSION_BP)) / 10000 / 10000);
const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export function repComparison(papers, market) {
  const newest = new Map();
  for (const paper of papers) {
    const wanted = stations[paper.vendor]?.market === market && ['traffic', 'rep', 'agency'].includes(paper.layout) && !paper.deleted;
    const version = paper.version ?? paper.revision ?? 0, key = `${paper.vendor} ${paper.order_no}`;
    if (wanted && version >= (newest.get(key)?.version ?? -1)) newest.set(key, { ...paper, version });
  }
  const rows = [...newest.values()].map((p) => [p.printed, p.vendor, us(p.from), us(p.to), tenths(paperTotal(p)), p.order_no]);
  rows.push([advertisers.rivers.name, 'WHHH', '10/12/2026', '10/25/2026', 173, '']);
  const total = rows.reduce((sum, r) => sum + r[4], 0);
  const table = [
    ['Tidewater Rep Group - political comparison', '', '', '', '', ''],
    ['All figures net, dollars in (000)', '', '', '', '', ''],
    ['Market: Port Alden', '', '', '', '', ''],
    ['Advertiser', 'Call Letters', 'Start Date', 'End Date', 'Total', 'Order #'],
    ...rows.map((r) => [...r.slice(0, 4), (r[4] / 10).toFixed(1), r[5]]),
    ['Total', '', '', '', (total / 10).toFixed(1), ''],
    ['Source: stations as of today; an estimate where a station does not answer', '', '', '', '', ''],
  ];
  return table.map((row) => `${row.map(cell).join(',')}\n`).join('');
}
