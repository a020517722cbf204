// make.mjs - see make: every file of the sample race.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { iso } from './days.mjs';
import { layouts } from './papers.mjs';
import { cables, campaign, markets, papers, stations } from './race.mjs';
import { repComparison } from './sheets.mjs';
import { matrix, paperTotal } from './truth.mjs';

const json = (value) => `${JSON.stringify(value, null, 2)}\n`;

// "WAAA/410200-rev-2.pdf"
function fileOf(paper) {
  const folder = cables[paper.vendor]?.folder ?? paper.vendor;
  if (paper.layout === 'form') return `${folder}/agreement-form.pdf`;
  if (paper.layout === 'scan') return `${folder}/${paper.name}.pdf`;
  if (paper.doc_type === 'invoice') return `${folder}/invoice-${paper.invoice_no}.pdf`;
  const rev = paper.version ?? paper.revision;
  return `${folder}/${paper.layout === 'rep' ? 'rep-' : ''}${paper.order_no}${rev > 0 ? `-rev-${rev}` : ''}${paper.deleted ? '-deleted' : ''}.pdf`;
}

// The facility table's thirty columns; only those that are used hold anything.
function stationLine(call, s) {
  const f = Array(30).fill('');
  f[0] = s.city;
  f[1] = 'FR';
  f[5] = s.name;
  f[10] = 'DT';
  f[14] = String(s.facility);
  f[26] = s.network;
  f[27] = markets.find((m) => m.code === s.market).name;
  return `${f.join('|')}|`;
}

// What the reader must find in a paper.
function documentOf(paper) {
  const file = fileOf(paper);
  if (paper.layout === 'scan') return { file, status: 'unreadable', reason: 'no_text_layer' };
  if (paper.layout === 'form') return { file, status: 'read', doc_type: 'agreement', gross_cents: null };
  const total = paperTotal(paper);
  const net = paper.layout === 'rep' ? total : Math.trunc((total * 85 + 50) / 100);
  return {
    file, status: 'read', doc_type: { traffic: 'contract', invoice: 'invoice', agency: 'order', cable: 'order', rep: 'contract' }[paper.layout],
    stage: paper.deleted ? 'cancelled' : paper.doc_type === 'invoice' ? 'invoiced' : 'ordered',
    order_no: paper.order_no, invoice_no: paper.invoice_no ?? null, alt_order_no: paper.doc_type === 'invoice' ? null : paper.alt_order_no,
    advertiser: paper.printed, agency: paper.agency, station: stations[paper.vendor] && paper.layout !== 'rep' ? stations[paper.vendor].name : paper.vendor,
    gross_cents: paper.netOnly ? null : total, net_cents: paper.netOnly ? total : net,
    flight_from: iso(paper.from), flight_to: iso(paper.to), billing_from: paper.billing_from ? iso(paper.billing_from) : null,
  };
}

export function make(folder) {
  const documents = join(folder, 'documents');
  rmSync(documents, { recursive: true, force: true });
  for (const paper of papers) {
    const path = join(documents, fileOf(paper));
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, layouts[paper.layout](paper).bytes());
  }
  mkdirSync(join(folder, 'sheets'), { recursive: true });
  writeFileSync(join(folder, 'sheets/rep-comparison.csv'), repComparison(papers, 901));
  writeFileSync(join(folder, 'campaign.json'), json(campaign));
  writeFileSync(join(folder, 'markets.json'), json(markets));
  writeFileSync(join(folder, 'stations.dat'), Object.entries(stations).map(([call, s]) => `${stationLine(call, s)}\n`).join(''));
  const views = ['broadcast', 'political'].flatMap((week) => ['gross', 'net'].map((basis) => matrix(papers, basis, week, iso)));
  writeFileSync(join(folder, 'expected.json'), json({ documents: papers.map(documentOf), pending: ['Kessler for Mayor'], matrix: views }));
}
