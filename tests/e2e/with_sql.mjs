// with_sql.mjs - whether a projection equals the state: buy lines field by field against the API, and every table row by row against a
// database made anew from the journal.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { allItems, caughtUp, sqlite, startServer, temporaryFolder } from './server.mjs';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const number = (id) => (id === null ? null : [...id.split('_')[1]].reduce((n, c) => n * 32n + BigInt(ALPHABET.indexOf(c)), 0n).toString());
const isId = (name) => /^id$|_id$|^superseded_by$|^adjustment_of$|^made_by$/.test(name);
export const COLUMNS = (line) => Object.keys(line);
const cast = (quote) => (name) => (isId(name) ? `CAST(${quote}${name}${quote} AS CHAR)` : `${quote}${name}${quote}`);

// A field of the API as its column holds it.
function asRow(name, value) {
  if (value === null) return null;
  if (isId(name)) return number(value);
  if (typeof value === 'boolean') return Number(value);
  return value;
}
const asJson = (v) => (typeof v === 'string' && /^[[{]/.test(v) ? JSON.parse(v) : v);
// Absent members of list items, and empty lists in them, are not stored; an empty list may be NULL.
const bare = (v) => (v && typeof v === 'object' && !Array.isArray(v) ? Object.fromEntries(Object.entries(v).filter(([, x]) => x !== null && !(Array.isArray(x) && x.length === 0))) : v);
const noList = (v) => (Array.isArray(v) ? (v.length === 0 ? null : v.map(bare)) : v);

export function assertRows(lines, rows) {
  assert.equal(rows.length, lines.length, 'rows');
  const byId = new Map(rows.map((r) => [r.id, r]));
  for (const l of lines) {
    const row = byId.get(number(l.id));
    assert.ok(row, `row of ${l.id}`);
    for (const [name, value] of Object.entries(l)) assert.deepEqual(noList(asJson(row[name] ?? null)), noList(asRow(name, value)), `${l.id} ${name}`);
  }
}

export async function allLines(server) {
  const lines = await allItems(server, '/api/v1/pending');
  for (const { id } of await allItems(server, '/api/v1/campaigns')) lines.push(...await allItems(server, `/api/v1/buy-lines?campaign_id=${id}`));
  return lines;
}

// Lines of SQLite, or of MariaDB, with ids as text: they are larger than numbers of JavaScript.
export const sqliteRows = (server, columns) => sqlite(server.dataDir, `SELECT ${columns.map(cast('"')).map((c, i) => `${c.replace(' AS CHAR', ' AS TEXT')} AS "${columns[i]}"`).join(', ')} FROM buy_line`);

const mariadbRows = (db, columns) => db.query(`SELECT JSON_OBJECT(${columns.map((c) => `'${c}', ${cast('`')(c)}`).join(', ')}) FROM buy_line`).trim().split('\n').filter(Boolean).map((l) => JSON.parse(l));

export async function assertMariadb(server, db) {
  await caughtUp(server, 60000);
  const lines = await allLines(server);
  assertRows(lines, mariadbRows(db, COLUMNS(lines[0])));
  return lines.length;
}

const position = (db, name) => Number(db.query(`SELECT seq FROM ${name}.projection_position`));

// What a server on that folder brings into that database, until it has everything and has ended; what it brought it up to.
async function brought(dataDir, db, url, name) {
  const server = await startServer({ dataDir, database: url });
  try {
    await caughtUp(server, 300000);
  } finally {
    assert.equal(await server.stop(), 0, server.stderr());
  }
  return position(db, name);
}

/** Every row of every table of the stopped server's database `trailmix` is also in a database that is made anew from the journal, and the
 * other way round, each as often. {tables, rows}. */
export async function assertSqlIsJournal(dataDir, db) {
  const copy = temporaryFolder();
  try {
    cpSync(dataDir, copy, { recursive: true });
    const again = db.another('again');
    // A start may commit something (a day has turned): both are led to one position.
    for (let i = 0; await brought(copy, db, again, 'again') !== await brought(copy, db, db.url, 'trailmix'); i++) assert.ok(i < 5, 'two databases do not come to one position');
    const tables = db.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'trailmix'").trim().split('\n');
    assert.deepEqual(db.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'again'").trim().split('\n').sort(), tables.sort());
    let rows = 0;
    for (const table of tables) {
      const only = (a, b) => db.query(`SELECT * FROM ${a}.\`${table}\` EXCEPT ALL SELECT * FROM ${b}.\`${table}\` LIMIT 3`);
      assert.deepEqual({ table, 'not in the journal': only('trailmix', 'again'), 'not in the database': only('again', 'trailmix') }, { table, 'not in the journal': '', 'not in the database': '' });
      rows += Number(db.query(`SELECT COUNT(*) FROM \`${table}\``));
    }
    return { tables: tables.length, rows };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
