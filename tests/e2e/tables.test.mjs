// tables.test.mjs - stations and markets from outside: imported again and again, met by lines that came before them; exceptions.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allItems, startServer, storeInput, until } from './server.mjs';
import { campaign, cellsOf, line, matrix, orderPdf } from './with.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());

function facility(call, id, market, network = 'Union One') {
  const f = Array(30).fill('');
  [f[0], f[1], f[5], f[10], f[14], f[26], f[27]] = ['LINDEN', 'FR', call, 'DT', String(id), network, market];
  return f.join('|');
}
const send = (what, text, type = 'text/plain') => server.api('POST', `/api/v1/${what}/import`, text, { 'content-type': type });
const markets = (list) => send('markets', JSON.stringify(list), 'application/json');

test('tables: markets by JSON and CSV, known ones are the same, changed ones change', async () => {
  const first = await markets([{ code: 901, name: 'Port Alden', rank: 31, aliases: ['Alden'] }, { code: 902, name: 'Linden', rank: 58 }]);
  assert.equal(first.status, 200, first.text);
  assert.equal(first.json.added, 2);
  const again = await markets([{ code: 901, name: 'Port Alden', rank: 31, aliases: ['Alden'] }, { code: 902, name: 'Linden', rank: 57 }]);
  assert.deepEqual([again.json.added, again.json.changed, again.json.same], [0, 1, 1]);
  const csv = await send('markets', 'DMA Code,Name,Rank\n903,"Marrow Valley, The",97\n', 'text/csv');
  assert.equal(csv.json.added, 1, csv.text);
  const listed = await allItems(server, '/api/v1/markets');
  assert.deepEqual(listed.map((m) => [m.dma_code, m.name, m.rank]).sort(), [[901, 'Port Alden', 31], [902, 'Linden', 57], [903, 'Marrow Valley, The', 97]]);
});

test('tables: what is no table is refused with its place, and nothing of it is taken', async () => {
  const before = (await allItems(server, '/api/v1/markets')).length;
  for (const [text, type] of [['{', 'application/json'], ['[{"code":904}]', 'application/json'], ['[{"code":904,"name":"Fine"},{"code":5,"name":"Bad"}]', 'application/json'], ['Code,Name\n904,Fine\n5,Bad\n', 'text/csv']]) {
    const answer = await send('markets', text, type);
    assert.ok([400, 422].includes(answer.status), `${text}: ${answer.status}`);
  }
  assert.equal((await allItems(server, '/api/v1/markets')).length, before);
});

test('tables: stations know their market; the same table again changes nothing, a moved one keeps its id', async () => {
  const table = `${facility('KCCC-TV', 700001, 'Linden')}\n${facility('WAAA', 700002, 'Alden')}\nnonsense|line\n`;
  const first = await send('stations', table);
  assert.equal(first.status, 200, first.text);
  assert.equal(first.json.added, 2);
  const again = await send('stations', table);
  assert.deepEqual([again.json.added, again.json.changed, again.json.same], [0, 0, 2]);
  const stations = await allItems(server, '/api/v1/stations');
  const of = (call, list = stations) => list.find((s) => s.call_sign === call);
  assert.deepEqual([of('KCCC').dma_code, of('WAAA').dma_code], [902, 901]);
  await send('stations', facility('KCCC-TV', 700001, 'Port Alden'));
  const later = of('KCCC', await allItems(server, '/api/v1/stations'));
  assert.deepEqual([later.dma_code, later.id], [901, of('KCCC').id]);
  await send('stations', facility('KCCC-TV', 700001, 'Linden'));
});

test('tables: a posted line takes its market from its station', async () => {
  const race = await campaign(server);
  const made = await line(server, race.id, { station: 'kccc-tv', market: undefined });
  assert.equal(made.market, 902);
  assert.equal((await matrix(server, race.id)).rows[0].labels.station, 'KCCC');
});

test('tables: a station that comes later gives its market to lines that were there before', async () => {
  const own = await startServer();
  try {
    const put = (what, text) => own.api('POST', `/api/v1/${what}/import`, text, { 'content-type': what === 'markets' ? 'application/json' : 'text/plain' });
    await put('markets', JSON.stringify([{ code: 902, name: 'Linden' }]));
    const race = await campaign(own, { markets: [902], advertisers: [{ name: 'Early Bird PAC', side: 'for' }] });
    await storeInput(own, 'k.pdf', orderPdf({ number: '7700001', advertiser: 'Early Bird PAC', station: 'KLMN' }));
    await storeInput(own, 'k2.pdf', orderPdf({ number: '7700002', advertiser: 'Early Bird PAC', station: 'KLMN' }));
    const lines = () => allItems(own, `/api/v1/buy-lines?campaign_id=${race.id}`);
    assert.equal((await lines()).length, 0, 'an unknown market is not one of the campaign\'s');
    assert.deepEqual((await allItems(own, '/api/v1/pending')).map((l) => [l.station, l.market]), [['KLMN', null], ['KLMN', null]]);
    await put('stations', facility('KLMN', 700009, 'Linden'));
    await until('both lines arrive', async () => (await lines()).length === 2);
    assert.deepEqual((await lines()).map((l) => [l.market, l.gross_cents]), [[902, 100000], [902, 100000]]);
    assert.deepEqual(cellsOf(await matrix(own, race.id)), { '2026-10-12': 200000 });
    assert.equal((await allItems(own, '/api/v1/pending')).length, 0);
  } finally {
    await own.stop();
  }
});

test('tables: an unknown call sign is one exception, however many papers name it', async () => {
  const own = await startServer();
  try {
    for (const number of ['7800001', '7800002', '7800003']) await storeInput(own, `${number}.pdf`, orderPdf({ number, station: 'WZZY' }));
    const missing = (await allItems(own, '/api/v1/exceptions')).filter((e) => e.kind === 'missing_station');
    assert.equal(missing.length, 1);
  } finally {
    await own.stop();
  }
});
