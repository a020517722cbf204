// server.mjs - starts what an end-to-end test talks to: trailmix, MariaDB, Redis; each on a free port, in a folder of its own.
//
// Why:  tests must neither share data nor ports, and nothing may be left running or lying about.
// How:  port 0 and the printed `listening on`; every child is ended by its own process id, also when the test itself dies.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const SAMPLES = join(ROOT, 'samples');
export const BIN = process.env.TRAILMIX_BIN ?? join(ROOT, 'build/release/trailmix');

const children = new Set();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const temporaryFolder = (name = 'trailmix-e2e-') => mkdtempSync(join(tmpdir(), name));

/** Asks again until `probe` gives something true; its last answer, or an error after `ms`. */
export async function until(what, probe, ms = 15000, every = 25) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await probe();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`still waiting after ${ms} ms: ${what}`);
    await sleep(every);
  }
}

function environment(more) {
  const env = { ...process.env, ...more };
  for (const name of Object.keys(env)) if (/^(PORT|DATABASE_URL|TRAILMIX_DATA|SYSTEM_API_KEY|JWT_SECRET|APP_ENV|RATE_LIMIT_STRICT|REDIS_\w+)$/.test(name) && !(name in more)) delete env[name];
  return env;
}

function launch(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  children.add(child);
  const state = { child, out: '', err: '', ended: null };
  child.stdout.on('data', (d) => (state.out = (state.out + d).slice(-200000)));
  child.stderr.on('data', (d) => (state.err = (state.err + d).slice(-200000)));
  state.exit = new Promise((done) => {
    child.on('error', (e) => {
      state.err += String(e);
      state.ended = { code: -1 };
      children.delete(child);
      done(state.ended);
    });
    child.on('close', (code, signal) => {
      state.ended = { code, signal };
      children.delete(child);
      done(state.ended);
    });
  });
  return state;
}

/** Starts the server. `dataDir` given: kept, else a temporary folder that goes with `stop`. Rejects with its standard error when it
 * ends before it listens. `ready` is another line to wait for (the demo is loaded after `listening on`). */
export async function startServer({ args = [], env = {}, dataDir, database, ready, ms = 30000 } = {}) {
  const folder = dataDir ?? temporaryFolder();
  const all = ['serve', '--listen', '127.0.0.1:0', '--data', folder, ...(database ? ['--database', database] : []), ...args];
  const started = Date.now();
  const state = launch(BIN, all, { env: environment({ LOG_LEVEL: 'warn', ...env }) });
  const clean = () => dataDir === undefined && rmSync(folder, { recursive: true, force: true });
  const wait = (pattern) => until(`${pattern} from trailmix; so far: ${state.err}`, () => {
    if (state.ended) throw new Error(`trailmix ended with ${state.ended.code ?? state.ended.signal}: ${state.err}`);
    return pattern.exec(state.err);
  }, ms, 5);
  try {
    const [, url] = await wait(/listening on (https?:\/\/\S+)/);
    const readyMs = Date.now() - started;
    const [, signInLink] = await wait(/(https?:\/\/\S+\/sign-in#\S+)/);
    if (ready) await wait(ready);
    const key = env.SYSTEM_API_KEY ?? readFileSync(join(folder, 'system.key'), 'utf8').trim();
    const server = {
      url, key, signInLink, dataDir: folder, pid: state.child.pid, readyMs,
      port: Number(new URL(url).port),
      stderr: () => state.err,
      ended: () => state.ended,
      /** Orderly: the exit code. */
      async stop() {
        if (!state.ended) state.child.kill('SIGTERM');
        const { code } = await state.exit;
        clean();
        return code;
      },
      /** As a power cut would: nothing is flushed, the data folder stays. */
      async kill() {
        state.child.kill('SIGKILL');
        await state.exit;
      },
    };
    server.api = api(server);
    return server;
  } catch (e) {
    state.child.kill('SIGKILL');
    await state.exit;
    clean();
    throw e;
  }
}

/** Runs the command to its end: {code, out, err}. */
export function run(args, { env = {}, input, cwd } = {}) {
  const r = spawnSync(BIN, args, { env: environment(env), input, cwd, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120000 });
  return { code: r.status, signal: r.signal, out: r.stdout, err: r.stderr };
}

/** The same without blocking this process. */
export async function runAsync(args, { env = {} } = {}) {
  const state = launch(BIN, args, { env: environment(env) });
  const { code } = await state.exit;
  return { code, out: state.out, err: state.err };
}

// ---- HTTP ----

/** `api(server)(METHOD, path, body, headers)` -> {status, headers, text, json}. A body that is no string or bytes goes as JSON. */
export function api(server) {
  return async (method, path, body, headers = {}) => {
    const isBytes = typeof body === 'string' || body instanceof Uint8Array;
    const all = { 'x-api-key': server.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    const answer = await fetch(server.url + path, { method, headers: all, body: body === undefined || isBytes ? body : JSON.stringify(body), redirect: 'manual' }).catch((e) => {
      const ended = server.ended?.();
      throw ended ? new Error(`trailmix ended with ${ended.code ?? ended.signal}: ${server.stderr().slice(-2000)}`, { cause: e }) : e;
    });
    const text = await answer.text();
    let json;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: answer.status, headers: answer.headers, text, json };
  };
}

/** As `api`, for load: fetch is too slow for it. Keeps its connections, at most `sockets`, and parses nothing; a connection that breaks is
 * null, not an error. `ask(METHOD, path, body, headers)` -> {status, text} or null; `close()`. */
export function asker(server, { sockets = 64 } = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const ask = (method, path, body, headers = {}) => new Promise((done) => {
    const bytes = body === undefined || body instanceof Uint8Array ? body : JSON.stringify(body);
    const all = { 'x-api-key': server.key, ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(bytes) }), ...headers };
    const req = request({ port: server.port, host: '127.0.0.1', method, path, agent, headers: all }, (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (d) => (text += d));
      res.on('end', () => done(res.complete ? { status: res.statusCode, text } : null));
      res.on('error', () => done(null));
      res.on('aborted', () => done(null));
    });
    req.on('error', () => done(null));
    req.end(bytes);
  });
  return { ask, close: () => agent.destroy() };
}

/** As `api`, from another address of this machine (127.0.0.0/8), for what is counted by address; the key only if given. */
export function apiFrom(server, localAddress) {
  return (method, path, body, headers = {}) => new Promise((done, fail) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const all = text === undefined ? headers : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers };
    const ask = request(server.url + path, { method, headers: all, localAddress, agent: false }, async (answer) => {
      let got = '';
      for await (const part of answer.setEncoding('utf8')) got += part;
      done({ status: answer.statusCode, headers: new Headers(answer.headers), text: got, json: /json/.test(answer.headers['content-type']) ? JSON.parse(got) : undefined });
    });
    ask.on('error', fail).end(text);
  });
}

/** Bytes out, everything that comes back until the peer closes or `ms` are over: {text, closed}. */
export function raw(server, bytes, { ms = 3000, done } = {}) {
  return new Promise((finish) => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    let timer = null;
    const end = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      finish({ text, closed });
    };
    timer = setTimeout(() => end(false), ms);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', (d) => {
      text += d.toString('latin1');
      if (done?.(text)) end(false);
    });
    socket.on('error', () => end(true));
    socket.on('close', () => end(true));
  });
}

/** A live stream: events arrive in `events` as {id, event, data}; `wait(n)` for the n-th, `close()`; `pause()` takes no more bytes until
 * `resume()`. `as`: headers that say who asks. `on`: takes each event instead of `events`. `h2`: over HTTP/2 in clear text. */
export function live(server, campaign, { last, query, as, on, h2 = false } = {}) {
  const stream = { events: [], comments: 0, status: 0, failed: null };
  const take = on ?? ((event) => stream.events.push(event));
  const path = `/api/v1/live?campaign_id=${campaign}${query ? `&last_event_id=${encodeURIComponent(query)}` : ''}`;
  const headers = { ...(as ?? { 'x-api-key': server.key }), ...(last ? { 'last-event-id': last } : {}) };
  let rest = '', closed = false;
  const parse = (part) => {
    rest += part;
    for (let at; (at = rest.indexOf('\n\n')) >= 0; rest = rest.slice(at + 2)) {
      const event = {};
      for (const line of rest.slice(0, at).split('\n')) {
        if (line.startsWith(':')) stream.comments += 1;
        const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (name) event[name] = event[name] === undefined ? value : `${event[name]}\n${value}`;
      }
      if (event.data !== undefined && !closed) take({ ...event, data: JSON.parse(event.data) });
    }
  };
  // get, not fetch: an aborted body of that never ends in Node 18
  const session = h2 ? connectHttp2(server.url) : null;
  const ask = h2 ? session.request({ ':path': path, ...headers }) : get(server.url + path, { headers, agent: false });
  let body = null;
  stream.done = new Promise((done) => {
    const end = (e) => {
      if (e && !closed) stream.failed = e;
      session?.destroy();
      done();
    };
    session?.on('error', end).on('close', () => end());
    ask.on('error', end).on('close', () => end());
    ask.on('response', (answer) => {
      body = h2 ? ask : answer;
      stream.headers = h2 ? answer : answer.headers;
      stream.status = h2 ? answer[':status'] : answer.statusCode;
      stream.type = stream.headers['content-type'];
      body.setEncoding('utf8').on('data', parse).on('error', end).on('end', () => end());
    });
  });
  stream.wait = async (n, ms = 10000) => {
    await until(`event ${n} of a live stream (have ${stream.events.length})`, () => stream.events.length >= n, ms);
    return stream.events[n - 1];
  };
  stream.pause = () => body?.pause();
  stream.resume = () => body?.resume();
  stream.close = async () => {
    closed = true;
    h2 ? session.destroy() : ask.destroy();
    await stream.done;
  };
  return stream;
}

/** All items of a list, page by page. */
export async function allItems(server, path) {
  const items = [];
  for (let cursor = null; ;) {
    const answer = await server.api('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    items.push(...answer.json.items);
    cursor = answer.json.next_cursor;
    if (cursor === null) return items;
  }
}

/** Waits until the database holds everything. */
export const caughtUp = (server, ms = 30000) =>
  until('lag 0 in /api/v1/health', async () => {
    const { json } = await server.api('GET', '/api/v1/health');
    return json?.parts?.database?.status === 'ok' && json.parts.database.lag_commits === 0;
  }, ms, 50);

/** Stores bytes and waits until they are parsed; the input as it is then. */
export async function storeInput(server, name, bytes, query = '') {
  const stored = await server.api('POST', `/api/v1/inputs?source=fcc&filename=${encodeURIComponent(name)}${query}`, bytes, { 'content-type': 'application/pdf' });
  if (stored.status !== 202 && stored.status !== 200) throw new Error(`${name}: ${stored.status} ${stored.text}`);
  return until(`${name} is parsed`, async () => {
    const { json } = await server.api('GET', `/api/v1/inputs/${stored.json.id}`);
    return json.status !== 'stored' && json;
  }, 60000);
}

// ---- databases ----

export function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

const which = (...names) => names.find((n) => spawnSync('sh', ['-c', `command -v ${n}`]).status === 0);
export const noMariadb = which('mariadbd', 'mysqld') ? false : 'no mariadbd on this machine';
export const noRedis = which('redis-server') ? false : 'no redis-server on this machine';

/** A MariaDB of its own: {url, query(sql) -> text, stop(), kill(), start(), freeze(), thaw()}; `start` after `kill` on the same port and
 * data; `another(name)` makes one more database and gives its url; `console()` keeps an administrator's connection: {run(sql), end()}. */
export async function startMariadb() {
  const folder = temporaryFolder('trailmix-mariadb-');
  const data = join(folder, 'data'), socket = join(folder, 's');
  const port = await freePort();
  const user = process.getuid() === 0 ? ['--user=root'] : [];
  execFileSync(which('mariadb-install-db', 'mysql_install_db'), ['--no-defaults', ...user, `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'],
    { stdio: 'ignore' });
  const init = join(folder, 'init.sql');
  writeFileSync(init, "CREATE DATABASE IF NOT EXISTS trailmix CHARACTER SET utf8mb4;\nCREATE USER IF NOT EXISTS 'trail'@'127.0.0.1' IDENTIFIED BY 'mix';\n" +
    "GRANT ALL ON trailmix.* TO 'trail'@'127.0.0.1';\n");
  let state = null;
  const db = {
    url: `mysql://trail:mix@127.0.0.1:${port}/trailmix`,
    query: (sql) => execFileSync(which('mariadb', 'mysql'), ['--no-defaults', '-uroot', `--socket=${socket}`, '-N', '-B', '--raw', '--default-character-set=utf8mb4', 'trailmix', '-e', sql],
      { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] }),
    async start() {
      state = launch(which('mariadbd', 'mysqld'), ['--no-defaults', ...user, `--datadir=${data}`, `--socket=${socket}`, `--port=${port}`, '--bind-address=127.0.0.1',
        '--skip-name-resolve', '--innodb-buffer-pool-size=64M', `--pid-file=${join(folder, 'pid')}`, `--init-file=${init}`], { stdio: ['ignore', 'pipe', 'pipe'] });
      await until('MariaDB answers', () => {
        if (state.ended) throw new Error(`mariadbd ended: ${state.err}`);
        try {
          return db.query('SELECT COUNT(*) FROM mysql.db WHERE User = \'trail\'').trim() === '1';
        } catch {
          return false;
        }
      }, 40000, 100);
    },
    console() {
      const child = spawn(which('mariadb', 'mysql'), ['--no-defaults', '--force', '-uroot', `--socket=${socket}`, 'trailmix'], { stdio: ['pipe', 'ignore', 'ignore'] });
      children.add(child);
      child.on('close', () => children.delete(child));
      child.stdin.on('error', () => {}); // the database died
      return { run: (sql) => child.stdin.write(`${sql};\n`), end: () => child.stdin.end() };
    },
    another(name) {
      db.query(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name} CHARACTER SET utf8mb4; GRANT ALL ON ${name}.* TO 'trail'@'127.0.0.1'`);
      return `mysql://trail:mix@127.0.0.1:${port}/${name}`;
    },
    freeze: () => state.child.kill('SIGSTOP'),
    thaw: () => state.child.kill('SIGCONT'),
    async kill() {
      state.child.kill('SIGKILL');
      await state.exit;
    },
    async stop() {
      state.child.kill('SIGCONT');
      state.child.kill('SIGTERM');
      await state.exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await db.start();
  return db;
}

/** A Redis of its own: {url, port, cli(...words) -> text, start(more), kill(), pause(), resume(), stop()}; `start` after `kill` on the same
 * port and folder. `args`: options of redis-server. */
export async function startRedis(args = []) {
  const folder = temporaryFolder('trailmix-redis-');
  const port = await freePort();
  let state = null;
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    cli: (...words) => execFileSync('redis-cli', ['-p', String(port), ...words], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    async start(more = []) {
      state = launch(which('redis-server'), ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder, ...args, ...more]);
      await until('Redis answers', async () => {
        if (state.ended) throw new Error(`redis-server ended: ${state.out}${state.err}`);
        return /PONG|NOAUTH|LOADING/.test((await raw({ port }, 'PING\r\n', { ms: 500, done: (t) => t.includes('\n') })).text);
      });
    },
    async kill() {
      state.child.kill('SIGKILL');
      await state.exit;
    },
    pause: () => state.child.kill('SIGSTOP'),
    resume: () => state.child.kill('SIGCONT'),
    async stop() {
      await redis.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

/** Rows of the data folder's SQLite, as objects. */
export function sqlite(dataDir, sql) {
  const out = execFileSync('sqlite3', ['-readonly', '-json', join(dataDir, 'trailmix.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return out.trim() === '' ? [] : JSON.parse(out);
}

/** Folder of real documents, if this machine has them. */
export function realDocuments() {
  const base = process.env.TRAILMIX_SHARED ?? join(ROOT, '../shared');
  return existsSync(join(base, 'data')) ? base : null;
}
