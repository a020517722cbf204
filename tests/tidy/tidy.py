#!/usr/bin/env python3
"""The rules of the house that a program can check: arrows between layers, homes of third-party headers, sizes, banned calls.

    tests/tidy/tidy.py [ROOT]      prints each breach as FILE:LINE: TEXT; exit 1 if there is one

A line that must break a rule says `tidy: allow RULE` in a comment on it, with the reason. The program tests itself on broken
samples first (self_test): a checker that finds nothing in them is broken."""
import os
import re
import sys

LAYERS = ['base', 'schema', 'runtime', 'domain', 'actors', 'edge', 'app']
LAYER_OF = {'base': 0, 'schema': 1, 'runtime': 2, 'domain': 3, 'actors': 4, 'store': 5, 'feeds': 5, 'files': 5, 'http': 5, 'app': 6}
HOMES = {  # third-party header -> folders that may include it
    r'h2o(/.*)?\.h': {'http'}, r'jwt\.h': {'http'}, r'mysql(/.*)?\.h': {'store'}, r'sqlite3\.h': {'store'}, r'hiredis.*': {'store'},
    r'curl/.*': {'feeds'}, r'gmime.*': {'feeds'}, r'libxml.*': {'feeds', 'files'}, r'xlsxwriter\.h': {'files'}, r'(cairo|pango).*': {'files'}, r'csv\.h': {'files', 'feeds'}, r'zip\.h': {'files'}, r'seccomp\.h': {'feeds'},
    r'ck_.*\.h': {'base', 'runtime', 'store', 'http', 'actors'}, r'unicode/.*': {'base'}, r'brotli/.*': {'http'}, r'zlib\.h': {'http'},
    r'openssl/.*': {'base', 'http'}, r'jansson\.h': set(), r'cmocka\.h': set(),
}
BANNED = ['strcpy', 'strcat', 'sprintf', 'vsprintf', 'gets', 'strtok', 'atoi', 'atol', 'alloca', 'rand', 'localtime', 'gmtime',
          'system', 'popen']
PURE_BANNED = ['time', 'clock_gettime', 'gettimeofday', 'random', 'getrandom', 'tm_time_now', 'tm_time_mono_ns', 'tm_random_bytes',
               'pthread_create', 'fopen', 'open', 'read', 'write']
MAX = {'.c': 800, '.h': 120}
FUNCTION_MAX, COLUMNS_MAX = 70, 100


def strip(text):
    """Comments and strings blanked, lines kept."""
    def blank(m):
        s = m.group(0)
        return re.sub(r'[^\n]', ' ', s) if s.startswith('/') else '"' + re.sub(r'[^\n]', ' ', s[1:-1]) + '"'
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def functions(code):
    """(name, first line, lines) of each function body that begins with a brace in the first column."""
    lines = code.split('\n')
    start = None
    for i, line in enumerate(lines):
        if line == '{':
            start = i
        elif line == '}' and start is not None:
            head = next((lines[k] for k in range(start - 1, max(start - 8, -1), -1) if re.match(r'\S.*\(', lines[k])), '')
            name = re.search(r'(\w+)\s*\(', head)
            yield (name.group(1) if name else '?', start + 1, i - start - 1)
            start = None


def check_includes(path, text, layer):
    for n, line in enumerate(text.split('\n'), 1):
        m = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
        if not m:
            continue
        target = m.group(1)
        top = target.split('/')[0]
        if top in LAYER_OF and layer is not None:
            own, other = LAYER_OF[layer], LAYER_OF[top]
            if other > own or (other == own and top != layer):
                yield n, f'arrow: {layer}/ may not include {target}'
        for pattern, homes in HOMES.items():
            if re.fullmatch(pattern, target) and layer is not None and layer not in homes:
                yield n, f'home: {target} belongs to {", ".join(sorted(homes)) or "tests"}'


def check_calls(path, code, layer):
    names = [b for b in BANNED if layer is not None or b not in ('system', 'popen')] + (PURE_BANNED if layer in ('actors', 'domain') else [])
    pattern = re.compile(r'(?<![\w.>])(' + '|'.join(names) + r')\s*\(')
    for n, line in enumerate(code.split('\n'), 1):
        for m in pattern.finditer(line):
            if not line.startswith('#'):
                yield n, f'banned: {m.group(1)}()'
    if layer is not None:
        for n, line in enumerate(code.split('\n'), 1):
            if re.match(r'static (?!const\b)(?!inline\b)[^(]*[;=]', line) and '(' not in line.split('=')[0] and 'const ' not in line.split('=')[0]:
                yield n, 'global: no mutable file-static state'
            if 'pthread_create' in line and path != 'src/base/thread.c':
                yield n, 'thread: threads start only in base/thread.c'


def check_file(path, text):
    parts = path.split('/')
    layer = parts[1] if parts[0] == 'src' and len(parts) > 2 else None
    code = strip(text)
    ext = os.path.splitext(path)[1]
    out = list(check_includes(path, text, layer)) + list(check_calls(path, code, layer))
    n_lines = text.count('\n')
    if ext in MAX and parts[0] == 'src' and n_lines > MAX[ext]:
        out.append((n_lines, f'size: {n_lines} lines, {MAX[ext]} allowed'))
    if parts[0] == 'src':
        out += [(line, f'size: {name}() has {size} lines, {FUNCTION_MAX} allowed') for name, line, size in functions(code) if size > FUNCTION_MAX]
        if not text.startswith('/*'):
            out.append((1, 'head: a file begins with a comment that says what it is'))
    lines = text.split('\n')
    if not path.endswith('.def') and '/entities/' not in path and not path.endswith(('payloads.h', 'words.h')):
        out += [(n, f'width: {len(s)} columns, {COLUMNS_MAX} allowed') for n, s in enumerate(lines, 1) if len(s) > COLUMNS_MAX]
    for n, message in out:
        rule = message.split(':')[0]
        if n > len(lines) or f'tidy: allow {rule}' not in lines[n - 1]:
            yield n, message


def self_test():
    cases = [
        ('src/domain/x.c', '/* x */\n#include "actors/view.h"\n', 'arrow'), ('src/store/x.c', '/* x */\n#include "http/server.h"\n', 'arrow'),
        ('src/app/x.c', '/* x */\n#include <h2o.h>\n', 'home'), ('src/base/x.c', '/* x */\nint f(void)\n{\n    return atoi("1");\n}\n', 'banned'),
        ('src/actors/x.c', '/* x */\nvoid f(void)\n{\n    tm_time_now();\n}\n', 'banned'), ('src/base/x.c', '/* x */\nstatic int count;\n', 'global'),
        ('src/base/x.c', '/* x */\nvoid f(void)\n{\n' + '    ;\n' * 71 + '}\n', 'size'), ('src/base/x.h', '/* x */\n' * 121, 'size'),
        ('src/base/x.c', 'int a;\n', 'head'), ('src/base/x.c', '/* x */\n' + 'x' * 101 + '\n', 'width'),
    ]
    bad = [(path, rule) for path, text, rule in cases if not any(m.startswith(rule) for _, m in check_file(path, text))]
    good = '/* x.c - a file. */\n#include "base/base.h"\n\nint f(void)\n{\n    return 0; /* atoi() in a comment */\n}\n'
    return bad + [('good', m) for _, m in check_file('src/base/x.c', good)]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
    broken = self_test()
    if broken:
        print('tidy: the checker itself is broken:', broken)
        return 1
    count = faults = 0
    for top in ('src', 'tests', 'bench'):
        for folder, dirs, names in os.walk(os.path.join(root, top)):
            dirs[:] = [d for d in dirs if d not in ('node_modules', 'build')]
            for name in sorted(names):
                if name.endswith(('.c', '.h', '.def')):
                    full = os.path.join(folder, name)
                    path = os.path.relpath(full, root)
                    count += 1
                    with open(full, encoding='utf-8') as f:
                        for line, message in check_file(path, f.read()):
                            faults += 1
                            print(f'{path}:{line}: {message}')
    print(f'tidy: {count} files, {faults} faults')
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
