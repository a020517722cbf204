// bad.test.mjs - what hostile or broken peers and files may do: cost their own request, nothing else.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { allItems, raw, sleep, startServer, storeInput } from './server.mjs';
import { assertFaults, campaign, line, lineBody, matrix, orderPdf } from './with.mjs';
import { Paper } from '../../samples/pdf.mjs';

let server, race;
before(async () => {
  server = await startServer();
  race = await campaign(server);
});
after(async () => {
  assert.equal(server.ended(), null, 'the server is still there');
  assert.equal(await server.stop(), 0);
});
const alive = async () => assert.deepEqual((await server.api('GET', '/api/v1/ping')).json, { status: 'ok' });
const post = (body, headers) => server.api('POST', '/api/v1/buy-lines', body, headers);

// ---- JSON ----

test('bad JSON: malformed, cut off, doubled, commented: 400', async () => {
  const good = JSON.stringify(lineBody(race.id));
  for (const bad of ['', ' ', '{', '}', '{"a":}', '{"a":1,}', '{a:1}', "{'a':1}", '{"a":1}{"b":2}', `${good}x`, good.slice(0, -1), '{"a":01}', '{"a":+1}', '{"a":.5}', '{"a":1e}', '{"a":NaN}', '{"a":tru}', '// x\n{}', '{"a":"\u0001"}', '{"a":"\\x"}', '{"a":"\\u12"}', '\ufeff{', '{"a":"\n"}', 'undefined', '[1,2', '{"a"}', '{"a" 1}', '"', '\\']) {
    assertFaults(await post(bad), 400);
  }
});

test('bad JSON: invalid UTF-8, lone surrogates and NUL are refused, wherever they stand', async () => {
  const around = (bytes) => Buffer.concat([Buffer.from('{"campaign_id":"x","advertiser":"'), Buffer.from(bytes), Buffer.from('"}')]);
  for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xc0, 0x80], [0xe2, 0x82], [0xf8, 0x88, 0x80, 0x80, 0x80], [0x00]]) {
    assertFaults(await post(around(bytes)), 400);
  }
  for (const escape of ['\\ud800', '\\udc00\\ud800', '\\u0000']) {
    const answer = await post(JSON.stringify(lineBody(race.id)).replace('"Ours"', `"a${escape}b"`));
    assert.ok([400, 422].includes(answer.status), `${escape}: ${answer.status} ${answer.text}`);
  }
});

test('bad JSON: depth and size are bounded', async () => {
  for (const depth of [100, 10000, 1000000]) {
    const answer = await post('['.repeat(depth));
    assert.ok([400, 422].includes(answer.status), String(answer.status));
  }
  const deep = await post(`{"advertiser":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`);
  assert.ok([400, 422].includes(deep.status), String(deep.status));
  const long = await post(lineBody(race.id, { advertiser: 'x'.repeat(10 << 20) }));
  assertFaults(long, 422, ['advertiser']);
  const many = await post(`{${Array.from({ length: 200000 }, (_, i) => `"k${i}":1`).join(',')}}`);
  assert.ok([400, 422].includes(many.status));
  assert.ok(many.text.length < 1 << 20, 'the list of faults is bounded');
  const lists = await post(lineBody(race.id, { hiatus: Array.from({ length: 101 }, () => ({ from: '2026-10-13', to: '2026-10-13' })) }));
  assertFaults(lists, 422, ['hiatus']);
  const numbers = await post(JSON.stringify(lineBody(race.id)).replace('2100000', `1${'0'.repeat(100000)}`));
  assertFaults(numbers, 422, ['gross_cents']);
  await alive();
});

test('bad JSON: a member given twice is refused', async () => {
  const answer = await post(JSON.stringify(lineBody(race.id)).replace('{', '{"gross_cents":1,'));
  assert.ok([400, 422].includes(answer.status), answer.text);
});

test('bad text: markup and odd letters are only text', async () => {
  for (const advertiser of ['<script>alert(1)</script>', "'; DROP TABLE buy_line; --", '\u202egnp.exe', '💸💸', 'ß', '../../etc/passwd', '{{7*7}}', '%s%n%s']) {
    const own = await campaign(server);
    const made = await line(server, own.id, { advertiser });
    assert.equal(made.advertiser, advertiser);
    assert.equal((await matrix(server, own.id)).rows.find((r) => r.kind === 'leaf').labels.advertiser, advertiser);
  }
});

// ---- HTTP/1.1 ----

const HIDDEN = 'GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n';
const head = (...lines) => `POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${lines.map((l) => `${l}\r\n`).join('')}\r\n`;
const hex = (s) => s.length.toString(16);

test('smuggling: two Content-Length headers are refused and nothing behind them is answered', async () => {
  for (const lines of [['Content-Length: 2', `Content-Length: ${2 + HIDDEN.length}`], [`Content-Length: ${2 + HIDDEN.length}`, 'Content-Length: 2'], ['Content-Length: 2', 'content-length: 2']]) {
    const { text, closed } = await raw(server, `${head(...lines)}{}${HIDDEN}`);
    assert.match(text, /^HTTP\/1\.1 400 /, lines.join());
    assert.equal(text.split('HTTP/1.1 ').length - 1, 1, `one answer, not ${text}`);
    assert.ok(closed);
  }
});

test('smuggling: Content-Length beside chunked is refused, in both orders', async () => {
  for (const lines of [['Content-Length: 5', 'Transfer-Encoding: chunked'], ['Transfer-Encoding: chunked', 'Content-Length: 5'], ['Content-Length: 5', 'transfer-encoding:chunked'], ['Content-Length: 5', 'Transfer-Encoding: identity, chunked']]) {
    const { text, closed } = await raw(server, `${head(...lines)}0\r\n\r\n${HIDDEN}`);
    assert.match(text, /^HTTP\/1\.1 (400|501) /, lines.join());
    assert.equal(text.split('HTTP/1.1 ').length - 1, 1, text);
    assert.ok(closed);
  }
});

test('smuggling: odd lengths, codings and chunks do not hide a request', async () => {
  const answers = async (bytes) => (await raw(server, bytes, { ms: 1500 })).text.split('HTTP/1.1 ').slice(1).map((t) => t.slice(0, 3));
  const all = [
    `${head('Content-Length: -1')}${HIDDEN}`, `${head('Content-Length: 0x10')}${HIDDEN}`, `${head('Content-Length: 99999999999999999999')}${HIDDEN}`, `${head('Content-Length: 1, 2')}{}${HIDDEN}`, `${head('Content-Length : 2')}{}${HIDDEN}`,
    `${head('Transfer-Encoding: xchunked')}0\r\n\r\n${HIDDEN}`, `${head('Transfer-Encoding: chunked')}zz\r\n{}\r\n0\r\n\r\n${HIDDEN}`, `${head('Transfer-Encoding: chunked')}ffffffffffffffff\r\n{}\r\n${HIDDEN}`, `${head('Transfer-Encoding: chunked')}-2\r\n{}\r\n0\r\n\r\n${HIDDEN}`,
  ];
  for (const [bytes, got] of await Promise.all(all.map(async (b) => [b, await answers(b)]))) {
    assert.ok(!got.includes('200'), `${JSON.stringify(bytes.slice(60, 160))}: ${got}`);
  }
  const fine = await answers(`${head('Transfer-Encoding: chunked')}${hex('{}')}\r\n{}\r\n0\r\n\r\n${HIDDEN}`);
  assert.deepEqual(fine.slice(1), ['200'], 'a proper chunked request is followed by the next one');
});

test('bad HTTP: nonsense on the wire ends that connection only', async () => {
  for (const bytes of ['\0\0\0\0', 'GET', 'GET / HTTP/9.9\r\n\r\n', `GET /${'a'.repeat(70000)} HTTP/1.1\r\nHost: x\r\n\r\n`, `GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(5000)}\r\n`, 'GET /api/v1/ping HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n', 'GET http://other/api/v1/ping HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n']) {
    await raw(server, bytes, { ms: 400 });
    await alive();
  }
});

test('bad HTTP: a percent that is none and dots do not leave the tree', async () => {
  for (const path of ['/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/assets/../../../etc/passwd', '//etc/passwd', '/%00', '/a%zz', '/api/v1/campaigns/%ff', '/.git/config', '/index.html%00.js']) {
    const { text } = await raw(server, `GET ${path} HTTP/1.1\r\nHost: x\r\nx-api-key: ${server.key}\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(text, /root:.*:0:0/);
    assert.match(text, /^HTTP\/1\.1 (400|404|422|200) /, path);
  }
});

test('slow clients: stalled heads and bodies do not stop others', async () => {
  const stalled = Array.from({ length: 150 }, (_, i) => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(i % 2 ? 'GET /api/v1/ping HTT' : `POST /api/v1/buy-lines HTTP/1.1\r\nHost: x\r\nx-api-key: ${server.key}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"campaign_id":`);
    return socket;
  });
  try {
    await sleep(200);
    const began = Date.now();
    for (let i = 0; i < 20; i++) {
      await alive();
      await line(server, race.id, { gross_cents: 1 });
    }
    assert.ok(Date.now() - began < 4000, `20 rounds took ${Date.now() - began} ms`);
  } finally {
    for (const socket of stalled) socket.destroy();
  }
  await alive();
});

test('slow clients: one that delivers nothing is disconnected', async () => {
  const began = Date.now();
  const { closed } = await raw(server, 'POST /api/v1/buy-lines HTTP/1.1\r\nHost: x\r\nContent-Le', { ms: 25000 });
  assert.ok(closed, 'within 25 s');
  assert.ok(Date.now() - began > 2000, 'but is given some time');
});

test('slow clients: a reader that takes nothing does not hold up writers', async () => {
  const own = await campaign(server);
  for (let i = 0; i < 40; i++) await line(server, own.id, { station: `W${String.fromCharCode(65 + (i % 26), 65 + i / 26)}Z` });
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.pause();
    socket.write(`GET /api/v1/live?campaign_id=${own.id} HTTP/1.1\r\nHost: x\r\nx-api-key: ${server.key}\r\n\r\n`);
    return socket;
  });
  try {
    const began = Date.now();
    await Promise.all(Array.from({ length: 300 }, () => line(server, own.id, { gross_cents: 100 })));
    assert.ok(Date.now() - began < 8000);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

// ---- HTTP/2, frame by frame ----

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
function frame(type, flags, stream, payload = Buffer.alloc(0)) {
  const h = Buffer.alloc(9);
  h.writeUIntBE(payload.length, 0, 3);
  h[3] = type;
  h[4] = flags;
  h.writeUInt32BE(stream, 5);
  return Buffer.concat([h, payload]);
}
// GET /api/v1/ping as literal headers without indexing: no table, so that every block stands alone.
function headersOf(fields) {
  return Buffer.concat(Object.entries(fields).map(([k, v]) => Buffer.concat([Buffer.from([0x00, k.length]), Buffer.from(k), Buffer.from([v.length]), Buffer.from(v)])));
}
const PING = headersOf({ ':method': 'GET', ':scheme': 'http', ':path': '/api/v1/ping', ':authority': 'x' });

function http2Socket(bytes, ms) {
  return raw(server, Buffer.concat([PREFACE, frame(4, 0, 0), ...bytes]), { ms });
}

test('HTTP/2: rapid reset of requests that wait for an answer ends the connection, others go on', async () => {
  const own = await campaign(server);
  const body = Buffer.from(JSON.stringify(lineBody(own.id, { gross_cents: 1 })));
  const post1 = headersOf({ ':method': 'POST', ':scheme': 'http', ':path': '/api/v1/buy-lines', ':authority': 'x', 'content-type': 'application/json', 'x-api-key': server.key });
  const flood = [];
  for (let i = 0; i < 3000; i++) flood.push(frame(1, 4, 2 * i + 1, post1), frame(0, 1, 2 * i + 1, body), frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])));
  const floods = Array.from({ length: 4 }, () => http2Socket(flood, 8000));
  const began = Date.now();
  for (let i = 0; i < 10; i++) await alive();
  assert.ok(Date.now() - began < 5000, 'others were answered meanwhile');
  for (const { closed } of await Promise.all(floods)) assert.ok(closed, 'the flooding connection is ended');
  await alive();
});

test('HTTP/2: rapid reset of cheap requests and of half ones holds up nobody', async () => {
  for (const flags of [5, 4]) {
    const flood = [];
    for (let i = 0; i < 6000; i++) flood.push(frame(1, flags, 2 * i + 1, PING), frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])));
    const floods = Array.from({ length: 4 }, () => http2Socket(flood, 1500));
    const began = Date.now();
    for (let i = 0; i < 10; i++) await alive();
    assert.ok(Date.now() - began < 3000, 'others were answered meanwhile');
    await Promise.all(floods);
    await alive();
  }
});

test('HTTP/2: floods of settings, pings, windows, empty and broken frames cost their connection only', async () => {
  const many = (make, n = 4000) => Array.from({ length: n }, (_, i) => make(i));
  const u32 = (v) => Buffer.from([v >>> 24, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
  const attacks = [
    many(() => frame(4, 0, 0, Buffer.concat([Buffer.from([0, 4]), u32(65535)]))), many(() => frame(6, 0, 0, Buffer.alloc(8))), many(() => frame(8, 0, 0, u32(1))), many((i) => frame(2, 0, 2 * i + 1, Buffer.concat([u32(0), Buffer.from([1])]))),
    [frame(1, 1, 1, PING), ...many(() => frame(9, 0, 1, Buffer.from([0x00, 1, 97, 1, 98])), 20000)], [frame(1, 4, 1, PING), ...many(() => frame(0, 0, 1), 20000)], [frame(1, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f]))], [frame(1, 5, 2, PING)],
    [frame(0, 0, 0, Buffer.alloc(10))], [Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])], [frame(8, 0, 0, u32(0x7fffffff)), frame(8, 0, 0, u32(0x7fffffff))], [frame(5, 4, 1, PING)], many((i) => frame(1, 5, 2 * i + 1, PING), 500),
  ];
  await Promise.all(attacks.map(async (attack, i) => {
    await http2Socket(attack, 1500);
    await alive().catch((e) => assert.fail(`attack ${i}: ${e}`));
  }));
});

// ---- documents ----

function pdfOf(objects, trailer = '') {
  let out = '%PDF-1.4\n';
  const at = [];
  for (const [number, body] of objects) {
    at[number] = out.length;
    out += `${number} 0 obj\n${body}\nendobj\n`;
  }
  const table = out.length;
  out += `xref\n0 ${at.length}\n0000000000 65535 f \n`;
  for (let i = 1; i < at.length; i++) out += `${String(at[i] ?? 0).padStart(10, '0')} 00000 n \n`;
  return Buffer.from(`${out}trailer\n<< /Size ${at.length} /Root 1 0 R ${trailer} >>\nstartxref\n${table}\n%%EOF\n`, 'latin1');
}
const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>';
const FONT = [5, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>'];
const onePage = (dictionary, bytes, trailer, more = []) => pdfOf([[1, '<< /Type /Catalog /Pages 2 0 R >>'], [2, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>'], [3, PAGE], [4, `<< ${dictionary} /Length ${bytes.length} >>\nstream\n${bytes}\nendstream`], FONT, ...more], trailer);

function manyPages(n) {
  const objects = [[1, '<< /Type /Catalog /Pages 2 0 R >>'], [2, `<< /Type /Pages /Kids [${Array.from({ length: n }, (_, i) => `${6 + i} 0 R`).join(' ')}] /Count ${n} >>`], [4, '<< /Length 44 >>\nstream\nBT /F 10 Tf 50 700 Td (Order number 1) Tj ET  \nendstream'], FONT];
  for (let i = 0; i < n; i++) objects.push([6 + i, PAGE]);
  return pdfOf(objects);
}

const order = orderPdf({ number: '8800001' });
const hostile = {
  'empty.pdf': [Buffer.alloc(0), 'unreadable', 'damaged'],
  'head-only.pdf': [Buffer.from('%PDF-1.7\n'), 'unreadable', 'damaged'],
  'truncated.pdf': [order.subarray(0, 300), 'unreadable', null],
  'not-a-pdf.pdf': [Buffer.from('This is a text that only says it is a PDF. '.repeat(50)), 'unreadable', 'damaged'],
  'zip.pdf': [Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(5000, 1)]), 'unreadable', 'damaged'],
  'noise.pdf': [Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.from(Array.from({ length: 60000 }, (_, i) => (i * 2654435761) >>> 24))]), 'unreadable', 'damaged'],
  'no-pages.pdf': [pdfOf([[1, '<< /Type /Catalog /Pages 2 0 R >>'], [2, '<< /Type /Pages /Kids [] /Count 0 >>']]), null, null],
  'pages-2100.pdf': [manyPages(2100), 'unreadable', 'too_large'],
  'bomb.pdf': [onePage('/Filter [/RunLengthDecode /RunLengthDecode /RunLengthDecode /RunLengthDecode /RunLengthDecode]', '\x81'.repeat(1 << 16)), 'unreadable', null],
  'encrypted.pdf': [onePage('', '0123456789abcdef', '/Encrypt 6 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]',
    [[6, '<< /Filter /Standard /V 1 /R 2 /Length 40 /P -64 /O <00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff> /U <ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100> >>']]), 'unreadable', 'encrypted'],
  'scan.pdf': [(() => {
    const p = new Paper().page();
    p.picture();
    return p.bytes();
  })(), 'unreadable', 'no_text_layer'],
  'loop.pdf': [pdfOf([[1, '<< /Type /Catalog /Pages 2 0 R >>'], [2, '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>']]), null, null],
};

test('hostile documents: each costs its own result, with a reason, and its neighbours are read', async () => {
  const own = await campaign(server, { advertisers: [{ name: 'Neighbour PAC', side: 'for' }] });
  const jobs = Object.entries(hostile).flatMap(([name, [bytes]], i) => [
    storeInput(server, `bad/${name}`, bytes), storeInput(server, `good/${i}.pdf`, orderPdf({ number: String(8900000 + i), advertiser: 'Neighbour PAC' })),
  ]);
  const done = await Promise.all(jobs);
  Object.entries(hostile).forEach(([name, [, status, reason]], i) => {
    const got = done[2 * i];
    const reasons = { unreadable: ['no_text_layer', 'encrypted', 'damaged', 'too_large'], ignored: ['not_political', 'not_advertising', 'blank'] };
    if (status) assert.equal(got.status, status, `${name}: ${got.status} ${got.reason}`);
    assert.ok(reasons[got.status]?.includes(got.reason), `${name}: ${got.status} ${got.reason}`);
    if (reason) assert.equal(got.reason, reason, name);
    assert.deepEqual([done[2 * i + 1].status, done[2 * i + 1].lines], ['parsed', 1], `the neighbour of ${name}`);
  });
  const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${own.id}`);
  assert.equal(lines.length, Object.keys(hostile).length);
  const listed = [...await allItems(server, '/api/v1/inputs?status=unreadable'), ...await allItems(server, '/api/v1/inputs?status=ignored')].map((i) => i.filename);
  for (const name of Object.keys(hostile)) assert.ok(listed.includes(`bad/${name}`), name);
  assert.equal((await server.api('GET', '/api/v1/health')).json.parts.documents.status, 'ok');
});
