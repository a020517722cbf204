// inputs.test.mjs - documents as bytes over HTTP: stored once, read, given back harmlessly; what is assigned where.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { allItems, startServer, storeInput, until } from './server.mjs';
import { assertFaults, campaign, cellsOf, matrix, orderPdf } from './with.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());
const post = (query, bytes, headers = { 'content-type': 'application/pdf' }) => server.api('POST', `/api/v1/inputs${query}`, bytes, headers);

test('inputs: new bytes are 202, known bytes 200 with the first id, whatever their name', async () => {
  const bytes = orderPdf({ number: '9000001' });
  const first = await post('?source=fcc&filename=WAAA/a.pdf', bytes);
  assert.equal(first.status, 202, first.text);
  assert.match(first.json.id, /^in_/);
  assert.equal(first.json.sha256, createHash('sha256').update(bytes).digest('hex'));
  const again = await post('?source=fcc&filename=other.pdf', bytes);
  assert.deepEqual([again.status, again.json.id, again.json.sha256], [200, first.json.id, first.json.sha256]);
});

test('inputs: the same new bytes sent many times at once are stored once', async () => {
  const bytes = orderPdf({ number: '9000002' });
  const all = await Promise.all(Array.from({ length: 16 }, () => post('?source=fcc&filename=b.pdf', bytes)));
  assert.deepEqual([...new Set(all.map((a) => a.json.id))].length, 1);
  assert.equal(all.filter((a) => a.status === 202).length, 1, String(all.map((a) => a.status)));
});

test('inputs: what was read of one stands in its record, its lines and its document', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Reader PAC', side: 'for' }] });
  const input = await storeInput(server, 'WAAA/order.pdf', orderPdf({ number: '9000003', advertiser: 'Reader PAC' }));
  assert.deepEqual([input.status, input.documents, input.lines, input.exceptions >= 0], ['parsed', 1, 1, true]);
  const [line] = (await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`)).filter((l) => l.order_no === '9000003');
  assert.deepEqual([line.gross_cents, line.flight_from, line.flight_to, line.station, line.source, line.stage, line.standing, line.input_id], [100000, '2026-10-12', '2026-10-18', 'WAAA', 'fcc', 'ordered', 'winner', input.id]);
  const document = (await server.api('GET', `/api/v1/documents/${line.document_id}`)).json;
  assert.equal(document.at.gross_cents.text, '$1,000.00');
  assert.deepEqual(document.at.gross_cents.box.length, 4);
  assert.deepEqual(cellsOf(await matrix(server, race.id)), { '2026-10-12': 100000 });
});

test('inputs: the bytes come back as they came, as an attachment that no browser runs', async () => {
  const pdf = orderPdf({ number: '9000004' });
  const { json } = await post('?source=fcc&filename=folder/na%22me%0d.pdf'.replace('%0d', ''), pdf);
  const answer = await fetch(`${server.url}/api/v1/inputs/${json.id}/content`, { headers: { 'x-api-key': server.key } });
  assert.equal(answer.status, 200);
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(pdf));
  assert.equal(answer.headers.get('content-type'), 'application/pdf');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-disposition'), /^attachment/);
  assert.doesNotMatch(answer.headers.get('content-disposition'), /folder\//);
  assert.match(answer.headers.get('content-security-policy'), /sandbox/);
});

test('inputs: what only says it is a PDF comes back as plain bytes', async () => {
  const html = Buffer.from('<html><script>alert(1)</script></html>');
  assertFaults(await post('?source=fcc&filename=x.html', html, { 'content-type': 'text/html' }), 415);
  const { json } = await post('?source=fcc&filename=x.html', html);
  const answer = await fetch(`${server.url}/api/v1/inputs/${json.id}/content`, { headers: { 'x-api-key': server.key } });
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.match(answer.headers.get('content-disposition'), /^attachment/);
  assert.match(answer.headers.get('content-security-policy'), /sandbox/);
});

test('inputs: filename is 1 to 255 bytes of UTF-8 without control characters', async () => {
  let n = 0;
  const fresh = () => orderPdf({ number: `91${String(++n).padStart(5, '0')}` });
  for (const bad of ['', 'a'.repeat(256), '%00', 'a%0ab', 'a%1fb', '%7f', '%c2%85', '%ff%fe', '%c3%28', '%ed%a0%80']) {
    const answer = await post(`?source=fcc&filename=${bad}`, fresh());
    assertFaults(answer, 422, ['filename']);
  }
  for (const good of ['a', 'a'.repeat(255), '..%2F..%2Fetc%2Fpasswd', '%2Fabs%2Fx.pdf', 'W%C3%84%C3%84.pdf', 'con.pdf', '%F0%9F%93%BA.pdf']) {
    const answer = await post(`?source=fcc&filename=${good}`, fresh());
    assert.equal(answer.status, 202, `${good}: ${answer.text}`);
    assert.equal((await server.api('GET', `/api/v1/inputs/${answer.json.id}`)).json.filename, decodeURIComponent(good));
  }
});

test('inputs: source, filename and campaign are checked, unknown parameters refused', async () => {
  const pdf = orderPdf({ number: '9000007' });
  assertFaults(await post('', pdf), 422, ['source', 'filename']);
  assertFaults(await post('?source=nowhere&filename=a.pdf', pdf), 422, ['source']);
  assertFaults(await post('?source=fcc&filename=a.pdf&campaign_id=cmp_0000004zzzzzz', pdf), 422, ['campaign_id']);
  assertFaults(await post('?source=fcc&filename=a.pdf&colour=red', pdf), 422, ['colour']);
  assertFaults(await post('?source=fcc&filename=a.pdf&filename=b.pdf', pdf), 422, ['filename']);
});

test('inputs: a body too large is refused, other types and encodings are 415', async () => {
  const big = await post('?source=fcc&filename=a.pdf', new Uint8Array((16 << 20) + 1)).catch((e) => e);
  assert.ok(big instanceof Error || big.status === 413, String(big.status));
  const pdf = orderPdf({ number: '9000008' });
  assertFaults(await post('?source=fcc&filename=a.pdf', pdf, { 'content-type': 'application/pdf', 'content-encoding': 'gzip' }), 415);
  assertFaults(await server.api('POST', '/api/v1/campaigns', '{"name":"x"}', { 'content-type': 'text/plain' }), 415);
  assertFaults(await server.api('POST', '/api/v1/campaigns', '{"name":"x"}', { 'content-encoding': 'identity' }), 415);
});

test('inputs: MAX_BODY_MB bytes exactly are taken', async () => {
  const answer = await post('?source=fcc&filename=big.bin', new Uint8Array(16 << 20).fill(7), { 'content-type': 'application/octet-stream' });
  assert.equal(answer.status, 202, answer.text);
});

test('inputs: a line goes to every campaign that wants it, with an id of its own', async () => {
  const [a, b, c] = [
    await campaign(server, { advertisers: [{ name: 'Everywhere PAC', side: 'for' }] }),
    await campaign(server, { advertisers: [{ name: 'Nobody', side: 'for' }], keywords: ['everywhere'] }),
    await campaign(server, { advertisers: [{ name: 'Somebody Else', side: 'for' }] }),
  ];
  await storeInput(server, 'e.pdf', orderPdf({ number: '9000009', advertiser: 'EVERYWHERE P.A.C.' }));
  const lines = await Promise.all([a, b, c].map(async ({ id }) => (await allItems(server, `/api/v1/buy-lines?campaign_id=${id}`)).filter((l) => l.order_no === '9000009')));
  assert.deepEqual(lines.map((l) => l.length), [1, 1, 0]);
  assert.notEqual(lines[0][0].id, lines[1][0].id);
  assert.equal(lines[0][0].document_id, lines[1][0].document_id);
  assert.deepEqual(lines.slice(0, 2).map(([l]) => l.side), ['for', 'neutral']);
});

test('inputs: campaign_id sends every line there too, also for known bytes', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Quite Another', side: 'for' }] });
  const pdf = orderPdf({ number: '9000010', advertiser: 'Stray Cats' });
  await storeInput(server, 's.pdf', pdf);
  const linesOf = async () => (await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`)).filter((l) => l.order_no === '9000010').length;
  assert.equal(await linesOf(), 0);
  assert.equal((await post(`?source=fcc&filename=s.pdf&campaign_id=${race.id}`, pdf)).status, 200);
  await until('the line arrives', async () => (await linesOf()) === 1);
  await post(`?source=fcc&filename=s.pdf&campaign_id=${race.id}`, pdf);
  assert.equal(await linesOf(), 1, 'once is enough');
});

test('inputs: a pending line is given to a campaign, and widening criteria takes lines from the pending list', async () => {
  const own = await startServer();
  try {
    const race = await campaign(own, { advertisers: [{ name: 'Known One', side: 'for' }] });
    for (const [number, advertiser] of [['9200001', 'Left Over'], ['9200002', 'Later Wanted']]) await storeInput(own, `${number}.pdf`, orderPdf({ number, advertiser }));
    const pending = await until('two pending', async () => {
      const items = await allItems(own, '/api/v1/pending');
      return items.length === 2 && items;
    });
    const left = pending.find((l) => l.advertiser === 'Left Over');
    const given = await own.api('POST', `/api/v1/pending/${left.id}/assign`, { campaign_id: race.id });
    assert.ok([200, 201].includes(given.status), given.text);
    await until('the line is in the campaign', async () => (await allItems(own, `/api/v1/buy-lines?campaign_id=${race.id}`)).some((l) => l.order_no === '9200001'));
    assert.equal((await own.api('POST', `/api/v1/pending/${left.id}/assign`, { campaign_id: 'cmp_0000004zzzzzz' })).status >= 400, true);
    assert.equal((await allItems(own, '/api/v1/pending')).length, 1);
    const wider = await own.api('PATCH', `/api/v1/campaigns/${race.id}`, { advertisers: [{ name: 'Known One', side: 'for' }, { name: 'Later Wanted', side: 'against' }] });
    assert.equal(wider.status, 200, wider.text);
    await until('the second follows', async () => (await allItems(own, `/api/v1/buy-lines?campaign_id=${race.id}`)).some((l) => l.order_no === '9200002' && l.side === 'against'));
    assert.equal((await allItems(own, '/api/v1/pending')).length, 0);
    assert.deepEqual(Object.values(cellsOf(await matrix(own, race.id))), [200000]);
    assert.equal((await own.api('POST', '/api/v1/pending/bl_0000004zzzzzz/assign', { campaign_id: race.id })).status, 404);
  } finally {
    await own.stop();
  }
});

test('inputs: a paper without dollars makes a line with NULL amount and an exception, and no zero', async () => {
  const race = await campaign(server, { advertisers: [{ name: 'Unpriced', side: 'for' }] });
  await storeInput(server, 'u.pdf', orderPdf({ number: '9000011', advertiser: 'Unpriced', gross: 'TBA', rate: 'TBA' }));
  const [line] = await allItems(server, `/api/v1/buy-lines?campaign_id=${race.id}`);
  assert.deepEqual([line.gross_cents, line.net_cents], [null, null]);
  const kinds = (await allItems(server, `/api/v1/exceptions?campaign_id=${race.id}`)).map((e) => e.kind);
  assert.ok(kinds.includes('missing_amount'), String(kinds));
  assert.equal((await matrix(server, race.id)).totals.total_cents, 0);
  assert.deepEqual(Object.values(cellsOf(await matrix(server, race.id))).filter((c) => c !== null), []);
});
