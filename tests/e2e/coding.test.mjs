// coding.test.mjs - compressed forms of the matrix over HTTP/1.1 and h2c, views made once, and how long answers took.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { startServer, until } from './server.mjs';
import { campaign, line } from './with.mjs';

let server, race, path;
before(async () => {
  server = await startServer();
  race = await campaign(server);
  for (let i = 0; i < 12; i++) await line(server, race.id, { station: `W${String.fromCharCode(65 + i)}AA`, gross_cents: 1000 + i });
  path = `/api/v1/matrix?campaign_id=${race.id}`;
});
after(() => server?.stop());

// No client here unpacks anything by itself. -> {status, headers, bytes}
const http1 = (target, headers = {}) => new Promise((done, fail) => {
  const ask = request(server.url + target, { agent: false, headers: { 'x-api-key': server.key, ...headers } }, async (answer) => {
    const parts = [];
    for await (const part of answer) parts.push(part);
    done({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) });
  });
  ask.on('error', fail);
  ask.end();
});
const http2 = (target, headers = {}) => new Promise((done, fail) => {
  const session = connectHttp2(server.url);
  session.on('error', fail);
  const stream = session.request({ ':path': target, 'x-api-key': server.key, ...headers });
  const parts = [];
  let head;
  stream.on('response', (h) => (head = h));
  stream.on('data', (part) => parts.push(part));
  stream.on('error', fail);
  stream.on('end', () => {
    session.close();
    done({ status: head[':status'], headers: head, bytes: Buffer.concat(parts) });
  });
  stream.end();
});
const UNPACK = { br: brotliDecompressSync, gzip: gunzipSync };

for (const [name, ask] of Object.entries({ 'HTTP/1.1': http1, h2c: http2 })) {
  for (const query of ['', '&basis=net', '&week_mode=projected']) {
    test(`coding over ${name}: the matrix${query} as br and gzip is the same matrix`, async () => {
      const plain = await ask(path + query);
      assert.equal(plain.status, 200);
      assert.equal(plain.headers.vary, 'accept-encoding');
      const { epoch } = /"epoch":(?<epoch>\d+)/.exec(plain.bytes.toString()).groups;
      assert.equal(plain.headers.etag, `"${epoch}-${JSON.parse(plain.bytes).version}"`);
      for (const coding of ['br', 'gzip']) {
        const packed = await until(`${coding} is there`, async () => {
          const answer = await ask(path + query, { 'accept-encoding': `${coding}, zstd` });
          assert.equal(answer.status, 200);
          if (answer.headers['content-encoding'] === coding) return answer;
          assert.deepEqual(answer.bytes, plain.bytes); // until then the plain form, at once
          return undefined;
        });
        assert.deepEqual(UNPACK[coding](packed.bytes), plain.bytes);
        assert.equal(Number(packed.headers['content-length']), packed.bytes.length);
        assert.ok(packed.bytes.length * 3 < plain.bytes.length);
        assert.equal(packed.headers.etag, plain.headers.etag);
        for (const tag of [plain.headers.etag, `W/${plain.headers.etag}`]) {
          const same = await ask(path + query, { 'accept-encoding': coding, 'if-none-match': tag });
          assert.deepEqual([same.status, same.headers.etag, same.bytes.length], [304, plain.headers.etag, 0]);
        }
      }
    });
  }
}

test('coding: a new version is never answered with the bytes of an old one', async () => {
  const versions = [];
  for (let i = 0; i < 20; i++) {
    const made = await line(server, race.id, { gross_cents: 100 + i });
    const answer = await http2(path, { 'accept-encoding': 'br' });
    const bytes = answer.headers['content-encoding'] === 'br' ? brotliDecompressSync(answer.bytes) : answer.bytes;
    const matrix = JSON.parse(bytes);
    assert.ok(answer.headers.etag.endsWith(`-${matrix.version}"`));
    assert.ok(made.id);
    versions.push(matrix.version);
  }
  assert.deepEqual(versions, [...new Set(versions)].sort((a, b) => a - b));
});

test('coding: browsers and fetch unpack it and see the same, a stream of events stays plain', async () => {
  const plain = JSON.parse((await http1(path)).bytes);
  for (let i = 0; i < 5; i++) {
    const answer = await server.api('GET', path, undefined, { 'accept-encoding': 'gzip, deflate, br' });
    assert.deepEqual(answer.json, plain);
  }
  const stream = await new Promise((done, fail) => {
    const ask = request(`${server.url}/api/v1/live?campaign_id=${race.id}`, { agent: false, headers: { 'x-api-key': server.key, 'accept-encoding': 'br, gzip' } }, (answer) => {
      answer.once('data', (part) => {
        answer.destroy();
        done({ headers: answer.headers, text: part.toString() });
      });
    });
    ask.on('error', fail);
    ask.end();
  });
  assert.equal(stream.headers['content-encoding'], undefined);
  assert.match(stream.text, /^(retry|id|event|:)/);
});

test('coding: an odd Accept-Encoding gets the plain matrix', async () => {
  const plain = (await http1(path)).bytes;
  for (const odd of ['', '*;q=0', 'identity;q=0', 'br;q=0, gzip;q=0', ';;;,,,q=1', 'br;q=7', 'x'.repeat(4000)]) {
    for (const ask of [http1, http2]) {
      const answer = await ask(path, { 'accept-encoding': odd });
      assert.deepEqual([answer.status, answer.headers['content-encoding']], [200, undefined]);
      assert.deepEqual(answer.bytes, plain);
    }
  }
});

test('views: many who ask for a new one at the same moment get the same bytes', async () => {
  for (let i = 0; i < 5; i++) {
    await line(server, race.id, { gross_cents: 5 });
    const answers = await Promise.all(Array.from({ length: 24 }, (_, k) => (k % 2 ? http1 : http2)(`${path}&medium=broadcast`)));
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.bytes, answers[0].bytes);
    }
  }
});

test('Server-Timing: on answers that waited, not on those that did not', async () => {
  const timing = async (method, target, body) => (await server.api(method, target, body)).headers.get('server-timing');
  const written = await server.api('PATCH', `/api/v1/campaigns/${race.id}`, { client: 'Timed' });
  assert.equal(written.status, 200);
  const match = /^durable;dur=(\d+\.\d{3}), total;dur=(\d+\.\d{3})$/.exec(written.headers.get('server-timing'));
  assert.ok(match && Number(match[1]) > 0 && Number(match[2]) >= Number(match[1]) && Number(match[2]) < 60000);
  assert.match(await timing('GET', `${path}&side=against`), /^job;dur=\d+\.\d{3}, total;dur=\d+\.\d{3}$/);
  assert.equal(await timing('GET', `${path}&side=against`), null); // kept
  for (const target of ['/api/v1/ping', path, '/api/v1/campaigns']) assert.equal(await timing('GET', target), null);
});
