// bench.test.mjs - the tools around the benchmarks: bounds that are held or missed, the table of docs/performance.md, flame graphs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, temporaryFolder } from './server.mjs';

const budget = readFileSync(join(ROOT, 'bench/budget.txt'), 'utf8').split('\n').filter((l) => l && !l.startsWith('#')).map((l) => l.split(' '));

function hold(figures, ...options) {
  const folder = temporaryFolder();
  try {
    writeFileSync(join(folder, 'figures'), figures.join('\n') + '\n');
    const r = spawnSync('awk', [...options, '-f', join(ROOT, 'bench/budget.awk'), join(ROOT, 'bench/budget.txt'), join(folder, 'figures')], { encoding: 'utf8' });
    return { code: r.status, out: r.stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('bench: each line of the budget is whole, and its strict bound not looser than its loose one', () => {
  assert.ok(budget.length > 30);
  for (const [name, kind, loose, strict, aim, ...rest] of budget) {
    assert.ok(['least', 'most'].includes(kind) && aim !== undefined && rest.length === 0, name);
    const [l, s, a] = [loose, strict, aim].map((v) => (v === '-' ? null : Number(v)));
    for (const v of [l, s, a]) assert.ok(v === null || Number.isFinite(v), name);
    const sign = kind === 'least' ? 1 : -1;
    if (l !== null && s !== null) assert.ok(sign * (s - l) >= 0, `${name}: strict ${s} is looser than ${l}`);
    if (s !== null && a !== null) assert.ok(sign * (a - s) >= 0, `${name}: the aim ${a} is below ${s}`);
  }
});

test('bench: figures are held against the loose bounds, or a release\'s', () => {
  const figures = ['get_matrix_h2c_of_bare_cpu 60 %', 'live_h1_of_nchan_cpu 1.2 times', 'no_such_figure 1 x'];
  assert.equal(hold(figures).code, 0);
  const strict = hold(figures, '-v', 'column=strict');
  assert.equal(strict.code, 1);
  assert.match(strict.out, /missed: get_matrix_h2c_of_bare_cpu is 60 %, must be at least 80/);
  assert.match(strict.out, /missed: live_h1_of_nchan_cpu is 1.2 times, must be at most 1.0/);
  assert.equal(hold(['get_matrix_h2c_of_bare_cpu 80 %', 'live_h1_of_nchan_cpu 1.0 times'], '-v', 'column=strict').code, 0);
});

test('bench: docs/performance.md has a row with the bounds of each line', () => {
  const rows = readFileSync(join(ROOT, 'docs/performance.md'), 'utf8').split('\n').filter((l) => /^\| `\w+` \| (least|most) /.test(l)).map((l) => l.split('|').map((c) => c.trim()));
  const want = budget.filter(([, , , strict, aim]) => strict !== '-' || aim !== '-');
  assert.deepEqual(rows.map((r) => r.slice(1, 5)), want.map(([name, kind, , strict, aim]) => [`\`${name}\``, kind, strict.replace(/^-$/, ''), aim.replace(/^-$/, '')]));
});

test('bench: a flame graph and a top list from samples', () => {
  const folder = temporaryFolder();
  try {
    const sample = (thread, ...frames) => `${thread} 12 1000000 \n${frames.map(([f, lib]) => `\t    55d0 ${f} (${lib})`).join('\n')}\n\n`;
    const input = sample('loop-0', ['tm_b<c>.lto_priv.0', '/x/trailmix'], ['main', '/x/trailmix']).repeat(3) + sample('worker 1', ['read', '[kernel.kallsyms]'], ['main', '/x/trailmix']);
    const r = spawnSync('python3', [join(ROOT, 'bench/flame.py'), join(folder, 'x')], { input, encoding: 'utf8' });
    assert.equal(r.status, 0, r.stderr);
    assert.equal(readFileSync(join(folder, 'x.folded'), 'utf8'), 'loop-0;main;tm_b<c> 3000000\nworker 1;main;read 1000000\n');
    const svg = readFileSync(join(folder, 'x.svg'), 'utf8');
    assert.match(svg, /<title>tm_b&lt;c&gt; \(trailmix\) 75\.00 %<\/title>/);
    assert.match(svg, /<title>read \(kernel\) 25\.00 %<\/title>/);
    assert.match(readFileSync(join(folder, 'x.top.txt'), 'utf8'), /^== loop-0: 75\.0 % of the CPU time\n {2}itself:\n {4}100\.0 % {2}tm_b<c> \(trailmix\)/);
    assert.notEqual(spawnSync('python3', [join(ROOT, 'bench/flame.py'), join(folder, 'y')], { input: '' }).status, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
