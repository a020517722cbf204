/* test_station_file.c - one station's whole public file of 2014, if the sample data is at hand: the
 * newest versions against all papers added up. Skipped where the data is not. */
#include "with_lines.h"

#define FIELDS_MAX 40
#define PAPERS_MAX 400

typedef struct paper {
    char number[24];
    tm_buy_line_t line;
} paper_t;

/* Splits one CSV line in place. Returns the number of fields. */
static int split(char *text, char **fields)
{
    int n = 0;
    for (char *p = text; n < FIELDS_MAX;) {
        const bool quoted = *p == '"';
        char *out = quoted ? ++p : p;
        fields[n++] = out;
        while (*p != '\0' && (quoted ? *p != '"' : *p != ',' && *p != '\n')) {
            p++;
        }
        char *end = p;
        if (quoted && *p == '"') {
            p++;
        }
        const char stop = *p;
        *end = '\0';
        if (stop != ',')
            break;
        p++;
    }
    return n;
}

static int column(char **header, int n, const char *name)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(header[i], name) == 0)
            return i;
    }
    fail_msg("no column %s", name);
    return -1;
}

/* "$7,500.00" */
static int64_t cents(const char *text)
{
    int64_t v = 0;
    for (; *text != '\0'; text++) {
        if (*text >= '0' && *text <= '9') {
            v = v * 10 + (*text - '0');
        }
    }
    return v;
}

static int32_t us_day(const char *text)
{
    int m = 0, d = 0, y = 0;
    assert_int_equal(sscanf(text, "%d/%d/%d", &m, &d, &y), 3);
    return tm_day_make(2000 + y, m, d).v;
}

static FILE *open_file(void)
{
    const char *shared = getenv("TRAILMIX_SHARED");
    char path[512];
    snprintf(path, sizeof path, "%s/data/fcc_station_contracts_2014/WCAU_read.csv",
             shared != NULL ? shared : "../shared");
    return fopen(path, "r");
}

static uint32_t read_papers(FILE *file, paper_t *papers)
{
    static char text[65536], header_text[65536];
    char *header[FIELDS_MAX], *f[FIELDS_MAX];
    assert_non_null(fgets(text, sizeof text, file)); /* a sentence */
    assert_non_null(fgets(header_text, sizeof header_text, file));
    const int n = split(header_text, header);
    const int number = column(header, n, "order_number"), gross = column(header, n, "gross");
    const int revised = column(header, n, "revision_date"),
              type = column(header, n, "contract_type");
    const int upload = column(header, n, "upload_time"), input = column(header, n, "fcc_id");
    uint32_t count = 0;
    while (count < PAPERS_MAX && fgets(text, sizeof text, file) != NULL) {
        if (split(text, f) < n - 2 || f[number][0] == '\0')
            continue;
        paper_t *p = &papers[count++];
        snprintf(p->number, sizeof p->number, "%s", f[number]);
        p->line = order_of(count, p->number, NULL, cents(f[gross]));
        if (f[gross][0] == '\0') {
            TM_CLEAR(&p->line, TM_BUY_LINE_gross_cents);
            TM_CLEAR(&p->line, TM_BUY_LINE_net_cents);
        }
        int y, mo, d, h, mi, s;
        assert_int_equal(sscanf(f[upload], "%d-%d-%d %d:%d:%d", &y, &mo, &d, &h, &mi, &s), 6);
        const int64_t day_s = (int64_t)tm_day_make(y, mo, d).v * 86400;
        LINE_SET(&p->line, published_ms, ((tm_ms_t){(day_s + h * 3600 + mi * 60 + s) * 1000}));
        LINE_SET(&p->line, input_id, ((tm_id_t){strtoull(f[input], NULL, 10)}));
        if (f[revised][0] != '\0') {
            LINE_SET(&p->line, revision_date, ((tm_day_t){us_day(f[revised])}));
        }
        if (strncmp(f[type], "DELETED", 7) == 0) {
            LINE_SET(&p->line, stage, (tm_enum_t){TM_STAGE_cancelled});
            TM_CLEAR(&p->line, TM_BUY_LINE_revision_date);
        }
    }
    return count;
}

static int64_t newest(const paper_t *papers, uint32_t n, tm_arena_t *arena)
{
    int64_t sum = 0;
    bool done[PAPERS_MAX] = {false};
    for (uint32_t i = 0; i < n; i++) {
        if (done[i])
            continue;
        const tm_buy_line_t *chain[PAPERS_MAX] = {NULL};
        tm_verdict_t verdicts[PAPERS_MAX];
        uint32_t k = 0;
        for (uint32_t j = i; j < n; j++) {
            if (!done[j] && tm_same_order(&papers[i].line, &papers[j].line)) {
                chain[k++] = &papers[j].line;
                done[j] = true;
            }
        }
        assert_int_equal(tm_chain_resolve(chain, k, arena, verdicts), TM_OK);
        for (uint32_t j = 0; j < k; j++) {
            if (verdicts[j].counts && !verdicts[j].zero) {
                sum += chain[j]->gross_cents.v;
            }
        }
    }
    return sum;
}

static void station_file__newest_versions_are_15_percent_less_than_all_papers(void **state)
{
    (void)state;
    FILE *file = open_file();
    if (file == NULL) {
        skip();
        return;
    }
    static paper_t papers[PAPERS_MAX];
    const uint32_t n = read_papers(file, papers);
    (void)fclose(file);
    tm_arena_t *arena = tm_arena_new(1 << 24);
    int64_t all = 0;
    for (uint32_t i = 0; i < n; i++) {
        all += papers[i].line.gross_cents.v;
    }
    assert_int_equal(all, 854439000);
    assert_int_equal(newest(papers, n, arena), 743200000);
    tm_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(station_file__newest_versions_are_15_percent_less_than_all_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
