// access.test.mjs - who may ask: ping and health without a principal, keys, the sign-in link, cookies and their Origin; what the
// interface says of itself.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { apiFrom, raw, run, startServer } from './server.mjs';
import { assertFaults, campaign, lineBody } from './with.mjs';

let server;
before(async () => (server = await startServer()));
after(() => server?.stop());
const NOBODY = { 'x-api-key': null };

test('access: ping and health need nobody', async () => {
  const ping = await server.api('GET', '/api/v1/ping', undefined, NOBODY);
  assert.deepEqual([ping.status, ping.json], [200, { status: 'ok' }]);
  const health = await server.api('GET', '/api/v1/health', undefined, NOBODY);
  assert.equal(health.status, 200);
  assert.equal(health.json.status, 'healthy');
  for (const part of ['journal', 'database', 'documents']) assert.equal(health.json.parts[part].status, 'ok', part);
});

test('access: everything else is 401 without a principal, and with a wrong key', async () => {
  const { paths } = (await server.api('GET', '/api/v1/openapi.json')).json;
  const open = new Set(['/api/v1/ping', '/api/v1/health', '/health', '/api/v1/session']);
  let asked = 0;
  for (const [path, methods] of Object.entries(paths)) {
    if (open.has(path)) continue;
    for (const method of Object.keys(methods).filter((m) => /^(get|post|patch|delete|put)$/.test(m))) {
      const url = path.replace('{id}', 'cmp_0000000000001').replace('{key}', 'x');
      for (const headers of [{}, { 'x-api-key': 'wrong' }, { 'x-api-key': `${server.key}x` }, { 'x-api-key': '' }]) {
        // Strangers are counted by address: each question comes from another one.
        const ask = apiFrom(server, `127.1.${asked >> 7}.${1 + (asked & 127)}`);
        const answer = await ask(method.toUpperCase(), url, method === 'get' ? undefined : {}, headers);
        assertFaults(answer, 401);
        asked += 1;
      }
    }
  }
  assert.ok(asked > 60, `${asked} asked`);
});

test('access: the key file is its owner\'s alone and the key is never printed', () => {
  assert.equal(statSync(join(server.dataDir, 'system.key')).mode & 0o777, 0o600);
  assert.ok(!server.stderr().includes(server.key));
  assert.ok(server.key.length >= 32);
});

test('access: SYSTEM_API_KEY from the environment is the key', async () => {
  const own = await startServer({ env: { SYSTEM_API_KEY: 'a-key-of-this-test-that-is-long-enough-0123456789' } });
  try {
    assert.equal((await own.api('GET', '/api/v1/campaigns')).status, 200);
    assert.equal((await own.api('GET', '/api/v1/campaigns', undefined, { 'x-api-key': server.key })).status, 401);
  } finally {
    await own.stop();
  }
});

test('access: the sign-in token gives a cookie once; cookie writes need the own Origin', async () => {
  const token = server.signInLink.split('#')[1];
  const wrong = await server.api('POST', '/api/v1/session', { token: 'x'.repeat(token.length) }, { ...NOBODY, origin: server.url });
  assert.equal(wrong.status, 401);
  const given = await server.api('POST', '/api/v1/session', { token }, { ...NOBODY, origin: server.url });
  assert.ok(given.status === 200 || given.status === 201 || given.status === 204, given.text);
  const set = given.headers.get('set-cookie');
  assert.match(set, /HttpOnly/i);
  assert.match(set, /SameSite=Strict/i);
  const again = await server.api('POST', '/api/v1/session', { token }, { ...NOBODY, origin: server.url });
  assert.equal(again.status, 401, 'a token is good once');

  const cookie = set.split(';')[0];
  const by = (method, path, body, headers) => server.api(method, path, body, { ...NOBODY, cookie, ...headers });
  assert.equal((await by('GET', '/api/v1/campaigns')).status, 200);
  const body = { name: 'By cookie', election_date: '2026-11-03' };
  assert.equal((await by('POST', '/api/v1/campaigns', body)).status, 403, 'without Origin');
  assert.equal((await by('POST', '/api/v1/campaigns', body, { origin: 'http://evil.example' })).status, 403);
  assert.equal((await by('POST', '/api/v1/campaigns', body, { origin: 'null' })).status, 403);
  assert.equal((await by('POST', '/api/v1/campaigns', body, { origin: `${server.url}.evil.example` })).status, 403);
  assert.equal((await by('POST', '/api/v1/campaigns', body, { origin: server.url })).status, 201);
  assert.ok([200, 204].includes((await by('DELETE', '/api/v1/session', undefined, { origin: server.url })).status));
  assert.equal((await by('GET', '/api/v1/campaigns')).status, 401, 'signed out');
});

test('access: unknown addresses are 404, wrong methods 405 with Allow', async () => {
  for (const path of ['/api/v1/nothing', '/api/v2/campaigns', '/api/v1/campaigns/', '/api/v1/campaigns/x/y', '/api/v1/']) {
    assertFaults(await server.api('GET', path), 404);
  }
  const wrong = await server.api('DELETE', '/api/v1/campaigns');
  assertFaults(wrong, 405);
  assert.deepEqual(wrong.headers.get('allow').split(/, */).filter((m) => m !== 'HEAD').sort(), ['GET', 'POST']);
  const put = await server.api('PUT', '/api/v1/matrix', {});
  assertFaults(put, 405);
  assert.match(put.headers.get('allow'), /GET/);
});

test('access: openapi.json lists every route the program knows', async () => {
  const { status, json } = await server.api('GET', '/api/v1/openapi.json');
  assert.equal(status, 200);
  assert.match(json.openapi, /^3\.1/);
  const routes = run(['dump', 'routes']);
  assert.equal(routes.code, 0);
  const listed = [...routes.out.matchAll(/\b(GET|POST|PATCH|DELETE|PUT)\s+(\/\S+)/g)];
  assert.ok(listed.length >= 29, routes.out);
  for (const [, method, path] of listed) assert.ok(json.paths[path]?.[method.toLowerCase()], `${method} ${path}`);
});

test('access: HEAD is GET without a body', async () => {
  const answer = await fetch(`${server.url}/api/v1/ping`, { method: 'HEAD' });
  assert.deepEqual([answer.status, await answer.text()], [200, '']);
});

test('access: HTTP/2 with prior knowledge answers like HTTP/1.1', async () => {
  const session = connectHttp2(server.url);
  const ask = (headers, body) => new Promise((done, fail) => {
    const stream = session.request({ 'x-api-key': server.key, ...headers });
    let text = '', status = 0;
    stream.on('response', (h) => (status = h[':status']));
    stream.on('data', (d) => (text += d));
    stream.on('end', () => done({ status, text }));
    stream.on('error', fail);
    stream.end(body);
  });
  try {
    assert.deepEqual(await ask({ ':path': '/api/v1/ping' }), { status: 200, text: '{"status":"ok"}' });
    const { id } = await campaign(server);
    const all = await Promise.all(Array.from({ length: 50 }, (_, i) =>
      ask({ ':path': '/api/v1/buy-lines', ':method': 'POST', 'content-type': 'application/json' }, JSON.stringify(lineBody(id, { gross_cents: 100 + i })))));
    assert.deepEqual([...new Set(all.map((a) => a.status))], [201]);
    assert.equal(JSON.parse((await ask({ ':path': `/api/v1/matrix?campaign_id=${id}` })).text).totals.total_cents, 50 * 100 + (49 * 50) / 2);
    const big = await ask({ ':path': '/api/v1/inputs?source=fcc&filename=a.pdf', ':method': 'POST', 'content-type': 'application/pdf' }, Buffer.alloc(17 << 20)).catch((e) => e);
    assert.ok(big instanceof Error || big.status === 413, 'a body over MAX_BODY_MB resets the stream');
    assert.equal((await server.api('GET', '/api/v1/ping')).status, 200);
  } finally {
    session.close();
  }
});

test('access: HTTP/1.1 keeps the connection for the next request', async () => {
  const one = `GET /api/v1/ping HTTP/1.1\r\nHost: x\r\n\r\n`;
  const { text } = await raw(server, one + one + one, { done: (t) => t.split('{"status":"ok"}').length > 3 });
  assert.equal(text.split('{"status":"ok"}').length - 1, 3);
});
