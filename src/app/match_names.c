/* match_names.c - `trailmix match-names`: raw advertiser names against a list of known ones.
 *
 * Why:     people clean names by hand; a match that is only proposed must not look certain, so a
 *          name nothing is sure for is answered with null and the reason.
 * How:     the known list is read whole (bounded), the raw names line by line, so memory does not
 *          grow with them. The decisions are tm_name_index_match's.
 * Threads: main. */
#include "app/commands.h"

#include "base/fold.h"
#include "base/map.h"
#include "domain/name_match.h"
#include "schema/json.h"

#include <errno.h>
#include <stdio.h>

#define LINE_BYTES_MAX 4096 /* longer lines hold no name */
#define SHOWN_BYTES_MAX 200 /* of such a line */
#define KNOWN_MAX 1000000
#define KNOWN_BYTES_MAX ((size_t)KNOWN_MAX * (LINE_BYTES_MAX + 16))
#define ARENA_BYTES_MAX (2 * (size_t)TM_NAME_FIND_BYTES)
#define COLUMN 44

static const char usage[] =
    "usage: trailmix match-names --known FILE [--json] FILE\n\n"
    "Matches raw advertiser names (FILE, one a line) with known names (--known, one a line).\n"
    "Prints a line each: the name, the known name it certainly means (none where no known name is\n"
    "certain enough), the score in basis points (10000: equal) and why.\n"
    "  --known FILE  the known names, at most 1000000, UTF-8\n"
    "  --json        one JSON object a line: raw, match (null: none), score_bp, why\n"
    "Exit status: 0 all names were looked at, 1 a file cannot be read, 2 wrong usage.\n";

typedef struct options {
    const char *known, *raw;
    bool json, help;
} options_t;

typedef struct lines {
    const char *path;
    FILE *file;
    uint64_t number;           /* of the line read last, from 1 */
    bool too_long;             /* it was; the text is its beginning */
    char text[LINE_BYTES_MAX]; /* without its end */
} lines_t;

typedef struct known {
    tm_name_index_t *index;
    tm_arena_t *arena;   /* their texts */
    tm_arena_t *scratch; /* of one line */
    tm_smap_t folded; /* folded words -> number + 1: spellings that differ in case only are one */
    tm_str_t *names;  /* [n], by number */
    uint32_t n, cap;
} known_t;

typedef struct answer {
    tm_str_t raw;
    tm_str_t match; /* p NULL: none */
    int32_t score_bp;
    tm_str_t why;
} answer_t;

static int parse_options(int argc, char **argv, options_t *ret);
static bool open_lines(lines_t *lines, const char *path);
static bool next_line(lines_t *lines, tm_str_t *ret);
static int read_known(known_t *known, lines_t *lines);
static int match_all(const known_t *known, lines_t *lines, bool json);
static void known_done(known_t *known);

int tm_match_names_command(int argc, char **argv)
{
    options_t options;
    const int wrong = parse_options(argc, argv, &options);
    if (wrong != 0)
        return wrong;
    if (options.help) {
        (void)fputs(usage, stdout);
        return 0;
    }
    lines_t lines;
    known_t known = {.index = tm_name_index_new(),
                     .arena = tm_arena_new(KNOWN_BYTES_MAX),
                     .scratch = tm_arena_new(TM_NAME_FIND_BYTES)};
    int status = 1;
    if (open_lines(&lines, options.known)) {
        status = read_known(&known, &lines);
        (void)fclose(lines.file);
        if (status == 0 && !open_lines(&lines, options.raw)) {
            status = 1;
        } else if (status == 0) {
            status = match_all(&known, &lines, options.json);
            (void)fclose(lines.file);
        }
    }
    known_done(&known);
    return status;
}

static int parse_options(int argc, char **argv, options_t *ret)
{
    static const char *const flags[] = {"--json", "--help", "-h", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    *ret = (options_t){0};
    for (const char *option; (option = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
            ret->help = true;
        } else if (strcmp(option, "--json") == 0 && value == NULL) {
            ret->json = true;
        } else if (strcmp(option, "--known") == 0 && value != NULL && ret->known == NULL) {
            ret->known = value;
        } else if (option[0] == '\0' && ret->raw == NULL) {
            ret->raw = value;
        } else {
            return tm_command_fail("match-names", 2, "cannot use \"%s\" (see --help)",
                                   option[0] == '\0' ? value : option);
        }
    }
    if (!ret->help && ret->known == NULL)
        return tm_command_fail("match-names", 2, "--known FILE is missing (see --help)");
    if (!ret->help && ret->raw == NULL)
        return tm_command_fail("match-names", 2, "the FILE of raw names is missing (see --help)");
    return 0;
}

static bool open_lines(lines_t *lines, const char *path)
{
    *lines = (lines_t){.path = path, .file = fopen(path, "rb")};
    if (lines->file == NULL) {
        (void)tm_command_fail("match-names", 1, "cannot open %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

/* The next line that is not blank, without white space at both ends. false: the end or an error of
 * the file (ferror tells). */
static bool next_line(lines_t *lines, tm_str_t *ret)
{
    for (;;) {
        uint32_t n = 0;
        int c = 0;
        lines->number++;
        lines->too_long = false;
        while ((c = getc_unlocked(lines->file)) != EOF && c != '\n') {
            if (n < sizeof lines->text) {
                lines->text[n++] = (char)c;
            } else {
                lines->too_long = true;
            }
        }
        if (c == EOF && (n == 0 || ferror(lines->file)))
            return false;
        const bool marked =
            lines->number == 1 && n >= 3 && memcmp(lines->text, "\xef\xbb\xbf", 3) == 0;
        const uint32_t skip = marked ? 3 : 0;
        *ret = tm_str_trim((tm_str_t){lines->text + skip, n - skip});
        if (ret->n > 0)
            return true;
    }
}

static int file_fails(const lines_t *lines)
{
    return tm_command_fail("match-names", 1, "cannot read %s: %s", lines->path, strerror(errno));
}

/* ---- known names */

static void add_known(known_t *known, tm_str_t name)
{
    tm_arena_reset(known->scratch);
    const tm_str_t folded = tm_fold_words(known->scratch, name);
    assert(folded.p != NULL); /* a line is bounded */
    const void *before = folded.n == 0 ? NULL : tm_smap_get(&known->folded, folded);
    if (before == NULL && known->n == known->cap) {
        known->cap = TM_MAX(256u, known->cap * 2);
        known->names = tm_realloc(known->names, known->cap * sizeof *known->names);
    }
    if (before == NULL) {
        known->names[known->n] = tm_arena_str(known->arena, name);
        assert(known->names[known->n].p != NULL); /* KNOWN_BYTES_MAX */
        tm_name_index_add(known->index, name, known->n, false);
        known->n++;
        if (folded.n > 0) {
            (void)tm_smap_put(&known->folded, folded, (void *)(uintptr_t)known->n);
        }
    }
}

static int read_known(known_t *known, lines_t *lines)
{
    tm_str_t name;
    while (next_line(lines, &name)) {
        const unsigned long long at = (unsigned long long)lines->number;
        if (lines->too_long)
            return tm_command_fail("match-names", 1, "%s:%llu: longer than %d bytes, no name",
                                   lines->path, at, LINE_BYTES_MAX);
        if (!tm_utf8_is_valid(name))
            return tm_command_fail("match-names", 1, "%s:%llu: not UTF-8 text", lines->path, at);
        if (known->n == KNOWN_MAX)
            return tm_command_fail("match-names", 1, "%s: more than %d names", lines->path,
                                   KNOWN_MAX);
        add_known(known, name);
    }
    if (ferror(lines->file))
        return file_fails(lines);
    if (known->n == 0)
        return tm_command_fail("match-names", 1, "%s holds no name", lines->path);
    return 0;
}

static void known_done(known_t *known)
{
    tm_name_index_free(known->index);
    tm_smap_done(&known->folded);
    tm_free(known->names);
    tm_arena_free(known->arena);
    tm_arena_free(known->scratch);
}

/* ---- answers */

/* A copy that is UTF-8: what is not becomes U+FFFD, a byte at a time; NUL as well. */
static tm_str_t readable(tm_arena_t *arena, tm_str_t s)
{
    if (tm_utf8_is_valid(s))
        return s;
    char *out = tm_arena_alloc(arena, (size_t)s.n * 3 + 1);
    assert(out != NULL); /* a line is bounded, ARENA_BYTES_MAX holds it */
    uint32_t n = 0;
    for (uint32_t i = 0; i < s.n;) {
        uint32_t length = 1;
        while (length <= 4 && i + length <= s.n && !tm_utf8_is_valid((tm_str_t){s.p + i, length})) {
            length++;
        }
        const bool valid = length <= 4 && i + length <= s.n;
        length = valid ? length : 1;
        memcpy(out + n, valid ? s.p + i : "\xef\xbf\xbd", valid ? length : 3);
        n += valid ? length : 3;
        i += length;
    }
    out[n] = '\0';
    return (tm_str_t){out, n};
}

static answer_t answer_line(const known_t *known, const lines_t *lines, tm_str_t raw,
                            tm_arena_t *arena)
{
    if (lines->too_long) {
        const tm_str_t start = {raw.p, TM_MIN(raw.n, (uint32_t)SHOWN_BYTES_MAX)};
        return (answer_t){.raw = readable(arena, start),
                          .why = TM_STR("the line is too long for a name; only its beginning "
                                        "is shown")};
    }
    answer_t answer = {.raw = readable(arena, raw)};
    tm_name_match_t match;
    const bool certain = tm_name_index_match(known->index, answer.raw, arena, &match);
    answer.score_bp = match.score_bp;
    answer.why = match.why;
    if (certain) {
        answer.match = known->names[match.target];
    } else if (match.target != UINT32_MAX) {
        const tm_str_t best = known->names[match.target];
        answer.why = tm_arena_printf(arena, "not certain enough; nearest: %.*s (%.*s)", (int)best.n,
                                     best.p, (int)match.why.n, match.why.p);
    }
    return answer;
}

static void write_json(const answer_t *answer, tm_buf_t *out)
{
    tm_buf_add_c(out, "{\"raw\":");
    tm_json_write_str(answer->raw, out);
    tm_buf_add_c(out, ",\"match\":");
    if (answer->match.p != NULL) {
        tm_json_write_str(answer->match, out);
    } else {
        tm_buf_add_c(out, "null");
    }
    tm_buf_printf(out, ",\"score_bp\":%d,\"why\":", (int)answer->score_bp);
    tm_json_write_str(answer->why, out);
    tm_buf_add_c(out, "}\n");
}

/* Text without control characters, filled up to the column. */
static void write_cell(tm_str_t text, uint32_t column, tm_buf_t *out)
{
    uint32_t shown = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        tm_buf_add_char(out, c < 0x20 || c == 0x7f ? '?' : (char)c);
        shown += (c & 0xc0) != 0x80; /* a character, not a byte */
    }
    for (; shown < column; shown++) {
        tm_buf_add_char(out, ' ');
    }
}

static void write_row(const answer_t *answer, tm_buf_t *out)
{
    write_cell(answer->raw, COLUMN, out);
    tm_buf_add_c(out, "  ");
    write_cell(answer->match.p == NULL ? TM_STR("-") : answer->match, COLUMN, out);
    tm_buf_printf(out, "  %5d  ", (int)answer->score_bp);
    write_cell(answer->why, 0, out);
    tm_buf_add_char(out, '\n');
}

static int match_all(const known_t *known, lines_t *lines, bool json)
{
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_buf_t out;
    tm_buf_init(&out, ARENA_BYTES_MAX);
    uint64_t n = 0;
    uint64_t matched = 0;
    tm_str_t raw;
    bool written = true;
    if (!json) {
        (void)printf("%-*s  %-*s  score  why\n", COLUMN, "raw", COLUMN, "match");
    }
    while (written && next_line(lines, &raw)) {
        tm_arena_reset(arena);
        tm_buf_clear(&out);
        const answer_t answer = answer_line(known, lines, raw, arena);
        (json ? write_json : write_row)(&answer, &out);
        n++;
        matched += answer.match.p != NULL;
        written = fwrite(out.p, 1, out.n, stdout) == out.n;
    }
    if (!json && written) {
        (void)printf("%llu names, %llu matched\n", (unsigned long long)n,
                     (unsigned long long)matched);
    }
    tm_buf_done(&out);
    tm_arena_free(arena);
    if (ferror(lines->file))
        return file_fails(lines);
    if (!written || fflush(stdout) != 0)
        return tm_command_fail("match-names", 1, "cannot write: %s", strerror(errno));
    return 0;
}
