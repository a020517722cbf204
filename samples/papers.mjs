// papers.mjs - how each kind of sample paper looks: a station's traffic order and invoice, a rep firm's contract, an agency's own
// order, a cable order, an agreement form, a scan.
//
// Why:  the reader goes by labels and places; layouts of our own show that it does not know some layouts by heart.
// How:  absolute places on a letter page; labels in small bold type, values beside or below them; amounts end at a common edge.
import { dollars, long, monday, monthDay, short, weekday } from './days.mjs';
import { Paper } from './pdf.mjs';
import { cables, COMMISSION_BP, markets, stations } from './race.mjs';
import { paperTotal, repDays } from './truth.mjs';

const LEFT = 36, RIGHT = 576, BOTTOM = 744;
const sum = (list) => list.reduce((a, b) => a + b, 0);
const spotsOf = (paper) => sum(paper.lines.map((l) => sum(l.spots)));
const marketName = (code) => markets.find((m) => m.code === code).name;
const label = (p, x, y, text, more = {}) => p.text(x, y, text, { size: 7, font: 'bold', grey: 0.25, ...more });
const commissionOf = (gross) => gross - Math.trunc((gross * (10000 - COMMISSION_BP) + 5000) / 10000);

// Label above, value below.
function stacked(p, x, y, name, value) {
  label(p, x, y, name);
  p.text(x, y + 9, value, { size: 9 });
}

// Label, then the value on the same line.
function beside(p, x, y, name, value, width = 82) {
  label(p, x, y + 1, `${name}:`);
  p.text(x + width, y, value, { size: 9 });
}

function heading(p, x, y, text) {
  p.text(x, y, text, { size: 15, font: 'bold', align: 'middle' });
}

function stationBlock(p, station) {
  const s = stations[station];
  p.text(LEFT, 34, s.name, { size: 17, font: 'bold' });
  p.text(LEFT, 56, s.street, { size: 8 });
  p.text(LEFT, 66, `${s.city}`, { size: 8 });
}

// Breaks to a new page when the next `need` points do not fit.
function room(p, state, need) {
  if (state.y + need <= BOTTOM) return;
  p.page();
  state.page += 1;
  state.y = 40;
  state.head(p, state);
}

// ---- a station's traffic system: order and contract ----
function trafficHead(paper) {
  return (p, state) => {
    if (state.page > 1) {
      p.text(LEFT, 34, stations[paper.vendor].name, { size: 10, font: 'bold' });
      stacked(p, 250, 32, 'Contract / Revision', `${paper.order_no} / ${paper.revision}`);
    }
    p.text(RIGHT, 24, `Page ${state.page} of ${state.pages}`, { size: 7, align: 'right' });
    if (state.page > 1) {
      state.y = 62;
      lineHeads(p, state);
    }
  };
}

function lineHeads(p, state) {
  p.box(LEFT, state.y - 2, RIGHT - LEFT, 13, 0.9);
  const heads = [[LEFT + 4, 'Line'], [62, 'Start Date'], [112, 'End Date'], [162, 'Description'], [262, 'Start/End Time'], [340, 'Days'], [392, 'Length']];
  for (const [x, t] of heads) label(p, x, state.y, t);
  for (const [x, t] of [[462, 'Rate'], [506, 'Spots'], [RIGHT - 2, 'Amount']]) label(p, x, state.y, t, { align: 'right' });
  state.y += 16;
}

function trafficLine(p, state, paper, line, number) {
  const weeks = line.spots.filter((n) => n > 0).length;
  room(p, state, 35 + 10 * Math.min(weeks, 2));
  const n = sum(line.spots);
  p.text(LEFT + 4, state.y, number);
  p.text(62, state.y, short(line.from));
  p.text(112, state.y, short(line.to));
  p.text(162, state.y, line.program);
  p.text(262, state.y, line.time);
  p.text(340, state.y, line.days, { font: 'mono' });
  p.text(392, state.y, ':30');
  p.text(462, state.y, dollars(line.rate_cents), { align: 'right' });
  p.text(506, state.y, n, { align: 'right' });
  p.text(RIGHT - 2, state.y, dollars(n * line.rate_cents), { align: 'right' });
  state.y += 11;
  const heads = [[112, 'Start Date'], [162, 'End Date'], [340, 'Weekdays']];
  for (const [x, t] of heads) label(p, x, state.y, t, { size: 6, grey: 0.5 });
  for (const [x, t] of [[418, 'Spots/Week'], [462, 'Rate']]) label(p, x, state.y, t, { size: 6, grey: 0.5, align: 'right' });
  state.y += 9;
  line.spots.forEach((spots, w) => {
    if (spots === 0) return;
    room(p, state, 12);
    const first = monday(line.from) + 7 * w;
    p.text(82, state.y, 'Week:', { size: 7.5, grey: 0.3 });
    p.text(112, state.y, short(first), { size: 7.5, grey: 0.3 });
    p.text(162, state.y, short(first + 6), { size: 7.5, grey: 0.3 });
    p.text(340, state.y, line.days, { size: 7.5, font: 'mono', grey: 0.3 });
    p.text(410, state.y, spots, { size: 7.5, align: 'right', grey: 0.3 });
    p.text(462, state.y, dollars(line.rate_cents), { size: 7.5, align: 'right', grey: 0.3 });
    state.y += 10;
  });
  state.y += 4;
}

function totalsBox(p, state, paper) {
  const gross = paperTotal(paper);
  const commission = commissionOf(gross);
  state.y += 6;
  p.line(LEFT, state.y, RIGHT, state.y, 1);
  state.y += 6;
  label(p, LEFT + 4, state.y, 'Total Spots');
  label(p, 190, state.y, 'Gross Amount', { align: 'right' });
  label(p, 330, state.y, 'Agency Commission', { align: 'right' });
  label(p, 450, state.y, 'Net Amount', { align: 'right' });
  state.y += 11;
  p.text(LEFT + 4, state.y, spotsOf(paper), { size: 9 });
  p.text(190, state.y, dollars(gross), { size: 9, font: 'bold', align: 'right' });
  p.text(330, state.y, dollars(-commission), { size: 9, align: 'right' });
  p.text(450, state.y, dollars(gross - commission), { size: 9, font: 'bold', align: 'right' });
  state.y += 16;
}

function traffic(paper) {
  const draw = (pages) => {
    const p = new Paper().page();
    const state = { y: 0, page: 1, pages, head: trafficHead(paper) };
    state.head(p, state);
    stationBlock(p, paper.vendor);
    heading(p, 306, 34, paper.deleted ? 'DELETED CONTRACT' : 'CONTRACT');
    stacked(p, 430, 52, 'Print Date', `${short(paper.revised)} 10:04:18`);
    p.line(LEFT, 82, RIGHT, 82);
    stacked(p, LEFT, 90, 'Contract / Revision', `${paper.order_no} / ${paper.revision}`);
    stacked(p, 170, 90, 'Alt Order #', paper.alt_order_no ?? '');
    stacked(p, 280, 90, 'Original Date / Revision', `${short(paper.entered)} / ${short(paper.revised)}`);
    stacked(p, 430, 90, 'Property', stations[paper.vendor].name);
    stacked(p, LEFT, 118, 'Advertiser', paper.printed);
    stacked(p, 280, 118, 'Contract Dates', `${short(paper.from)} - ${short(paper.to)}`);
    stacked(p, 430, 118, 'Estimate #', paper.estimate);
    stacked(p, LEFT, 146, 'Agency Name', paper.agency);
    stacked(p, 280, 146, 'Product', 'US SENATE 2026');
    stacked(p, 430, 146, 'Billing Calendar', 'Broadcast');
    state.y = 178;
    lineHeads(p, state);
    paper.lines.forEach((line, i) => trafficLine(p, state, paper, line, i + 1));
    room(p, state, 50);
    totalsBox(p, state, paper);
    return [p, state.page];
  };
  const [, pages] = draw(1);
  return draw(pages)[0];
}

function invoice(paper) {
  const draw = (pages) => {
    const p = new Paper().page();
    const head = (q, s) => {
      q.text(RIGHT, 24, `Page ${s.page} of ${s.pages}`, { size: 7, align: 'right' });
      if (s.page > 1) {
        stacked(q, LEFT, 30, 'Invoice #', paper.invoice_no);
        s.y = 60;
        airHeads(q, s);
      }
    };
    const state = { y: 0, page: 1, pages, head };
    head(p, state);
    stationBlock(p, paper.vendor);
    heading(p, 306, 34, 'INVOICE');
    p.line(LEFT, 82, RIGHT, 82);
    stacked(p, LEFT, 90, 'Invoice #', paper.invoice_no);
    stacked(p, 170, 90, 'Invoice Date', short(paper.billing_to + 1));
    stacked(p, 280, 90, 'Invoice Period', `${short(paper.billing_from)} - ${short(paper.billing_to)}`);
    stacked(p, 430, 90, 'Property', stations[paper.vendor].name);
    stacked(p, LEFT, 118, 'Advertiser', paper.printed);
    stacked(p, 280, 118, 'Flight Dates', `${short(paper.from)} - ${short(paper.to)}`);
    stacked(p, 430, 118, 'Order #', paper.order_no);
    stacked(p, LEFT, 146, 'Agency Name', paper.agency);
    stacked(p, 280, 146, 'Product', 'US SENATE 2026');
    state.y = 178;
    airHeads(p, state);
    paper.airings.forEach((a, i) => {
      room(p, state, 12);
      p.text(LEFT + 4, state.y, i + 1);
      p.text(80, state.y, ['M', 'Tu', 'W', 'Th', 'F', 'Sa', 'Su'][weekday(a.date)]);
      p.text(120, state.y, short(a.date));
      p.text(180, state.y, a.time);
      p.text(250, state.y, a.program);
      p.text(360, state.y, ':30');
      p.text(410, state.y, `MV26-30-${String(a.line).padStart(2, '0')}H`);
      p.text(RIGHT - 2, state.y, dollars(a.rate_cents), { align: 'right' });
      state.y += 10.5;
    });
    room(p, state, 60);
    const gross = paperTotal(paper), commission = commissionOf(gross);
    state.y += 8;
    for (const [name, value] of [['Total Spots', paper.airings.length], ['Gross Total', dollars(gross)], ['Agency Commission', dollars(commission)], ['Net Amount Due', dollars(gross - commission)]]) {
      label(p, 400, state.y, name);
      p.text(RIGHT - 2, state.y, value, { size: 9, align: 'right' });
      state.y += 12;
    }
    return [p, state.page];
  };
  const [, pages] = draw(1);
  return draw(pages)[0];
}

function airHeads(p, state) {
  p.box(LEFT, state.y - 2, RIGHT - LEFT, 13, 0.9);
  for (const [x, t] of [[LEFT + 4, '#'], [80, 'Day'], [120, 'Air Date'], [180, 'Air Time'], [250, 'Description'], [360, 'Length'], [410, 'Ad-ID']]) label(p, x, state.y, t);
  label(p, RIGHT - 2, state.y, 'Rate', { align: 'right' });
  state.y += 16;
}

// ---- a rep firm's contract: one week, a column a day ----
function rep(paper) {
  const p = new Paper().page();
  p.box(0, 0, 612, 26, 0.2);
  p.text(LEFT, 8, 'CROSSWIND SPOT SALES', { size: 11, font: 'bold', grey: 1 });
  beside(p, LEFT, 40, 'Contract #', paper.order_no, 54);
  label(p, 210, 41, 'Changes as of:');
  p.text(270, 40, `${long(paper.revised)} at 5:05 PM`, { size: 9 });
  if (paper.version !== undefined) beside(p, 420, 40, 'Version', `Revision ${paper.version}`, 44);
  beside(p, LEFT, 56, 'Agency', paper.agency, 54);
  beside(p, 210, 56, 'Flight', `${long(paper.from)} - ${long(paper.to)}`, 60);
  beside(p, 420, 56, 'Station', paper.vendor, 44);
  beside(p, LEFT, 72, 'Advertiser', paper.printed, 54);
  beside(p, 210, 72, 'Product', 'US SENATE', 60);
  beside(p, 420, 72, 'Market', marketName(paper.market), 44);
  beside(p, LEFT, 88, 'Buyer', 'Rowan Ellery', 54);
  beside(p, 210, 88, 'Total Spots', String(spotsOf(paper)), 60);
  beside(p, 420, 88, 'Total $', dollars(paperTotal(paper)), 44);
  if (paper.alt_order_no) beside(p, LEFT, 104, 'Traffic #', paper.alt_order_no, 54);
  let y = 130;
  p.line(LEFT, y - 6, RIGHT, y - 6);
  const days = [...Array(7).keys()].map((i) => paper.from + i);
  const dayX = (i) => 318 + 24 * i;
  for (const [x, t] of [[LEFT, '#'], [52, 'Day/Time'], [132, 'Program']]) label(p, x, y, t);
  label(p, 262, y, 'Rate', { align: 'right' });
  label(p, 290, y, 'Len', { align: 'right' });
  days.forEach((d, i) => label(p, dayX(i), y, monthDay(d), { align: 'right' }));
  label(p, 510, y, 'Spots', { align: 'right' });
  label(p, RIGHT, y, 'Total $', { align: 'right' });
  y += 14;
  const perDay = Array(7).fill(0);
  paper.lines.forEach((line, k) => {
    const spots = repDays(line);
    const n = sum(spots);
    p.text(LEFT, y, k + 1);
    p.text(52, y, line.time);
    p.text(132, y, line.program);
    p.text(262, y, dollars(line.rate_cents), { align: 'right' });
    p.text(290, y, '30', { align: 'right' });
    spots.forEach((s, i) => p.text(dayX(i), y, s, { align: 'right' }));
    spots.forEach((s, i) => (perDay[i] += s));
    p.text(510, y, n, { align: 'right' });
    p.text(RIGHT, y, dollars(n * line.rate_cents), { align: 'right' });
    y += 13;
  });
  p.line(LEFT, y, RIGHT, y);
  y += 5;
  label(p, 262, y + 1, 'TOTALS:', { align: 'right' });
  perDay.forEach((s, i) => p.text(dayX(i), y, s, { align: 'right' }));
  p.text(510, y, sum(perDay), { align: 'right' });
  p.text(RIGHT, y, dollars(paperTotal(paper)), { align: 'right', font: 'bold' });
  return p;
}

// ---- an agency's own order form ----
function agencys(paper) {
  const p = new Paper().page();
  p.text(RIGHT, 34, paper.agency, { size: 14, font: 'bold', align: 'right' });
  p.text(LEFT, 34, 'BROADCAST ORDER', { size: 14, font: 'bold' });
  p.line(LEFT, 56, RIGHT, 56, 1.5);
  const rows = [
    [['Order No', paper.order_no], ['Station', stations[paper.vendor].name]],
    [['Client', paper.printed], ['Market', marketName(stations[paper.vendor].market)]],
    [['Agency', paper.agency], ['Order Date', long(paper.entered)]],
    [['Product', 'Senate general election'], ['Flight Dates', `${long(paper.from)} - ${long(paper.to)}`]],
  ];
  let y = 68;
  for (const [a, b] of rows) {
    beside(p, LEFT, y, ...a);
    beside(p, 320, y, ...b);
    y += 16;
  }
  y = weekTable(p, paper, y + 12, paper.netOnly ? 'Net Rate' : 'Rate');
  const printed = paperTotal(paper);
  const totals = paper.netOnly
    ? [['Agency Commission %', '15.00'], ['Net Total', dollars(printed)]]
    : [['Gross Total', dollars(printed)], ['Agency Commission', dollars(commissionOf(printed))], ['Net Total', dollars(printed - commissionOf(printed))]];
  for (const [name, value] of totals) {
    label(p, 400, y + 1, `${name}:`);
    p.text(RIGHT - 2, y, value, { size: 9, align: 'right' });
    y += 13;
  }
  p.text(LEFT, BOTTOM - 10, 'Please confirm within one business day. Invoices by broadcast month.', { size: 7, grey: 0.4 });
  return p;
}

// One row a program and week: agencies and cable systems print no weeks below a line.
function weekTable(p, paper, top, rateHead, network) {
  let y = top;
  p.box(LEFT, y - 3, RIGHT - LEFT, 14, 0.88);
  for (const [x, t] of [[LEFT + 4, 'Line'], [66, network ?? 'Program'], [180, 'Days'], [240, 'Start Date'], [300, 'End Date']]) label(p, x, y, t);
  for (const [x, t] of [[430, 'Spots'], [500, rateHead], [RIGHT - 2, 'Total']]) label(p, x, y, t, { align: 'right' });
  y += 15;
  let number = 0;
  paper.lines.forEach((line) => line.spots.forEach((spots, w) => {
    if (spots === 0) return;
    const first = monday(line.from) + 7 * w;
    number += 1;
    p.text(LEFT + 4, y, number);
    p.text(66, y, line.program);
    p.text(180, y, line.days, { font: 'mono' });
    p.text(240, y, long(Math.max(first, line.from)));
    p.text(300, y, long(Math.min(first + 6, line.to)));
    p.text(430, y, spots, { align: 'right' });
    p.text(500, y, dollars(line.rate_cents), { align: 'right' });
    p.text(RIGHT - 2, y, dollars(spots * line.rate_cents), { align: 'right' });
    y += 12;
  }));
  p.line(LEFT, y + 1, RIGHT, y + 1);
  return y + 10;
}

function cable(paper) {
  const p = new Paper().page();
  heading(p, 306, 30, 'CABLE ORDER');
  p.line(LEFT, 54, RIGHT, 54, 1);
  const c = cables[paper.vendor];
  const rows = [
    [['Order #', paper.order_no], ['Client', paper.printed]],
    [['Rev', String(paper.revision)], ['Agency', paper.agency]],
    [['System', paper.vendor], ['Zone', c.zone]],
    [['Market', marketName(c.market)], ['Flight Dates', `${long(paper.from)} - ${long(paper.to)}`]],
  ];
  let y = 66;
  for (const [a, b] of rows) {
    beside(p, LEFT, y, ...a, 60);
    beside(p, 320, y, ...b, 70);
    y += 16;
  }
  y = weekTable(p, paper, y + 12, 'Rate', 'Network');
  const gross = paperTotal(paper);
  for (const [name, value] of [['Gross Total', dollars(gross)], ['Agency Commission', dollars(commissionOf(gross))], ['Net Total', dollars(gross - commissionOf(gross))]]) {
    label(p, 400, y + 1, `${name}:`);
    p.text(RIGHT - 2, y, value, { size: 9, align: 'right' });
    y += 13;
  }
  return p;
}

function form(paper) {
  const p = new Paper().page();
  heading(p, 306, 40, 'AGREEMENT FORM FOR POLITICAL CANDIDATE ADVERTISEMENTS');
  const s = stations[paper.vendor];
  p.text(LEFT, 80, `Station and Location: ${s.name}, ${s.city}`, { size: 10 });
  p.text(430, 80, `Date: ${long(paper.date)}`, { size: 10 });
  const lines = [
    'I, Quill Ambrose, do hereby request station time as follows:', '',
    'BROADCAST LENGTH        TIME OF DAY        DAYS        CLASS        TIMES PER WEEK', 'Thirty seconds, as set out in the orders that follow.', '',
    `This advertisement time will be paid for by: ${paper.printed}`, 'Candidate: Marisol Vance, for the office of United States Senator', 'Treasurer of the committee: Ines Calloway', '',
    'The candidate certifies that the broadcast will say who paid for it.', 'To be signed by candidate or authorized committee: Quill Ambrose',
  ];
  lines.forEach((t, i) => p.text(LEFT, 110 + 18 * i, t, { size: 10 }));
  return p;
}

function scan() {
  const p = new Paper().page();
  p.picture();
  return p;
}

export const layouts = { traffic, invoice, rep, agency: agencys, cable, form, scan };
