#!/usr/bin/env python3
"""markdown.py - writes figures into the table of docs/performance.md: bench/markdown.py FIGURES. bench/run --markdown calls it.

Rows come from bench/budget.txt, one a line with a strict bound or an aim. A figure that is not among FIGURES keeps its row, which
names the commit it was measured at; one that was never measured says so."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOC = ROOT / 'docs/performance.md'
BEGIN, END = '<!-- figures: bench/run --markdown writes what follows -->\n', '<!-- figures end -->\n'
HEAD = '| figure | at | bound | aim | measured | | commit |\n|---|---|---|---|---|---|---|\n'


def lines_of(path):
    return [line.split() for line in Path(path).read_text().splitlines() if line.strip() and not line.startswith('#')]


def commit():
    git = ['git', '-C', str(ROOT)]
    head = subprocess.run([*git, 'rev-parse', '--short', 'HEAD'], capture_output=True, text=True, check=True).stdout.strip()
    changed = subprocess.run([*git, 'status', '--porcelain', '--', 'src', 'bench'], capture_output=True, text=True, check=True).stdout
    return head + ('+' if changed.strip() else '')


def holds(kind, value, bound):
    return bound == '-' or (value >= float(bound) if kind == 'least' else value <= float(bound))


def row(name, kind, strict, aim, figure, at):
    value, unit = figure
    word = '**missed**' if not holds(kind, float(value), strict) else 'aim' if aim != '-' and holds(kind, float(value), aim) else 'held'
    return f'| `{name}` | {kind} | {strict.strip("-")} | {aim.strip("-")} | {value} {unit} | {word} | {at} |'


def main(path):
    figures = {f[0]: (f[1], ' '.join(f[2:])) for f in lines_of(path)}
    before, _, rest = DOC.read_text().partition(BEGIN)
    old, mark, after = rest.partition(END)
    if not mark:
        sys.exit(f'markdown: {DOC} has no place for the table')
    kept = {m.group(1): tuple(c.strip() for c in line.split('|')) for line in old.splitlines() if (m := re.match(r'\| `(\w+)`', line))}
    at, rows = commit(), []
    for name, kind, _, strict, aim in lines_of(ROOT / 'bench/budget.txt'):
        if strict == '-' and aim == '-':
            continue
        if name in figures:
            rows.append(row(name, kind, strict, aim, figures[name], at))
        elif name in kept and ' ' in kept[name][5]:  # the bounds may have changed since
            rows.append(row(name, kind, strict, aim, tuple(kept[name][5].split(' ', 1)), kept[name][7]))
        else:
            rows.append(f'| `{name}` | {kind} | {strict.strip("-")} | {aim.strip("-")} | | | |')
    DOC.write_text(before + BEGIN + HEAD + '\n'.join(rows) + '\n' + END + after)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
