// match_names.test.mjs - the command `match-names`: what it prints, what it refuses, and bytes nobody expects.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { run, temporaryFolder } from './server.mjs';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name, content) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const known = file('known.txt', 'Walnut Growers Association\nWalnut Growers Action Fund\r\n\nJane Doe for Senate\nJohn Doe for Mayor\n');
const match = (raw, options = ['--json']) => run(['match-names', '--known', known, ...options, file('raw.txt', raw)]);
const answers = (raw) => {
  const r = match(raw);
  assert.equal(r.code, 0, r.err);
  return r.out.split('\n').slice(0, -1).map((l) => JSON.parse(l));
};

test('one object a line in the order of the names; null where nothing is certain', () => {
  const got = answers('ISS/Walnut Growers Assn.\nDOE, JANE / D / US SEN\nDoe\nRacetrack Owners\nwalnut growers association');
  assert.deepEqual(got.map((a) => a.match), ['Walnut Growers Association', 'Jane Doe for Senate', null, null, 'Walnut Growers Association']);
  for (const a of got) {
    assert.deepEqual(Object.keys(a), ['raw', 'match', 'score_bp', 'why']);
    assert.ok(Number.isInteger(a.score_bp) && a.score_bp >= 0 && a.score_bp <= 10000);
    assert.ok(a.why.length > 0);
  }
  assert.equal(got[1].raw, 'DOE, JANE / D / US SEN');
  assert.equal(got[4].score_bp, 10000);
  assert.deepEqual(answers('ISS/Walnut Growers Assn.\n'), got.slice(0, 1)); // each name for itself
});

test('a table for people', () => {
  const r = match('POL/Jane Doe for Senate\nRacetrack Owners\n', []);
  assert.equal(r.code, 0, r.err);
  const lines = r.out.trim().split('\n');
  assert.match(lines[0], /^raw +match +score +why$/);
  assert.match(lines[1], /^POL\/Jane Doe for Senate +Jane Doe for Senate +9990 /);
  assert.match(lines[2], /^Racetrack Owners +- +\d+ /);
  assert.equal(lines.at(-1), '2 names, 1 matched');
});

test('any bytes: long lines, NUL, broken UTF-8, terminal codes', () => {
  const bytes = Buffer.concat([Buffer.alloc(3 << 20, 'x'), Buffer.from('\nJane\0Doe for Senate\n\u001b[31mJane Doe for Senate\n'), Buffer.from([0x4a, 0xff, 0xfe, 0x0a]), Buffer.from('()\nlast line')]);
  const got = answers(bytes);
  assert.equal(got.length, 6);
  assert.equal(got[0].match, null);
  assert.ok(got[0].raw.length <= 200);
  assert.match(got[0].why, /too long/);
  assert.equal(got[1].raw, 'Jane\ufffdDoe for Senate');
  assert.equal(got[3].raw, 'J\ufffd\ufffd');
  assert.equal(got[5].raw, 'last line');
  const table = match(bytes, []);
  assert.equal(table.code, 0);
  assert.ok(!table.out.includes('\u001b'));
  assert.deepEqual(answers('\n  \r\n\t\n'), []);
});

test('errors name the file; wrong usage is 2', () => {
  const raw = file('some.txt', 'Doe\n');
  for (const args of [[], ['--known', known], [raw], ['--known'], ['--known', known, raw, raw], ['--colour', 'red', '--known', known, raw]]) {
    const r = run(['match-names', ...args]);
    assert.equal(r.code, 2, args.join(' '));
    assert.match(r.err, /^trailmix match-names: /);
    assert.equal(r.out, '');
  }
  assert.match(run(['match-names', '--help']).out, /^usage: trailmix match-names/);
  for (const [args, why] of [
    [['--known', join(folder, 'absent'), raw], /absent: No such file/],
    [['--known', known, join(folder, 'absent')], /absent: No such file/],
    [['--known', known, folder], /Is a directory/],
    [['--known', file('empty.txt', '\n\n'), raw], /empty\.txt holds no name/],
    [['--known', file('latin.txt', Buffer.from([0x41, 0x0a, 0xe9, 0x0a])), raw], /latin\.txt:2: not UTF-8/],
    [['--known', file('long.txt', `${'y'.repeat(5000)}\n`), raw], /long\.txt:1: longer than/],
  ]) {
    const r = run(['match-names', ...args]);
    assert.equal(r.code, 1, String(why));
    assert.match(r.err, why);
  }
});
