// shared_rates.test.mjs - limits that several processes count together in a real Redis; Redis killed, stopped, flushed, refusing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apiFrom, freePort, noRedis, run, sleep, startRedis, startServer, until } from './server.mjs';
import { assertFaults } from './with.mjs';

const PATH = '/api/v1/campaigns';
const LIMIT = 100;
// What a process may see late: it gathers 10 ms, then asks; the rest is for a busy machine.
const SETTLE_MS = 300;

let redis, one, two;
const servers = () => [one, two];
const partOf = async (server) => (await server.api('GET', '/api/v1/health')).json.parts.redis;
const stateOf = (server, status) => until(`redis ${status}`, async () => {
  const part = await partOf(server);
  return part.status === status && part;
}, 15000);
const start = (env = {}) => startServer({ env: { REDIS_URL: redis.url, ...env } });

before(async () => {
  if (noRedis) return;
  redis = await startRedis();
  [one, two] = await Promise.all([start(), start({ RATE_LIMIT_STRICT: 'true' })]);
  for (const server of servers()) await stateOf(server, 'connected');
});
after(async () => {
  await one?.stop();
  await two?.stop();
  await redis?.stop();
});

const left = (answer) => Number(answer.headers.get('ratelimit-remaining'));

test('redis: two processes count one limit', { skip: noRedis }, async () => {
  const [a, b] = servers().map((s) => apiFrom(s, '127.3.0.1'));
  for (let i = 1; i <= 60; i++) assert.equal(left(await a('GET', PATH)), LIMIT - i);
  await sleep(SETTLE_MS);
  assert.equal(left(await b('GET', PATH)), LIMIT - 1); // not known yet
  await sleep(SETTLE_MS);
  const known = await b('GET', PATH);
  assert.equal(left(known), LIMIT - 62);
  const end = Number((await a('GET', PATH)).headers.get('ratelimit-reset'));
  assert.ok(Math.abs(Number(known.headers.get('ratelimit-reset')) - end) <= 1, 'one window, one end');
  await sleep(SETTLE_MS);
  let passed = 63;
  for (let i = 0; i < 60; i++) {
    const answers = [await a('GET', PATH), await b('GET', PATH)];
    passed += answers.filter((x) => x.status !== 429).length;
    await sleep(15);
  }
  // each process may let pass what came in one exchange; asked in turns with pauses that is little
  assert.ok(passed >= LIMIT && passed <= LIMIT + 10, `${passed} passed`);
  for (const ask of [a, b]) assert.equal((await ask('GET', PATH)).status, 429);
  // another address is another window
  assert.equal(left(await apiFrom(two, '127.3.0.2')('GET', PATH)), LIMIT - 1);
});

test('redis: a process that ends hands on what it counted', { skip: noRedis }, async () => {
  const third = await start();
  try {
    await stateOf(third, 'connected');
    for (let i = 1; i <= 30; i++) assert.equal(left(await apiFrom(third, '127.3.0.10')('GET', PATH)), LIMIT - i);
  } finally {
    assert.equal(await third.stop(), 0);
  }
  await apiFrom(one, '127.3.0.10')('GET', PATH);
  await sleep(SETTLE_MS);
  assert.equal(left(await apiFrom(one, '127.3.0.10')('GET', PATH)), LIMIT - 32);
});

test('redis: an ACL user with the rights that operations.md names', { skip: noRedis }, async () => {
  redis.cli('ACL', 'SETUSER', 'counter', 'on', '>geheim', '+eval', '+incrby', '+pttl', '+pexpire', '+select', '~trailmix:*');
  const server = await start({ REDIS_URL: `redis://counter:geheim@127.0.0.1:${redis.port}` });
  try {
    await stateOf(server, 'connected');
    const ask = apiFrom(server, '127.3.0.11');
    await ask('GET', PATH);
    redis.cli('ACL', 'SETUSER', 'counter', '-eval');
    assert.match((await stateOf(server, 'away')).error, /NOPERM/);
    assert.equal(left(await ask('GET', PATH)), LIMIT - 2);
  } finally {
    await server.stop();
    redis.cli('ACL', 'DELUSER', 'counter');
  }
});

test('redis: a burst at several processes at once is at most one limit each', { skip: noRedis }, async () => {
  const asks = servers().map((s) => apiFrom(s, '127.3.0.3'));
  const answers = await Promise.all(asks.flatMap((ask) => Array.from({ length: LIMIT + 20 }, () => ask('GET', PATH))));
  const passed = answers.filter((a) => a.status !== 429).length;
  assert.ok(passed >= LIMIT && passed <= 2 * LIMIT, `${passed}`);
  await sleep(SETTLE_MS);
  for (const ask of asks) assert.equal((await ask('GET', PATH)).status, 429);
});

test('redis: its keys end with their window, and name no user', { skip: noRedis }, async () => {
  const keys = redis.cli('--scan', '--pattern', 'trailmix:rate:*').split('\n');
  assert.ok(keys.length >= 3);
  for (const key of keys) {
    assert.match(key, /^trailmix:rate:API:(ip|user):[0-9a-f]{32}$/);
    const ms = Number(redis.cli('PTTL', key));
    assert.ok(ms > 0 && ms <= 60000, `${key}: ${ms}`);
  }
});

test('redis: flushed, what was known is put back', { skip: noRedis }, async () => {
  const [a, b] = servers().map((s) => apiFrom(s, '127.3.0.4'));
  for (let i = 0; i < 40; i++) await a('GET', PATH);
  for (let i = 0; i < LIMIT + 1; i++) await apiFrom(one, '127.3.0.5')('GET', PATH); // full, and not asked again
  await sleep(SETTLE_MS);
  redis.cli('FLUSHALL');
  await a('GET', PATH); // shows that it was lost
  await sleep(SETTLE_MS);
  await b('GET', PATH);
  await apiFrom(two, '127.3.0.5')('GET', PATH);
  await sleep(SETTLE_MS);
  assert.equal(left(await b('GET', PATH)), LIMIT - 43);
  assert.equal((await apiFrom(two, '127.3.0.5')('GET', PATH)).status, 429);
});

test('redis: killed under load and back: strict says so, the other counts alone, nobody waits', { skip: noRedis }, async () => {
  const [a, b] = servers().map((s) => apiFrom(s, '127.3.0.6'));
  let stop = false, slowest = 0;
  const seen = new Map();
  const load = servers().map(async (server, i) => {
    for (let n = 0; !stop; n++) {
      const began = performance.now();
      const { status } = await apiFrom(server, `127.${4 + i}.${Math.floor(n / 250) % 4}.${n % 250 + 1}`)('GET', PATH);
      slowest = Math.max(slowest, performance.now() - began);
      seen.set(`${i} ${status}`, (seen.get(`${i} ${status}`) ?? 0) + 1);
    }
  });
  assert.equal(left(await a('GET', PATH)), LIMIT - 1);
  await sleep(SETTLE_MS);
  await redis.kill();
  const away = await stateOf(two, 'away');
  assert.match(away.error, /127\.0\.0\.1:\d+: /);
  assert.ok(away.strict && Date.now() - away.since_ms < 20000);
  await stateOf(one, 'away');
  assert.equal((await one.api('GET', '/health')).json.status, 'healthy');
  assert.equal((await two.api('GET', '/health')).json.status, 'degraded');

  const refused = await b('GET', PATH);
  assertFaults(refused, 503);
  assert.equal(refused.json.code, 'RATE_LIMITER_UNAVAILABLE');
  assert.ok(Number(refused.headers.get('retry-after')) >= 1);
  for (const path of ['/api/v1/ping', '/api/v1/health', '/health']) assert.equal((await b('GET', path)).status, 200, path);
  for (let i = 0; i < 3; i++) assert.equal((await two.api('GET', PATH)).status, 200, 'system');
  assert.equal(left(await a('GET', PATH)), LIMIT - 2);

  // it comes back empty: the one that went on counting tells it what it knows
  await redis.start();
  for (const server of servers()) assert.equal((await stateOf(server, 'connected')).error, null);
  await sleep(SETTLE_MS);
  await b('GET', PATH);
  await sleep(SETTLE_MS);
  assert.equal(left(await b('GET', PATH)), LIMIT - 4);
  stop = true;
  await Promise.all(load);
  assert.ok(seen.get('0 401') > 50 && !seen.has('0 503'), JSON.stringify([...seen]));
  assert.ok(seen.get('1 401') > 0 && seen.get('1 503') > 0, JSON.stringify([...seen]));
  assert.ok(slowest < 2000, `${slowest} ms`);
});

test('redis: stopped, so that nothing answers: no request waits for it', { skip: noRedis }, async () => {
  const [a, b] = servers().map((s) => apiFrom(s, '127.3.0.7'));
  redis.pause();
  try {
    const times = [];
    for (let i = 0; i < 40; i++) {
      const began = performance.now();
      assert.equal((await a('GET', PATH)).status, 401);
      times.push(performance.now() - began);
      await sleep(20);
    }
    times.sort((x, y) => x - y);
    assert.ok(times[20] < 100, `median ${times[20]} ms`);
    assert.match((await stateOf(one, 'away')).error, /no answer in time/);
    await stateOf(two, 'away');
    assert.equal((await b('GET', PATH)).json.code, 'RATE_LIMITER_UNAVAILABLE');
  } finally {
    redis.resume();
  }
  for (const server of servers()) await stateOf(server, 'connected');
  assert.equal((await b('GET', PATH)).status, 401);
  await sleep(SETTLE_MS);
  assert.ok(left(await b('GET', PATH)) <= LIMIT - 42, 'what was counted alone was added');
});

test('redis: each refusal is away, in its own words, and passes by itself', { skip: noRedis }, async () => {
  const ask = apiFrom(two, '127.3.0.8');
  const cases = [
    [/READONLY/, ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    [/OOM/, ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
    [/NOAUTH/, ['CONFIG', 'SET', 'requirepass', 'geheim'], ['-a', 'geheim', 'CONFIG', 'SET', 'requirepass', '']],
    [/WRONGTYPE/, ['EVAL', "redis.call('DEL', 'trailmix:probe') redis.call('LPUSH', 'trailmix:probe', 1)", '0'], ['DEL', 'trailmix:probe']],
  ];
  for (const [text, set, undo] of cases) {
    redis.cli(...set);
    if (set.includes('requirepass')) redis.cli('-a', 'geheim', 'CLIENT', 'KILL', 'TYPE', 'normal'); // old connections stay signed in
    await until(`away: ${text}`, async () => text.test((await partOf(two)).error ?? ''));
    assert.equal((await ask('GET', PATH)).json.code, 'RATE_LIMITER_UNAVAILABLE', String(text));
    redis.cli(...undo);
    await stateOf(two, 'connected');
    assert.equal((await ask('GET', PATH)).status, 401);
  }
});

test('redis: wrong password, wrong database, still loading, nobody there at the start', { skip: noRedis }, async () => {
  const nobody = await freePort();
  const locked = await startRedis(['--requirepass', 'geheim']);
  try {
    const cases = [
      [{ REDIS_URL: `redis://:falsch@127.0.0.1:${locked.port}` }, /WRONGPASS|invalid/],
      [{ REDIS_URL: `redis://:geheim@127.0.0.1:${locked.port}/99` }, /DB index is out of range/],
      [{ REDIS_PORT: String(locked.port) }, /NOAUTH/],
      [{ REDIS_URL: `redis://127.0.0.1:${nobody}` }, /Connection refused/],
      [{ REDIS_HOST: '127.0.0.1', REDIS_PORT: String(locked.port), REDIS_PASSWORD: 'geheim', REDIS_DB: '2' }, null],
      [{ REDIS_URL: `redis://default:geheim@127.0.0.1:${locked.port}/3` }, null],
    ];
    for (const [env, text] of cases) {
      const server = await startServer({ env: { APP_ENV: 'production', SYSTEM_API_KEY: 'k'.repeat(40), ...env } });
      try {
        const part = text ? await until('a reason', async () => {
          const p = await partOf(server);
          return p.error && p;
        }) : await stateOf(server, 'connected');
        assert.ok(part.strict, 'by default in production');
        if (text) assert.match(part.error, text);
        assert.ok(!JSON.stringify(part).includes('falsch') && !server.stderr().includes('falsch'));
        assert.equal((await apiFrom(server, '127.3.0.9')('GET', PATH)).status, text ? 503 : 401);
        const began = Date.now();
        assert.equal(await server.stop(), 0);
        assert.ok(Date.now() - began < 10000);
      } finally {
        if (!server.ended()) await server.stop();
      }
    }
  } finally {
    await locked.stop();
  }

  // a large dump that Redis reads slowly
  const slow = await startRedis(['--dbfilename', 'slow.rdb']);
  try {
    slow.cli('EVAL', "for i = 1, 3000 do redis.call('SET', 'k' .. i, string.rep('x', 100)) end", '0');
    slow.cli('SAVE');
    await slow.kill();
    await slow.start(['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024']);
    const server = await start({ REDIS_URL: slow.url, RATE_LIMIT_STRICT: 'true' });
    try {
      const part = await until('a reason', async () => {
        const p = await partOf(server);
        return p.error && p;
      });
      assert.match(part.error, /LOADING|no answer in time/);
      await stateOf(server, 'connected');
    } finally {
      await server.stop();
    }
  } finally {
    await slow.stop();
  }
});

test('redis: off unless one of its settings is given; faults of the settings come all at once', { skip: noRedis }, async () => {
  const plain = await startServer();
  try {
    assert.deepEqual(await partOf(plain), { status: 'off' });
  } finally {
    await plain.stop();
  }
  const bad = run(['check-config'], { env: { REDIS_URL: 'u:geheim@h', REDIS_PORT: '0', REDIS_DB: 'x', RATE_LIMIT_STRICT: 'yes' } });
  assert.equal(bad.code, 1);
  for (const name of ['REDIS_URL', 'REDIS_PORT', 'REDIS_DB', 'RATE_LIMIT_STRICT']) assert.match(bad.out + bad.err, new RegExp(`${name}: `));
  assert.ok(!(bad.out + bad.err).includes('geheim'));
  const fine = run(['check-config'], { env: { REDIS_URL: 'redis://u:geheim@h/1', REDIS_PASSWORD: 'geheim', DATABASE_URL: 'mysql://a:geheim@b/c', APP_ENV: 'production', SYSTEM_API_KEY: 'k'.repeat(40) } });
  assert.equal(fine.code, 0, fine.out + fine.err);
  assert.match(fine.out, /REDIS_URL=redis:\/\/u:\*\*\*@h\/1/);
  assert.ok(!(fine.out + fine.err).includes('geheim'));
});
