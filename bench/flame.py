#!/usr/bin/env python3
"""flame.py - a flame graph and a top list from what `perf script` prints.

    perf script -F comm,tid,period,ip,sym,dso | bench/flame.py NAME     writes NAME.svg, NAME.top.txt, NAME.folded

The graph's first row is threads; width is CPU time, colour the library a frame comes from, a tip tells its share. The folded
stacks (a;b;c COUNT) are what other viewers read. Debian has no package that draws one."""
import re
import sys
from collections import Counter, defaultdict
from html import escape
from os.path import basename
from zlib import crc32

WIDTH, ROW, MARGIN = 1600, 17, 30
NARROW = 0.0005  # of all: narrower frames are left out
TOP = 25
LETTER = 6.7  # pixels
HEAD = re.compile(r'^(\S.*?)\s+(\d+)\s+(\d+)\s*$')
FRAME = re.compile(r'^\s+[0-9a-f]+\s+(.*?)\s+\((.*?)\)\s*$')


def read(lines):
    """Yields (thread, weight, frames from the root), a frame being (function, library)."""
    head, frames = None, []
    for line in lines:
        found = HEAD.match(line)
        if found:
            head, frames = found, []
        elif not line.strip():
            if head and frames:
                yield head.group(1), int(head.group(3)), frames[::-1]
            head, frames = None, []
        elif (found := FRAME.match(line)):
            library = 'kernel' if found.group(2).startswith('[kernel') else re.sub(r'\.so.*', '', basename(found.group(2)))
            frames.append((re.sub(r'\.(lto_priv|constprop|isra|part|cold)\.?\d*', '', found.group(1)), library))


class Node:
    """A frame in the graph with what is above it."""
    def __init__(self):
        self.weight = 0
        self.above = defaultdict(Node)

    def depth(self):
        return 1 + max((n.depth() for n in self.above.values()), default=0)


def tree(stacks):
    root = Node()
    for thread, weight, frames in stacks:
        node = root
        node.weight += weight
        for frame in [(thread, 'thread'), *frames]:
            node = node.above[frame]
            node.weight += weight
    return root


def colour(library):
    own = {'thread': '#d0d0d0', 'trailmix': '#f2a65e', 'kernel': '#9ac7e8'}
    return own.get(library, f'hsl({crc32(library.encode()) % 180 + 80},45%,72%)')


def draw(root, name):
    rows = root.depth()
    height = (rows + 2) * ROW + MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="monospace" font-size="11">',
           f'<rect width="100%" height="100%" fill="#fff"/><text x="8" y="18" font-size="14">{escape(name)}: CPU time by stack</text>']
    libraries = Counter()

    def put(node, x, row):
        for (function, library), above in sorted(node.above.items()):
            share = above.weight / root.weight
            width = share * (WIDTH - 2)
            if share >= NARROW:
                libraries[library] += above.weight - sum(n.weight for n in above.above.values())
                y = height - (row + 2) * ROW
                letters = int(width / LETTER)
                text = function if len(function) <= letters else function[:letters - 1] + '…' if letters > 3 else ''
                out.append(f'<g><title>{escape(function)} ({escape(library)}) {100 * share:.2f} %</title>'
                           f'<rect x="{x:.1f}" y="{y}" width="{max(width - 0.5, 0.3):.1f}" height="{ROW - 1}" fill="{colour(library)}"/>'
                           f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(text)}</text></g>')
                put(above, x, row + 1)
            x += width
    put(root, 1, 0)
    x = 420
    for library, _ in libraries.most_common(9):
        out.append(f'<rect x="{x}" y="8" width="12" height="12" fill="{colour(library)}"/><text x="{x + 16}" y="18">{escape(library)}</text>')
        x += 40 + LETTER * len(library)
    return '\n'.join([*out, '</svg>', ''])


def top(stacks):
    """Per thread: what functions take themselves, and with all they call."""
    own, all_, weights = defaultdict(Counter), defaultdict(Counter), Counter()
    for thread, weight, frames in stacks:
        weights[thread] += weight
        own[thread][frames[-1]] += weight
        for frame in set(frames):
            all_[thread][frame] += weight
    total = sum(weights.values())
    for thread, weight in weights.most_common():
        yield f'== {thread}: {100 * weight / total:.1f} % of the CPU time'
        for title, counts in (('itself', own[thread]), ('with what it calls', all_[thread])):
            yield f'  {title}:'
            for (function, library), n in counts.most_common(TOP):
                yield f'    {100 * n / weight:5.1f} %  {function} ({library})'
        yield ''


def main(name):
    stacks = list(read(sys.stdin))
    if not stacks:
        sys.exit(f'flame: no samples for {name}')
    folded = Counter()
    for thread, weight, frames in stacks:
        folded[';'.join([thread, *(f.replace(';', ':') for f, _ in frames)])] += weight
    with open(f'{name}.folded', 'w') as out:
        out.writelines(f'{stack} {n}\n' for stack, n in sorted(folded.items()))
    with open(f'{name}.svg', 'w') as out:
        out.write(draw(tree(stacks), basename(name)))
    with open(f'{name}.top.txt', 'w') as out:
        out.writelines(line + '\n' for line in top(stacks))


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
