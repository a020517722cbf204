// race.mjs - the invented race: who runs, who buys, where, when. Everything here is made up.
//
// How:  a buy is an order with printed lines; a line has a program, weekdays, a rate and spots a week. Rates are whole multiples
//       of 20 dollars, so that 15 % commission never leaves part of a cent. Papers (papers.mjs) print this, truth.mjs adds it up.
import { day, monday } from './days.mjs';

export const COMMISSION_BP = 1500;

export const markets = [
  { code: 901, name: 'Port Alden', rank: 31, homes: 812000, aliases: ['Port Alden-Harwick', 'PORT ALDEN'] },
  { code: 902, name: 'Linden', rank: 58, homes: 455000, aliases: ['Linden-Oak Ferry'] },
  { code: 903, name: 'Marrow Valley', rank: 97, homes: 231000, aliases: ['Marrow Valley-Tillman', 'Marrow Vly'] },
  { code: 904, name: 'Lakemont', rank: 142, homes: 118000, aliases: ['Lakemont-East Pier'] },
];

export const stations = {
  WAAA: { market: 901, city: 'PORT ALDEN', facility: 900101, network: 'Union One', name: 'WAAA-TV', channel: 4, street: '200 Harbor Terrace' },
  WBBB: { market: 901, city: 'HARWICK', facility: 900102, network: 'Meridian', name: 'WBBB', channel: 9, street: '41 Signal Hill Road' },
  KCCC: { market: 902, city: 'LINDEN', facility: 900103, network: 'Union One', name: 'KCCC-TV', channel: 6, street: '1180 Linden Parkway' },
  KDDD: { market: 902, city: 'OAK FERRY', facility: 900104, network: 'Meridian', name: 'KDDD', channel: 11, street: '77 Ferry Street' },
  WEEE: { market: 903, city: 'TILLMAN', facility: 900105, network: 'Union One', name: 'WEEE-TV', channel: 3, street: '9 Quarry Lane' },
  WFFF: { market: 903, city: 'MARROW', facility: 900106, network: 'Continental', name: 'WFFF', channel: 13, street: '560 Valley Pike' },
  WGGG: { market: 904, city: 'LAKEMONT', facility: 900107, network: 'Meridian', name: 'WGGG', channel: 7, street: '18 Pier Avenue' },
};

export const cables = {
  'Northline Cable 0417': { market: 902, zone: 'Linden Metro', folder: 'NORTHLINE' },
  'Lakeshore Broadband 2230': { market: 904, zone: 'Lakemont East', folder: 'LAKESHORE' },
};

// `printed` is the spelling on papers where it is not the name: it must reach the advertiser as an alias.
export const advertisers = {
  harlan: { name: 'Harlan for Senate', side: 'for', printed: ['Harlan for Senate', 'POL/Harlan/D/US SEN'] },
  franklin: { name: 'Forward Together Fund', side: 'for', printed: ['Forward Together Fund'] },
  teachers: { name: 'Classroom Voices PAC', side: 'for', printed: ['Classroom Voices PAC'] },
  vance: { name: 'Marisol Vance for Senate', side: 'against', printed: ['Marisol Vance for Senate', 'Friends of Marisol Vance'] },
  budget: { name: 'Honest Budgets Action', side: 'against', printed: ['Honest Budgets Action'] },
  rivers: { name: 'Two Rivers Majority', side: 'against', printed: ['Two Rivers Majority'] },
  turnout: { name: 'Every Ballot Coalition', side: 'neutral', printed: ['Every Ballot Coalition'] },
};

export const campaign = {
  name: 'US Senate 2026: Harlan - Vance',
  client: 'Harlan for Senate',
  office: 'US Senate',
  election_date: '2026-11-03',
  tz: 'America/New_York',
  week_basis: 'broadcast',
  commission_bp: COMMISSION_BP,
  markets: markets.map((m) => m.code),
  advertisers: Object.values(advertisers).map((a) => ({ name: a.name, side: a.side, aliases: a.printed.filter((p) => p !== a.name) })),
};

// [program, weekdays, time, rate in dollars] by station: its rate card.
const cards = {
  WAAA: [['Early News', 'MTWTF--', '5:00p-6:30p', 620], ['Morning Alden', 'MTWTF--', '6:00a-9:00a', 340], ['Prime Drama', 'MTWT---', '8:00p-10:00p', 1480], ['Sunday Football', '------S', '1:00p-4:00p', 2600]],
  WBBB: [['News at Six', 'MTWTF--', '6:00p-6:30p', 540], ['Talk of Harwick', 'MTWTF--', '10:00a-11:00a', 180], ['Late News', 'MTWTFSS', '11:00p-11:35p', 460]],
  KCCC: [['Linden Today', 'MTWTF--', '6:00a-8:00a', 220], ['Evening Report', 'MTWTF--', '5:30p-6:00p', 380], ['Weekend News', '-----SS', '6:00p-7:00p', 260]],
  KDDD: [['Quiz Hour', 'MTWTF--', '7:00p-8:00p', 300], ['Ten O Clock News', 'MTWTFSS', '10:00p-10:35p', 340], ['Game Day', '-----SS', '12:00p-5:00p', 720]],
  WEEE: [['Valley Morning', 'MTWTF--', '6:00a-9:00a', 120], ['News Three', 'MTWTFSS', '6:00p-7:00p', 240], ['Prime Rotation', 'MTWTF--', '8:00p-11:00p', 480]],
  WFFF: [['Thirteen at Five', 'MTWTF--', '5:00p-6:00p', 200], ['Movie Night', '----FS-', '8:00p-10:00p', 320]],
  WGGG: [['Pier News', 'MTWTF--', '6:00p-6:30p', 160], ['Breakfast Lakemont', 'MTWTF--', '6:00a-9:00a', 80], ['Sports Sunday', '------S', '12:00p-6:00p', 420]],
  'Northline Cable 0417': [['NEWS24', 'MTWTFSS', '6a-12m', 40], ['SPORTS ONE', 'MTWTFSS', '4p-12m', 60], ['HOME & COOK', 'MTWTF--', '9a-4p', 20]],
  'Lakeshore Broadband 2230': [['NEWS24', 'MTWTFSS', '6a-12m', 20], ['SPORTS ONE', 'MTWTFSS', '4p-12m', 40]],
};

// Lines of an order: every program of the rate card, `level` spots a week more or less.
function linesOf(vendor, from, to, level, seed) {
  return cards[vendor].map(([program, days, time, rate], k) => {
    const spots = [];
    for (let week = monday(from), w = 0; week <= to; week += 7, w++) {
      const wanted = Math.max(1, Math.round((level * (3 + ((w * 3 + k * 5 + seed) % 4))) / (rate > 1000 ? 8 : 4)));
      const opens = [...Array(7).keys()].some((i) => days[i] !== '-' && week + i >= from && week + i <= to);
      spots.push(opens ? wanted : 0);
    }
    return { program, days, time, rate_cents: rate * 100, from, to, spots };
  });
}

// Some variety between orders, from the digits of their number.
const seedOf = (order_no) => Number(order_no.replace(/\D/g, '')) % 7;

function buy(layout, vendor, advertiser, agency, order_no, from, to, level, more = {}) {
  const f = day(from), t = day(to), seed = seedOf(order_no);
  return {
    layout, vendor, advertiser, agency, order_no, from: f, to: t, doc_type: 'order', printed: advertisers[advertiser]?.printed[0],
    alt_order_no: null, revision: 0, entered: f - 12, revised: f - 12, estimate: String(1000 + seed * 37),
    ...more, lines: atStation(linesOf(vendor, f, t, level, seed), more.netOnly),
  };
}

// An order form that states what the station gets prints rates without the agency's 15 %.
const atStation = (lines, netOnly) => (netOnly ? lines.map((l) => ({ ...l, rate_cents: (l.rate_cents * 85) / 100 })) : lines);

const ALDER = 'Alder & Finch Media', COPPER = 'Copperline Buyers', BLUE = 'Blue Heron Media Partners', OAK = 'Oak Street Strategies';

const rev = (order, revision, level, revised, more = {}) => {
  const lines = linesOf(order.vendor, order.from, order.to, level, seedOf(order.order_no));
  return { ...order, revision, revised: day(revised), lines, ...more };
};

function invented() {
  const list = [];
  // Harlan: traffic orders in the large markets, one of them revised twice, cable besides.
  const main = buy('traffic', 'WAAA', 'harlan', ALDER, '410200', '2026-08-31', '2026-09-27', 4, { alt_order_no: '9026114' });
  list.push({ ...main, revision: 1 }, rev(main, 2, 6, '2026-08-27'), rev(main, 3, 5, '2026-09-09'));
  list.push(buy('traffic', 'WAAA', 'harlan', ALDER, '410377', '2026-09-29', '2026-11-02', 6, { printed: 'POL/Harlan/D/US SEN' }));
  list.push(buy('traffic', 'WBBB', 'harlan', ALDER, '518820', '2026-09-14', '2026-10-18', 5));
  list.push(buy('traffic', 'KCCC', 'harlan', ALDER, '73411', '2026-09-07', '2026-10-11', 5));
  list.push(buy('agency', 'KDDD', 'harlan', ALDER, 'HS-2041', '2026-10-06', '2026-11-02', 4));
  list.push(buy('traffic', 'WEEE', 'harlan', ALDER, '66120', '2026-09-21', '2026-11-01', 4));
  list.push(buy('cable', 'Northline Cable 0417', 'harlan', ALDER, '881207', '2026-09-14', '2026-10-11', 20));
  // Forward Together Fund: its papers come from the rep firm.
  list.push(buy('rep', 'WBBB', 'franklin', COPPER, '26911840', '2026-10-05', '2026-10-11', 7, { market: 901 }));
  list.push(buy('rep', 'WBBB', 'franklin', COPPER, '26911902', '2026-10-12', '2026-10-18', 8, { market: 901 }));
  list.push(buy('rep', 'KDDD', 'franklin', COPPER, '26912077', '2026-10-19', '2026-10-25', 8, { market: 902 }));
  list.push(buy('traffic', 'WGGG', 'franklin', COPPER, '30516', '2026-10-12', '2026-11-01', 5));
  // One order told by two systems: the rep firm's number is the alternate of the station's; the station's paper is newer.
  list.push(buy('rep', 'WFFF', 'franklin', COPPER, '26913355', '2026-10-19', '2026-10-25', 5, { market: 903, alt_order_no: '145520' }));
  list.push(buy('traffic', 'WFFF', 'franklin', COPPER, '145520', '2026-10-19', '2026-10-25', 6, { alt_order_no: '26913355', revision: 1, revised: day('2026-10-14') }));
  // Classroom Voices PAC: the agency's own order form states what the station gets, and the commission.
  list.push(buy('agency', 'WAAA', 'teachers', OAK, 'CV-118', '2026-09-21', '2026-10-04', 3, { netOnly: true }));
  list.push(buy('agency', 'KCCC', 'teachers', OAK, 'CV-121', '2026-09-28', '2026-10-11', 4, { netOnly: true }));
  // Vance: orders, one cancelled before it began, one closed in part by an invoice.
  list.push(buy('traffic', 'WAAA', 'vance', BLUE, '411015', '2026-09-08', '2026-10-05', 5));
  const closed = buy('traffic', 'WBBB', 'vance', BLUE, '519104', '2026-09-14', '2026-10-11', 4, { printed: 'Friends of Marisol Vance' });
  list.push(closed, invoiceOf(closed, '519104-1', '2026-08-31', '2026-09-27'));
  list.push(buy('traffic', 'KCCC', 'vance', BLUE, '73590', '2026-09-21', '2026-11-01', 5));
  const dropped = buy('traffic', 'KDDD', 'vance', BLUE, '220781', '2026-10-12', '2026-11-01', 6);
  list.push({ ...dropped, revision: 1 }, { ...dropped, revision: 2, revised: day('2026-10-07'), deleted: true });
  list.push(buy('traffic', 'WEEE', 'vance', BLUE, '66304', '2026-10-05', '2026-11-01', 4));
  list.push(buy('cable', 'Northline Cable 0417', 'vance', BLUE, '881344', '2026-10-05', '2026-11-01', 24));
  list.push(buy('cable', 'Lakeshore Broadband 2230', 'vance', BLUE, '40112', '2026-10-12', '2026-11-01', 30));
  // Honest Budgets Action and Two Rivers Majority.
  list.push(buy('rep', 'WAAA', 'budget', COPPER, '26914410', '2026-10-12', '2026-10-18', 6, { market: 901 }));
  list.push(buy('rep', 'WAAA', 'budget', COPPER, '26914411', '2026-10-19', '2026-10-25', 7, { market: 901, version: 1 }));
  list.push(buy('traffic', 'WFFF', 'budget', COPPER, '145207', '2026-09-28', '2026-10-25', 5));
  list.push(buy('agency', 'WGGG', 'budget', COPPER, 'HB-77', '2026-10-05', '2026-10-18', 5));
  list.push(buy('traffic', 'WBBB', 'rivers', OAK, '520003', '2026-10-20', '2026-11-02', 7));
  list.push(buy('traffic', 'KDDD', 'rivers', OAK, '221145', '2026-09-28', '2026-10-18', 4));
  // The neutral one.
  list.push(buy('traffic', 'WEEE', 'turnout', OAK, '66512', '2026-10-13', '2026-11-02', 3));
  list.push(buy('agency', 'KCCC', 'turnout', OAK, 'EBC-209', '2026-10-19', '2026-11-01', 3));
  // An advertiser of another race: its line waits for somebody to say where it belongs.
  list.push(buy('traffic', 'WGGG', null, OAK, '30777', '2026-10-05', '2026-10-18', 3, { printed: 'Kessler for Mayor' }));
  // Papers without dollars.
  list.push({ layout: 'form', vendor: 'WAAA', advertiser: 'vance', printed: 'Marisol Vance for Senate', date: day('2026-09-01') });
  list.push({ layout: 'scan', vendor: 'WBBB', name: 'scanned-order' });
  return list;
}

// What aired of an order in a billing period: every third spot at night slipped away, the rest ran on the first marked days.
function invoiceOf(order, invoice_no, from, to) {
  const airings = [];
  const f = day(from), t = day(to);
  order.lines.forEach((line, k) => {
    line.spots.forEach((n, w) => {
      const week = monday(order.from) + 7 * w;
      const open = [...Array(7).keys()].filter((i) => line.days[i] !== '-' && week + i >= order.from && week + i <= order.to).map((i) => week + i);
      for (let s = 0; s < n; s++) {
        const at = open[s % open.length];
        if (at < f || at > t || (k === 2 && s % 3 === 2)) continue;
        airings.push({ line: k + 1, date: at, time: `${5 + k}:${String(10 + ((s * 7 + w * 3) % 45)).padStart(2, '0')} PM`, rate_cents: line.rate_cents, program: line.program });
      }
    });
  });
  return { ...order, doc_type: 'invoice', layout: 'invoice', invoice_no, billing_from: f, billing_to: t, airings };
}

export const papers = invented();
