/* link.c - how well does the linker find the same thing in two lists, and in one?
 *
 * Why:     the way names are compared should hold for other records; published sets with known
 *          answers say how far it does.
 * How:     three public sets, read in place: papers (DBLP and ACM), goods (Abt and Buy), persons
 *          (Febrl 1 and 3, made by a generator of errors). The answers are looked at only after the
 *          pairs are chosen. Blocking recall: the part of the true pairs that was compared at all.
 *          The fields, their weights and the least score of a set are written below; they were set
 *          by hand from what the fields mean.
 * Usage:   bench_link; the sets are looked for in $TRAILMIX_SHARED or ../shared, and what is not
 *          there is skipped.
 * Threads: one. */
#include "base/buf.h"
#include "base/map.h"
#include "base/memory.h"
#include "domain/link.h"
#include "with_figures.h"
#include <stdio.h>
#include <stdlib.h>

#define FILE_BYTES_MAX (16u << 20)
#define COLUMNS_MAX 16
#define ROWS_MAX 20000
#define ARENA_BYTES_MAX (256u << 20)

typedef struct sheet {
    uint32_t n_columns, n;
    tm_str_t head[COLUMNS_MAX];
    tm_str_t (*rows)[COLUMNS_MAX]; /* [n] */
} sheet_t;

typedef struct field {
    tm_link_field_t link;
    const char *columns[6]; /* put together in list 0, NULL-terminated */
    const char *other[6];   /* in list 1; the first NULL: as in list 0 */
} field_t;

typedef struct set {
    const char *name;
    const char *files[2]; /* the second NULL: pairs within one list */
    const char *answers;  /* NULL: the persons' own ids tell */
    uint32_t per_record;
    int32_t min_bp;
    bool one_to_one;
    field_t fields[TM_LINK_FIELDS_MAX]; /* the first without a name ends them */
} set_t;

static const set_t sets[] = {
    {.name = "dblp_acm",
     .files = {"dblp_acm/DBLP2.csv", "dblp_acm/ACM.csv"},
     .answers = "dblp_acm/DBLP-ACM_perfectMapping.csv",
     .per_record = 20,
     .min_bp = 6500,
     .one_to_one = true,
     .fields = {{{"title", 0, 100, 100}, {"title"}, {NULL}},
                {{"authors", 0, 100, 100}, {"authors"}, {NULL}},
                {{"year", TM_LINK_WHOLE, 100, 400}, {"year"}, {NULL}}}},
    {.name = "abt_buy",
     .files = {"abt_buy/Abt.csv", "abt_buy/Buy.csv"},
     .answers = "abt_buy/abt_buy_perfectMapping.csv",
     .per_record = 20,
     .min_bp = 4000,
     .one_to_one = true,
     .fields = {{{"name", TM_LINK_CODES, 100, 100}, {"name"}, {NULL}},
                {{"text", TM_LINK_CODES | TM_LINK_BRIEF, 20, 30},
                 {"name", "description"},
                 {NULL}}}},
    {.name = "febrl_1",
     .files = {"febrl/dataset1.csv", NULL},
     .per_record = 10,
     .min_bp = 5000,
     .fields = {{{"names", 0, 100, 100}, {"given_name", "surname"}, {NULL}},
                {{"address", 0, 100, 50},
                 {"street_number", "address_1", "address_2", "suburb"},
                 {NULL}},
                {{"postcode", TM_LINK_WHOLE, 100, 100}, {"postcode"}, {NULL}},
                {{"state", TM_LINK_WHOLE, 100, 100}, {"state"}, {NULL}},
                {{"born", TM_LINK_WHOLE, 100, 100}, {"date_of_birth"}, {NULL}},
                {{"number", TM_LINK_WHOLE, 100, 100}, {"soc_sec_id"}, {NULL}}}},
    {.name = "febrl_3",
     .files = {"febrl/dataset3.csv", NULL},
     .per_record = 10,
     .min_bp = 5000,
     .fields = {{{"names", 0, 100, 100}, {"given_name", "surname"}, {NULL}},
                {{"address", 0, 100, 50},
                 {"street_number", "address_1", "address_2", "suburb"},
                 {NULL}},
                {{"postcode", TM_LINK_WHOLE, 100, 100}, {"postcode"}, {NULL}},
                {{"state", TM_LINK_WHOLE, 100, 100}, {"state"}, {NULL}},
                {{"born", TM_LINK_WHOLE, 100, 100}, {"date_of_birth"}, {NULL}},
                {{"number", TM_LINK_WHOLE, 100, 100}, {"soc_sec_id"}, {NULL}}}},
};

/* ---- files */

static bool read_file(const char *path, tm_buf_t *out)
{
    FILE *in = fopen(path, "rbe");
    if (in == NULL)
        return false;
    char bytes[65536];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0) {
        tm_buf_add(out, bytes, n);
    }
    if (ferror(in) || out->full)
        bench_die("cannot read %s", path);
    fclose(in);
    return true;
}

/* One value from *at on; leaves *at behind its comma or line end. true: the line ends with it. */
static bool read_value(const tm_buf_t *text, size_t *at, tm_arena_t *arena, tm_str_t *ret)
{
    while (*at < text->n && text->p[*at] == ' ') {
        (*at)++;
    }
    const bool quoted = *at < text->n && text->p[*at] == '"';
    *at += quoted;
    size_t n = 0;
    size_t end = *at;
    while (end < text->n && (quoted || (text->p[end] != ',' && text->p[end] != '\n'))) {
        if (quoted && text->p[end] == '"' && (end + 1 == text->n || text->p[end + 1] != '"'))
            break;
        end += quoted && text->p[end] == '"' ? 2 : 1;
    }
    char *out = tm_arena_alloc(arena, end - *at + 1);
    if (out == NULL)
        bench_die("a set is too large");
    for (size_t i = *at; i < end; i++) {
        out[n++] = text->p[i];
        i += quoted && text->p[i] == '"';
    }
    *ret = tm_str_trim(tm_str_n(out, n));
    *at = end + quoted;
    while (*at < text->n && text->p[*at] != ',' && text->p[*at] != '\n') {
        (*at)++;
    }
    const bool last = *at >= text->n || text->p[*at] == '\n';
    (*at)++;
    return last;
}

static bool read_sheet(const char *folder, const char *name, tm_arena_t *arena, sheet_t *ret)
{
    char path[4096];
    tm_buf_t text;
    tm_buf_init(&text, FILE_BYTES_MAX);
    snprintf(path, sizeof path, "%s/data/entity_resolution/%s", folder, name);
    if (!read_file(path, &text))
        return false;
    *ret = (sheet_t){.rows = tm_arena_zalloc(arena, ROWS_MAX * sizeof *ret->rows)};
    if (ret->rows == NULL)
        bench_die("a set is too large");
    bool head = true;
    for (size_t at = 0; at < text.n;) {
        tm_str_t row[COLUMNS_MAX] = {{NULL, 0}};
        uint32_t n = 0;
        bool last = false;
        while (!last) {
            tm_str_t value;
            last = read_value(&text, &at, arena, &value);
            if (n < COLUMNS_MAX) {
                row[n++] = value;
            }
        }
        if (head) {
            ret->n_columns = n;
            memcpy(ret->head, row, sizeof row);
        } else if (n > 1 && ret->n < ROWS_MAX) {
            memcpy(ret->rows[ret->n++], row, sizeof row);
        }
        head = false;
    }
    tm_buf_done(&text);
    return true;
}

/* ---- a set */

static tm_str_t put_together(const sheet_t *sheet, uint32_t row, const char *const *columns,
                             tm_arena_t *arena)
{
    tm_str_t value = TM_STR("");
    for (; *columns != NULL; columns++) {
        uint32_t c = 0;
        while (c < sheet->n_columns && !tm_str_eq(sheet->head[c], tm_str(*columns))) {
            c++;
        }
        if (c == sheet->n_columns)
            bench_die("no column %s", *columns);
        const tm_str_t part = sheet->rows[row][c];
        value = tm_arena_printf(arena, "%.*s %.*s", (int)value.n, value.p, (int)part.n,
                                part.p == NULL ? "" : part.p);
        if (value.p == NULL)
            bench_die("a set is too large");
    }
    return tm_str_trim(value);
}

static void add_all(const set_t *set, const sheet_t *sheet, unsigned list, tm_arena_t *arena,
                    tm_link_t *link)
{
    for (uint32_t row = 0; row < sheet->n; row++) {
        tm_str_t values[TM_LINK_FIELDS_MAX];
        for (uint32_t f = 0; set->fields[f].link.name != NULL; f++) {
            const field_t *field = &set->fields[f];
            const bool other = list == 1 && field->other[0] != NULL;
            values[f] = put_together(sheet, row, other ? field->other : field->columns, arena);
        }
        tm_link_add(link, list, values);
    }
}

/* The person a record is about: "rec-12-dup-3" and "rec-12-org" are of person 12. */
static tm_str_t person_of(tm_str_t id)
{
    uint32_t dashes = 0;
    for (uint32_t i = 0; i < id.n; i++) {
        dashes += id.p[i] == '-';
        if (dashes == 2)
            return (tm_str_t){id.p, i};
    }
    return id;
}

typedef struct truth {
    tm_smap_t pairs; /* "a b" -> there */
    uint64_t n;
} truth_t;

static void truth_read(const set_t *set, const char *folder, const sheet_t *sheets,
                       tm_arena_t *arena, truth_t *truth)
{
    char text[512];
    if (set->answers == NULL) {
        for (uint32_t i = 0; i < sheets[0].n; i++) {
            for (uint32_t k = 0; k < i; k++) {
                truth->n +=
                    tm_str_eq(person_of(sheets[0].rows[i][0]), person_of(sheets[0].rows[k][0]));
            }
        }
        return;
    }
    sheet_t answers;
    if (!read_sheet(folder, set->answers, arena, &answers))
        bench_die("%s has no answers", set->name);
    for (uint32_t i = 0; i < answers.n; i++) {
        const tm_str_t *row = answers.rows[i];
        const int n = snprintf(text, sizeof text, "%.*s %.*s", (int)row[0].n, row[0].p,
                               (int)row[1].n, row[1].p);
        if (tm_smap_put(&truth->pairs, tm_str_n(text, (size_t)n), truth) == NULL) {
            truth->n++;
        }
    }
}

static uint64_t count_true(const set_t *set, const sheet_t *sheets, const truth_t *truth,
                           const tm_link_pair_t *pairs, uint32_t n)
{
    uint64_t right = 0;
    char text[512];
    for (uint32_t i = 0; i < n; i++) {
        const tm_str_t a = sheets[0].rows[pairs[i].a][0];
        const tm_str_t b = sheets[set->files[1] == NULL ? 0 : 1].rows[pairs[i].b][0];
        if (set->answers == NULL) {
            right += tm_str_eq(person_of(a), person_of(b));
            continue;
        }
        const int length = snprintf(text, sizeof text, "%.*s %.*s", (int)a.n, a.p, (int)b.n, b.p);
        right += tm_smap_get(&truth->pairs, tm_str_n(text, (size_t)length)) != NULL;
    }
    return right;
}

static void tell(const set_t *set, const char *what, double v, const char *unit)
{
    char name[128];
    snprintf(name, sizeof name, "link_%s_%s", set->name, what);
    figure(name, v, unit);
}

static void run(const set_t *set, const char *folder)
{
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    sheet_t sheets[2];
    for (int i = 0; i < 2 && set->files[i] != NULL; i++) {
        if (!read_sheet(folder, set->files[i], arena, &sheets[i])) {
            fprintf(stderr, "bench_link: %s skipped: no %s under %s/data/entity_resolution\n",
                    set->name, set->files[i], folder);
            tm_arena_free(arena);
            return;
        }
    }
    tm_link_field_t fields[TM_LINK_FIELDS_MAX];
    uint32_t n_fields = 0;
    for (; set->fields[n_fields].link.name != NULL; n_fields++) {
        fields[n_fields] = set->fields[n_fields].link;
    }
    const double begin = bench_now_s();
    tm_link_t *link = tm_link_new(fields, n_fields, set->files[1] == NULL);
    for (unsigned i = 0; i < 2 && set->files[i] != NULL; i++) {
        add_all(set, &sheets[i], i, arena, link);
    }
    tm_link_pair_t *pairs;
    const uint32_t compared = tm_link_candidates(link, set->per_record, &pairs);
    const double seconds = bench_now_s() - begin;

    truth_t truth = {.n = 0};
    truth_read(set, folder, sheets, arena, &truth);
    const double blocked = (double)count_true(set, sheets, &truth, pairs, compared);
    const uint32_t chosen = tm_link_choose(link, pairs, compared, set->min_bp, set->one_to_one);
    const double right = (double)count_true(set, sheets, &truth, pairs, chosen);
    const double all = (double)truth.n;
    tell(set, "compared", compared, "pairs");
    tell(set, "blocking_recall", blocked * 100 / all, "%");
    tell(set, "precision", right * 100 / chosen, "%");
    tell(set, "recall", right * 100 / all, "%");
    tell(set, "f1", 200 * right / (chosen + all), "%");
    tell(set, "time", seconds, "s");
    tm_smap_done(&truth.pairs);
    tm_free(pairs);
    tm_link_free(link);
    tm_arena_free(arena);
}

int main(void)
{
    const char *folder = getenv("TRAILMIX_SHARED");
    if (folder == NULL || folder[0] == '\0') {
        folder = "../shared";
    }
    for (size_t i = 0; i < TM_COUNT(sets); i++) {
        run(&sets[i], folder);
    }
    return 0;
}
