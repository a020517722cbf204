// with_endure.mjs - what the tests of endurance share: how long, what they tell, and a load whose every write is remembered.
//
// Why:  "nothing acknowledged is lost, nothing is there twice" can only be counted by somebody who knows all that was sent.
// How:  a writer repeats a write with the same Idempotency-Key until it is answered, over refusals (503, 507), broken connections and
//       restarts, as a client that was told to would. So in the end each write must be there exactly once, and what was answered must be
//       there at any time after. ENDURE=long: the long form; ENDURE_ROUNDS, ENDURE_MINUTES, ENDURE_CLIENTS choose another length.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { allItems, asker, live, sleep, startMariadb, startServer, temporaryFolder, until } from '../server.mjs';
import { applyDelta, campaign, leafCells, lineBody, matrix, orderPdf } from '../with.mjs';

export const LONG = process.env.ENDURE === 'long';
/** A length: of the environment, else of the long form or the short one. */
export const length = (name, short, long) => Number(process.env[`ENDURE_${name}`] ?? (LONG ? long : short));

/** One line on standard error that is overwritten where that is a terminal; nothing in the short form. */
export function progress(text) {
  if (LONG) process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

/** The line of figures of a test, in its diagnostics, where script/endure finds it. */
export function tell(t, name, figures) {
  if (LONG && process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  t.diagnostic(`${name}: ${Object.entries(figures).map(([k, v]) => `${k}=${typeof v === 'number' && !Number.isInteger(v) ? v.toFixed(3) : v}`).join(' ')}`);
}

export const random = (n) => Math.floor(Math.random() * n);

/** p-th part of some numbers, 0.5 the median. */
export function quantile(numbers, p) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}

/** Slope of y over x by least squares. */
export function slope(points) {
  const n = points.length, mx = points.reduce((a, [x]) => a + x, 0) / n, my = points.reduce((a, [, y]) => a + y, 0) / n;
  const xx = points.reduce((a, [x]) => a + (x - mx) ** 2, 0);
  return xx === 0 ? 0 : points.reduce((a, [x, y]) => a + (x - mx) * (y - my), 0) / xx;
}

/** A process as the kernel shows it: resident bytes, threads, sockets, other open files. */
export function processOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
  const open = { sockets: 0, files: 0 };
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    try {
      open[readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:') ? 'sockets' : 'files'] += 1;
    } catch {
      // closed meanwhile
    }
  }
  return { bytes: of('VmRSS') * 1024, threads: of('Threads'), ...open };
}

/** A data folder, a MariaDB if `mariadb`, and `start(options)`, which starts the server (again) on them as `server`; `load`, `readers`,
 * `follower` make one on that server. All goes with the test, also when it fails. */
export async function stage(t, { mariadb = false, dataDir = temporaryFolder(), env, args } = {}) {
  const place = { dataDir, db: null, server: null };
  const made = [];
  const keep = (one) => {
    made.push(one);
    return one;
  };
  t.after(async () => {
    for (const one of made) await one.abandon();
    if (place.server && !place.server.ended()) await place.server.kill();
    await place.db?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  if (mariadb) place.db = await startMariadb();
  place.start = async (options = {}) => {
    place.server = await startServer({ dataDir, env, args, database: place.db?.url, ...options });
    return place.server;
  };
  place.load = (options) => keep(new Load(place.server, options)).begin();
  place.readers = (paths, options) => keep(new Readers(place.server, paths, options));
  place.follower = (campaign, options) => keep(new Follower(place.server, campaign, options));
  return place;
}

const CONTENTS = LONG ? 1000 : 40; // of so many uploads the bytes are read back
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const callSign = (n) => `W${LETTERS[n % 26]}${LETTERS[Math.floor(n / 26) % 26]}${LETTERS[Math.floor(n / 676) % 26]}`;
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const CSV = (n) => `Advertiser,Station,Market,Start Date,End Date,Total (net)\nOurs,${callSign(n)},504,10/12/2026,10/18/2026,"$${n}.00"\nOurs,${callSign(n + 1)},504,10/12/2026,10/18/2026,"$${n}.01"\n`;

/* Writers on one server, which may be replaced while they write (`use`). Parts of a load, as weights: lines, edits, patches, verdicts,
 * combines, pdfs, sheets. `padding`: bytes of text in each line. `pause`: ms between two writes of a client. `line`: members of each line. */
class Load {
  constructor(server, { clients = 16, weights = { lines: 20, edits: 3, patches: 2, verdicts: 1, combines: 1, pdfs: 1, sheets: 1 }, padding = 300, pause = 0, line = {} } = {}) {
    Object.assign(this, { clients, padding, pause, line });
    this.kinds = Object.entries(weights).flatMap(([kind, n]) => Array(n).fill(kind));
    this.made = 0;
    // What was answered, by kind: {key, ...}; and how often writers were refused (503, 507), broken off, answered.
    this.ledger = { lines: [], edits: [], patches: [], verdicts: [], combines: [], pdfs: [], sheets: [] };
    this.refused = {};
    this.broken = 0;
    this.answered = 0;
    this.failed = []; // answers nobody may get
    this.slowest = 0; // ms from the first try of a write to its answer
    this.use(server);
  }

  use(server) {
    this.asker?.close();
    this.server = server;
    this.asker = asker(server, { sockets: this.clients + 8 });
  }

  /** The campaigns it works in: `lines` of the writers' own, `papers` of documents; `patched` one a client. */
  async begin() {
    const own = { markets: [998] }; // takes only what is sent to it
    this.lines = await campaign(this.server, own);
    this.papers = await campaign(this.server, own);
    this.edited = await campaign(this.server, own);
    this.patched = [];
    for (let i = 0; i < this.clients; i++) this.patched.push(await campaign(this.server, own));
    const { status, text } = await this.server.api('POST', '/api/v1/buy-lines', lineBody(this.edited.id));
    assert.equal(status, 201, text);
    return this;
  }

  /** Until it is answered: {status, json}. `givesUp`: of a status that would be asked again for. */
  async write(method, path, body, key, headers = {}, givesUp = 0) {
    const began = Date.now();
    while (!this.abandoned) {
      const { server, asker: own } = this;
      const answer = await own.ask(method, path, body, { 'idempotency-key': key, ...headers });
      const refused = answer !== null && (answer.status === 503 || answer.status === 507);
      if (refused) this.refused[answer.status] = (this.refused[answer.status] ?? 0) + 1;
      if (refused && answer.status === givesUp) return { status: givesUp };
      if (answer && !refused) {
        this.slowest = Math.max(this.slowest, Date.now() - began);
        this.answered += 1;
        const json = JSON.parse(answer.text);
        if (answer.status >= 500) this.failed.push({ method, path, status: answer.status, text: answer.text });
        return { status: answer.status, json };
      }
      if (!answer) this.broken += 1;
      await sleep(answer ? 10 : server === this.server ? 20 : 0);
    }
    return { status: 0, json: {} };
  }

  abandon() {
    this.abandoned = true;
    this.open = false;
    this.asker.close();
  }

  async expect(status, method, path, body, key, headers) {
    const answer = await this.write(method, path, body, key, headers);
    if (answer.status !== status) this.failed.push({ method, path, key, status: answer.status, text: JSON.stringify(answer.json) });
    return answer.status === status ? answer.json : null;
  }

  number() {
    this.made += 1;
    return this.made;
  }

  async post(n, more = {}) {
    const key = `k${n}`, gross_cents = n;
    const json = await this.expect(201, 'POST', '/api/v1/buy-lines', lineBody(this.lines.id, { station: callSign(n), gross_cents, reason: 'r'.repeat(this.padding), ...this.line, ...more }), key);
    if (json) this.ledger.lines.push({ key, id: json.id, gross_cents, at: Date.now() });
    return json;
  }

  async one(kind, client) {
    const n = this.number(), key = `k${n}`;
    if (kind === 'lines') await this.post(n);
    if (kind === 'patches') {
      const json = await this.expect(200, 'PATCH', `/api/v1/campaigns/${this.patched[client].id}`, { client: key }, key);
      if (json) this.ledger.patches.push({ key, client });
    }
    if (kind === 'edits') {
      const seen = await this.read(`/api/v1/matrix?campaign_id=${this.edited.id}`);
      const leaf = seen?.rows.find((r) => r.kind === 'leaf');
      if (!leaf) return;
      const edits = [{ key: `${leaf.key}@${seen.weeks[0]}`, gross_cents: 100 * n, reason: key }];
      const { status, json } = await this.write('POST', '/api/v1/matrix/batch-update', { campaign_id: this.edited.id, base_version: seen.version, edits }, key);
      if (status === 200) this.ledger.edits.push({ key });
      else if (status !== 409) this.failed.push({ kind, status, text: JSON.stringify(json) }); // 409: somebody else was first
    }
    if (kind === 'combines') {
      const station = callSign(n), parts = [await this.post(n, { station }), await this.post(this.number(), { station })];
      if (parts.includes(null)) return;
      const json = await this.expect(200, 'POST', '/api/v1/dedupe/rows/combine', { campaign_id: this.lines.id, buy_line_ids: parts.map((l) => l.id), reason: `${key}c` }, `${key}c`);
      if (json) this.ledger.combines.push({ key: `${key}c` });
    }
    if (kind === 'verdicts') await this.verdict(n);
    if (kind === 'pdfs') await this.upload(kind, `${key}.pdf`, orderPdf({ number: String(7000000 + n), station: callSign(n), gross: '$1,000.00' }), 'fcc', key);
    if (kind === 'sheets') await this.upload(kind, `${key}.csv`, Buffer.from(CSV(n)), 'rep_mail', key);
  }

  // Two lines that look like one buy, and what somebody decides about them.
  async verdict(n) {
    const alike = { station: callSign(n + 7000), advertiser: 'Ours', gross_cents: 100000 + n };
    const json = [await this.postVerdict(n, { ...alike, source: 'fcc', order_no: String(6000000 + n) }), await this.postVerdict(this.number(), { ...alike, source: 'rep_mail' })];
    if (json.includes(null)) return;
    const group = (await this.read(`/api/v1/dedupe/groups?campaign_id=${this.papers.id}&status=open`))?.items.find((g) => g.members.some((m) => m.buy_line_id === json[0].id));
    if (!group) return;
    const key = `k${n}v`;
    const { status, json: done } = await this.write('POST', `/api/v1/dedupe/groups/${group.id}/resolve`, { action: 'keep', winner: json[0].id, reason: key }, key);
    if (status === 200) this.ledger.verdicts.push({ key, group: group.id, undo_token: done.undo_token });
    else if (status !== 409) this.failed.push({ kind: 'verdict', status, text: JSON.stringify(done) });
  }

  postVerdict(n, body) {
    return this.expect(201, 'POST', '/api/v1/buy-lines', lineBody(this.papers.id, body), `k${n}`);
  }

  async upload(kind, name, bytes, source, key) {
    const path = `/api/v1/inputs?source=${source}&filename=${name}&campaign_id=${this.papers.id}`;
    // Who finds no room for a file comes later with another: it never was there.
    const { status, json } = await this.write('POST', path, bytes, key, { 'content-type': 'application/octet-stream' }, 507);
    if (status === 507) await sleep(50);
    else if (status === 202 || status === 200) this.ledger[kind].push({ key, name, id: json.id, sha256: sha256(bytes) });
    else this.failed.push({ kind, status, text: JSON.stringify(json) });
  }

  /** A read's JSON; null where the connection broke. */
  async read(path) {
    const answer = await this.asker.ask('GET', path);
    if (answer === null) return null;
    if (answer.status !== 200) this.failed.push({ path, status: answer.status, text: answer.text });
    return answer.status === 200 ? JSON.parse(answer.text) : null;
  }

  /** Writes until `end`; another call goes on. */
  start() {
    this.open = true;
    this.running = Promise.all(Array.from({ length: this.clients }, async (_, client) => {
      while (this.open) {
        await this.one(this.kinds[random(this.kinds.length)], client);
        if (this.pause) await sleep(this.pause);
      }
    }));
    return this;
  }

  /** Waits until every write under way is answered. */
  async end() {
    this.open = false;
    await this.running;
    this.running = null;
  }

  /** How many of these answered lines the server does not know. */
  async lostOf(lines) {
    let lost = 0;
    for (const { id } of lines) if ((await this.server.api('GET', `/api/v1/buy-lines/${id}`)).status !== 200) lost += 1;
    return lost;
  }

  /** After `end`: {answered, lost, doubled}, every write of the ledger looked up. */
  async count() {
    const { server, ledger } = this;
    let lost = 0, doubled = 0;
    // Each of `keys` stands once in `seen`, and nothing else of ours does.
    const once = (keys, seen, what) => {
      const times = new Map();
      for (const key of seen) times.set(key, (times.get(key) ?? 0) + 1);
      const gone = keys.filter((k) => !times.has(k)), twice = [...times].filter(([, n]) => n > 1).map(([k]) => k);
      if (gone.length + twice.length > 0) this.failed.push({ what, gone: gone.slice(0, 5), twice: twice.slice(0, 5) });
      lost += gone.length;
      doubled += twice.length;
    };
    const own = (k) => /^k\d+([cv]|\.pdf|\.csv)?$/.test(k ?? '');
    const lines = await allItems(server, `/api/v1/buy-lines?campaign_id=${this.lines.id}`);
    once(ledger.lines.map((l) => l.id), lines.map((l) => l.id), 'line');
    const posted = lines.filter((l) => l.reason === 'r'.repeat(this.padding));
    once(ledger.lines.map((l) => l.gross_cents), posted.map((l) => l.gross_cents), 'line by amount');
    const sum = ledger.lines.reduce((a, l) => a + l.gross_cents, 0);
    const { total_cents } = (await matrix(server, this.lines.id)).totals;
    if ((total_cents ?? 0) !== sum) this.failed.push({ what: 'total', total_cents, sum });
    once(ledger.edits.map((e) => e.key), (await allItems(server, `/api/v1/matrix/adjustments?campaign_id=${this.edited.id}`)).map((a) => a.reason).filter(own), 'edit');
    const decided = async ({ id }) => (await allItems(server, `/api/v1/dedupe/decisions?campaign_id=${id}`)).map((d) => d.reason).filter(own);
    once(ledger.combines.map((c) => c.key), await decided(this.lines), 'combination');
    once(ledger.verdicts.map((v) => v.key), await decided(this.papers), 'verdict');
    for (const [client, { id, version }] of this.patched.entries()) {
      const mine = ledger.patches.filter((p) => p.client === client);
      const { json } = await server.api('GET', `/api/v1/campaigns/${id}`);
      lost += Number(mine.length > 0 && json.client !== mine.at(-1).key);
      doubled += Math.max(0, json.version - version - mine.length);
    }
    const inputs = await until('all inputs are read', async () => {
      const all = await allItems(server, '/api/v1/inputs');
      return all.every((i) => i.status !== 'stored') && all;
    }, 120000, 200);
    const papers = [...ledger.pdfs, ...ledger.sheets];
    once(papers.map((p) => p.id), inputs.map((i) => i.id), 'input');
    once(papers.map((p) => p.name), inputs.map((i) => i.filename), 'input by name');
    for (const { id, filename, status } of inputs) if (own(filename) && status !== 'parsed') this.failed.push({ what: 'input', id, status });
    for (let i = 0; i < Math.min(CONTENTS, papers.length); i++) {
      const { id, sha256: want } = papers[papers.length <= CONTENTS ? i : random(papers.length)];
      const content = await fetch(`${server.url}/api/v1/inputs/${id}/content`, { headers: { 'x-api-key': server.key } });
      lost += Number(sha256(Buffer.from(await content.arrayBuffer())) !== want);
    }
    const read = (await allItems(server, `/api/v1/buy-lines?campaign_id=${this.papers.id}`)).filter((l) => l.input_id !== null);
    const want = ledger.pdfs.length + 2 * ledger.sheets.length;
    lost += Math.max(0, want - read.length);
    doubled += Math.max(0, read.length - want);
    return { answered: this.answered, lost, doubled };
  }

  /** As `count`, and nothing may be lost, doubled or have failed. */
  async assertWhole() {
    const counted = await this.count();
    assert.deepEqual(this.failed.slice(0, 5), []);
    assert.deepEqual([counted.lost, counted.doubled], [0, 0]);
    return counted;
  }

}

/* Readers that ask one path after the other, each `pause` ms after its last answer; an answer that is not 200 has failed. */
class Readers {
  constructor(server, paths, { clients = 4, pause = 5 } = {}) {
    Object.assign(this, { paths, clients, pause, answered: 0, failed: [], times: [] });
    this.use(server);
  }

  use(server) {
    this.asker?.close();
    this.asker = asker(server, { sockets: this.clients });
  }

  start() {
    this.open = true;
    this.running = Promise.all(Array.from({ length: this.clients }, async (_, i) => {
      for (let n = i; this.open; n++) {
        const path = this.paths[n % this.paths.length], began = performance.now();
        const answer = await this.asker.ask('GET', path);
        if (answer?.status === 200) this.answered += 1;
        else this.failed.push({ path, status: answer?.status ?? 'broken', text: answer?.text.slice(0, 300) });
        if (this.times.length < 200000) this.times.push(performance.now() - began);
        await sleep(this.pause);
      }
    }));
    return this;
  }

  async end() {
    this.open = false;
    await this.running;
    this.asker.close();
  }

  abandon() {
    this.open = false;
    this.asker.close();
  }
}

/** Paths that read of a campaign what people look at. */
export const readsOf = ({ id }) => [`/api/v1/matrix?campaign_id=${id}`, `/api/v1/buy-lines?campaign_id=${id}&limit=20`, '/api/v1/campaigns?limit=5', `/api/v1/dedupe/groups?campaign_id=${id}&limit=5`,
  `/api/v1/matrix?campaign_id=${id}&week_mode=projected`, '/api/v1/health'];

/* A live client that folds what it is told into the cells of a matrix, as a browser does; it comes back with the last id it saw. */
class Follower {
  constructor(server, campaign, { h2 = false } = {}) {
    Object.assign(this, { server, campaign, h2, id: null, version: null, cells: new Map(), failed: [], deltas: 0, snapshots: 0, reasons: {}, stream: null });
  }

  /** `last`: the id it says it saw. */
  connect(last = this.id) {
    const said = last; // of this stream: an event of an older one that comes late would be a fault
    this.stream = live(this.server, this.campaign, { last: said ?? undefined, h2: this.h2, on: (event) => this.take(event) });
    return this;
  }

  take({ id, event, data }) {
    if (event === 'snapshot') {
      this.snapshots += 1;
      this.reasons[data.reason] = (this.reasons[data.reason] ?? 0) + 1;
      this.cells = leafCells(data);
    } else {
      if (data.version !== this.version + 1) this.failed.push(`delta ${data.version} after ${this.version}`);
      this.deltas += 1;
      applyDelta(this.cells, data);
    }
    this.version = data.version;
    this.id = id;
  }

  disconnect() {
    return this.stream?.close();
  }

  abandon() {
    return this.disconnect();
  }

  reaches(version, ms = 30000) {
    return until(`version ${version} of a live client (has ${this.version}; ${this.stream.status} ${this.stream.failed ?? ''})`, () => this.version >= version, ms);
  }

  /** The same while now and then a write comes: `read` gives the matrix, again when one came in between. */
  async assertEqualsSoon(read) {
    let got;
    do {
      got = await read();
      await this.reaches(got.version);
    } while (this.version !== got.version);
    await this.assertEquals(got);
  }

  /** Waits for the matrix's version and compares. */
  async assertEquals(got) {
    await this.reaches(got.version);
    assert.deepEqual(this.failed.slice(0, 3), []);
    assert.equal(this.version, got.version);
    assert.deepEqual([...this.cells].sort(), [...leafCells(got)].sort());
  }
}
