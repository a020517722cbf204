// limits.test.mjs - how often somebody may ask: the limits of the table, their headers and the one 429 body; who is a user by a token.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { connect as connectHttp2 } from 'node:http2';
import { after, before, test } from 'node:test';
import { apiFrom, live, run, startServer } from './server.mjs';
import { assertFaults, campaign, line, matrix } from './with.mjs';

const JWT_SECRET = 'the-secret-of-this-test-is-long-enough-0123456789';
const AI = '/api/ai/reply';

const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
function token(claims = {}, { secret = JWT_SECRET, alg = 'HS256' } = {}) {
  const text = `${part({ alg, typ: 'JWT' })}.${part({ sub: 'u1', role: 'admin', exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
  const hash = { HS256: 'sha256', HS512: 'sha512' }[alg];
  return `${text}.${hash ? createHmac(hash, secret).update(text).digest('base64url') : ''}`;
}
const as = (claims, options) => ({ authorization: `Bearer ${token(claims, options)}` });

// Each test asks as users and from addresses of its own, so that one server serves them all.
let server;
before(async () => (server = await startServer({ env: { JWT_SECRET } })));
after(() => server?.stop());

function assertLimited(answer, limit, remaining, windowS) {
  const get = (name) => answer.headers.get(name);
  assert.equal(get('ratelimit-limit'), String(limit));
  assert.equal(get('ratelimit-remaining'), String(remaining));
  assert.equal(get('x-ratelimit-limit'), String(limit));
  assert.equal(get('x-ratelimit-remaining'), String(remaining));
  const reset = Number(get('ratelimit-reset'));
  const left = reset - Date.now() / 1000;
  assert.ok(left > windowS - 50 && left <= windowS + 1, `${left} s of ${windowS} left`);
  assert.match(get('x-ratelimit-reset'), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.equal(Math.ceil(Date.parse(get('x-ratelimit-reset')) / 1000), reset);
}

function assertNotLimited(answer) {
  for (const [name] of answer.headers) assert.doesNotMatch(name, /ratelimit/);
}

function assertRefused(answer, limit, windowS) {
  assert.equal(answer.status, 429, answer.text);
  assertLimited(answer, limit, 0, windowS);
  const { timestamp, retryAfter, ...rest } = answer.json;
  assert.deepEqual(rest, {
    success: false,
    code: 'RATE_LIMIT_EXCEEDED',
    message: 'Too many requests. Please slow down and try again later.',
    error: 'Too many requests. Please wait a moment.',
    retryAfterSeconds: retryAfter,
  });
  assert.ok(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= windowS, `${retryAfter}`);
  assert.equal(answer.headers.get('retry-after'), String(retryAfter));
  assert.match(answer.headers.get('content-type'), /^application\/json/);
  assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 5000 && new Date(timestamp).toISOString() === timestamp, timestamp);
  const wait = Number(answer.headers.get('ratelimit-reset')) - Date.parse(timestamp) / 1000;
  assert.ok(retryAfter >= wait - 1 && retryAfter <= wait + 1, `${retryAfter} s, window ends in ${wait}`);
}

test('limits: walkthrough 15, a user on an AI route is refused on call 21, a stranger on call 31', async () => {
  const user = apiFrom(server, '127.2.0.1');
  for (let call = 1; call <= 20; call++) {
    const answer = await user('POST', AI, {}, as());
    assertFaults(answer, 404);
    assertLimited(answer, 20, 20 - call, 60);
  }
  assertRefused(await user('POST', AI, {}, as()), 20, 60);
  // another user from there still may, until the address has used its 30
  for (let call = 22; call <= 30; call++) {
    const answer = await user('POST', AI, {}, as({ sub: 'u2' }));
    assert.equal(answer.status, 404);
    // 9 left of 30 for the address against 19 of 20 for the user: the tighter one is shown
    assertLimited(answer, 30, 30 - call, 60);
  }
  assertRefused(await user('POST', AI, {}, as({ sub: 'u2' })), 30, 60);

  const stranger = apiFrom(server, '127.2.0.2');
  for (let call = 1; call <= 30; call++) {
    const answer = await stranger('POST', AI, {}, call % 3 === 0 ? as({}, { secret: 'x'.repeat(40) }) : {});
    assertFaults(answer, 401);
    assertLimited(answer, 30, 30 - call, 60);
  }
  assertRefused(await stranger('POST', AI, {}), 30, 60);
  assertRefused(await stranger('POST', '/api/tts/speak', {}), 30, 60);
  // a name does not help an address that has used its calls up
  assertRefused(await stranger('POST', AI, {}, as({ sub: 'u3' })), 30, 60);
});

test('limits: failed logins count before anybody is known', async () => {
  const ask = apiFrom(server, '127.2.0.3');
  for (let call = 1; call <= 10; call++) assertLimited(await ask('POST', '/api/auth/login', { email: 'a', password: 'b' }), 10, 10 - call, 900);
  assertRefused(await ask('POST', '/api/auth/login', {}), 10, 900);
  assertRefused(await ask('GET', '/api/auth/google/callback', undefined, as()), 10, 900);
});

test('limits: 100 a minute by principal, by address for strangers', async () => {
  const ask = apiFrom(server, '127.2.0.4');
  const user = as({ sub: 'hundred' });
  for (let call = 1; call <= 100; call++) {
    const answer = await ask('GET', call % 2 ? '/api/v1/campaigns' : '/api/health', undefined, user);
    assert.equal(answer.status, call % 2 ? 200 : 404);
    assertLimited(answer, 100, 100 - call, 60);
  }
  assertRefused(await ask('GET', '/api/v1/campaigns', undefined, user), 100, 60);
  assertRefused(await apiFrom(server, '127.2.0.5')('GET', '/api/v1/campaigns', undefined, user), 100, 60);
  // a viewer of the same address: his own window, whatever he may
  assertLimited(await ask('GET', '/api/v1/campaigns', undefined, as({ sub: 'v', role: 'viewer' })), 100, 99, 60);
  for (let call = 1; call <= 100; call++) assertLimited(await ask('GET', '/api/v1/campaigns'), 100, 100 - call, 60);
  assertRefused(await ask('POST', '/api/v1/session', { token: 'x' }), 100, 60);
  // what is never limited, and who
  for (const path of ['/api/v1/ping', '/api/v1/health', '/health']) {
    const answer = await ask('GET', path);
    assert.equal(answer.status, 200);
    assertNotLimited(answer);
  }
  for (let call = 0; call < 110; call++) {
    const answer = await ask('GET', call % 2 ? '/api/v1/campaigns' : AI, undefined, { 'x-api-key': server.key });
    assert.equal(answer.status, call % 2 ? 200 : 404);
    assertNotLimited(answer);
  }
});

test('limits: a live stream counts once, however much it sends', async () => {
  const { id } = await campaign(server);
  const user = as({ sub: 'listener' });
  const stream = live(server, id, { as: user });
  await stream.wait(1);
  assert.equal(stream.headers['ratelimit-remaining'], '99');
  for (let i = 0; i < 5; i++) await line(server, id, { gross_cents: 100 + i });
  await stream.wait(6);
  const answer = await server.api('GET', '/api/v1/campaigns', undefined, { 'x-api-key': null, ...user });
  assertLimited(answer, 100, 98, 60);
  await stream.close();
});

test('limits: the same over HTTP/2', async () => {
  const session = connectHttp2(server.url, { localAddress: '127.2.0.6' });
  const ask = (headers) => new Promise((done, fail) => {
    const stream = session.request(headers);
    let text = '', head;
    stream.on('response', (h) => (head = h)).on('data', (d) => (text += d)).on('error', fail);
    stream.on('end', () => done({ status: head[':status'], headers: new Map(Object.entries(head)), text, json: JSON.parse(text) }));
    stream.end();
  });
  try {
    const all = await Promise.all(Array.from({ length: 40 }, () => ask({ ':path': AI })));
    assert.equal(all.filter((a) => a.status === 401).length, 30);
    for (const answer of all.filter((a) => a.status !== 401)) assertRefused(answer, 30, 60);
    assertNotLimited(await ask({ ':path': '/api/v1/ping' }));
  } finally {
    session.close();
  }
});

test('users: a token names who asks; a bad one is 401 and never the cookie', async () => {
  const ask = apiFrom(server, '127.2.0.7');
  const who = await ask('GET', '/api/v1/session', undefined, as({ sub: 'ann' }));
  assert.deepEqual([who.status, who.json], [200, { principal: 'user:ann', role: 'admin' }]);
  const viewer = as({ sub: 'bob', role: 'viewer' });
  assert.deepEqual((await ask('GET', '/api/v1/session', undefined, viewer)).json, { principal: 'user:bob', role: 'viewer' });
  assertFaults(await ask('GET', '/api/v1/campaigns', undefined, viewer), 403);
  assertFaults(await ask('POST', '/api/v1/campaigns', { name: 'No' }, viewer), 403);

  const given = await ask('POST', '/api/v1/session', { token: server.signInLink.split('#')[1] }, { origin: server.url });
  const cookie = given.headers.get('set-cookie').split(';')[0];
  assert.equal((await ask('GET', '/api/v1/campaigns', undefined, { cookie })).status, 200);
  const bad = {
    expired: as({ exp: Math.floor(Date.now() / 1000) - 1 }), endless: as({ exp: undefined }), nobody: as({ sub: undefined }), spaced: as({ sub: 'a b' }),
    unknown: as({ role: 'king' }), forged: as({}, { secret: `${JWT_SECRET}x` }), none: as({}, { alg: 'none' }), other: as({}, { alg: 'HS512' }),
    huge: as({ more: 'x'.repeat(4000) }), empty: { authorization: 'Bearer' }, words: { authorization: 'Bearer a.b.c' },
  };
  for (const [name, headers] of Object.entries(bad)) {
    const answer = await ask('GET', '/api/v1/campaigns', undefined, { ...headers, cookie });
    assertFaults(answer, 401);
    assert.match(answer.headers.get('www-authenticate'), /Bearer/, name);
  }
  assertFaults(await ask('GET', `/api/v1/session?access_token=${token()}`), 401);
});

test('users: what they do bears their name', async () => {
  const user = as({ sub: 'ann' });
  const ask = (method, path, body, headers) => server.api(method, path, body, { 'x-api-key': null, ...user, ...headers });
  const { id } = await campaign(server);
  await line(server, id);
  const before = await matrix(server, id);
  const row = before.rows.find((r) => r.kind === 'leaf');
  const edited = await ask('POST', '/api/v1/matrix/batch-update', {
    campaign_id: id, base_version: before.version, edits: [{ key: `${row.key}@${before.weeks[0]}`, gross_cents: 123456, reason: 'as told' }],
  });
  assert.equal(edited.status, 200, edited.text);
  assert.equal(edited.json.adjustments[0].principal, 'user:ann');
  // one key, two principals: two writes
  const body = { name: 'Same', election_date: '2026-11-03' };
  const key = { 'idempotency-key': 'same' };
  const mine = await ask('POST', '/api/v1/campaigns', body, key);
  const again = await ask('POST', '/api/v1/campaigns', body, key);
  const systems = await server.api('POST', '/api/v1/campaigns', body, key);
  assert.deepEqual([mine.status, again.status, systems.status], [201, 201, 201]);
  assert.equal(again.json.id, mine.json.id);
  assert.notEqual(systems.json.id, mine.json.id);
});

test('users: without JWT_SECRET no token is taken; a short one is a fault of the settings', async () => {
  const plain = await startServer();
  try {
    const answer = await plain.api('GET', '/api/v1/campaigns', undefined, { 'x-api-key': null, ...as() });
    assertFaults(answer, 401);
    const empty = await plain.api('GET', '/api/v1/campaigns', undefined, { 'x-api-key': null, ...as({}, { secret: '' }) });
    assertFaults(empty, 401);
  } finally {
    await plain.stop();
  }
  const short = run(['check-config'], { env: { JWT_SECRET: 'x'.repeat(31) } });
  assert.equal(short.code, 1);
  assert.match(short.out + short.err, /JWT_SECRET: must have at least 32 characters/);
  const fine = run(['check-config'], { env: { JWT_SECRET } });
  assert.equal(fine.code, 0);
  assert.ok(!(fine.out + fine.err).includes(JWT_SECRET));
});
