/* read_command.c - `trailmix read`: documents in, one line each out; stores nothing.
 *
 * Why:     people and scripts look at what the reader makes of a file before anything is stored.
 * How:     threads take files in order and leave the finished text in a ring; the caller's thread
 *          prints it in order. A thread that is a ring ahead of the printer waits, so memory does
 *          not grow with the number of files.
 * Threads: the caller's and `jobs` of its own. */
#include "base/fold.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/time.h"
#include "feeds/read_files.h"
#include "feeds/reader.h"
#include "feeds/reading.h"
#include "schema/record.h"
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define JOBS_MAX 64
#define AHEAD 4                      /* finished files a job may wait with */
#define DEADLINE_MS 30000            /* of one file */
#define ARENA_BYTES_MAX (256u << 20) /* documents of one file */
#define TEXT_BYTES_MAX (512u << 20)  /* their lines */
#define PROGRESS_NS INT64_C(100000000)

typedef struct slot {
    bool done;
    bool failed; /* the file could not be read at all: text is the reason */
    tm_buf_t text;
} slot_t;

typedef struct command {
    tm_read_files_t files;
    tm_sandbox_t *sandbox;
    bool json;
    pthread_mutex_t lock;   /* covers what follows */
    pthread_cond_t changed; /* a slot is done, or one is free again */
    uint32_t next;          /* file to be taken */
    uint32_t printed;       /* files printed */
    bool stop;              /* the printer gave up */
    uint32_t slots_n;
    slot_t *slots; /* file i uses slot i % slots_n */
} command_t;

typedef struct options {
    bool json, help;
    int jobs;
    const char *source;
    int first_path; /* index into argv */
} options_t;

static bool options_parse(int argc, char **argv, options_t *ret);
static int usage(FILE *to, int status);
static int command_run(command_t *c, unsigned jobs);
static void work(void *arg);
static void read_one(command_t *c, const char *path, int error, slot_t *slot);
static bool print_all(command_t *c);
static void row_write(const tm_document_t *doc, tm_buf_t *out);
static tm_str_t path_text(const char *path, tm_arena_t *arena);

int tm_read_command(int argc, char **argv)
{
    options_t options;
    if (!options_parse(argc, argv, &options))
        return usage(stderr, 2);
    if (options.help)
        return usage(stdout, 0);
    command_t c = {.json = options.json};
    int status = 1;
    tm_err_t err = TM_OK;
    for (int i = options.first_path; i < argc && err == TM_OK; i++) {
        err = tm_read_files_add(&c.files, argv[i]);
    }
    tm_why_t why;
    tm_why_clear(&why);
    if (err == TM_OK) {
        err = tm_sandbox_new(&c.sandbox, &why);
    } else {
        err = tm_why_add(&why, err, NULL, "more than %d files", TM_READ_FILES_MAX);
    }
    if (err == TM_OK) {
        const unsigned jobs = options.jobs > 0 ? (unsigned)options.jobs
                                               : TM_MIN(tm_thread_cpus(), (unsigned)JOBS_MAX);
        status = command_run(&c, jobs);
    } else {
        char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 8];
        (void)fprintf(stderr, "trailmix read: %s\n", tm_why_line(&why, line, sizeof(line)));
    }
    tm_sandbox_free(c.sandbox);
    tm_read_files_done(&c.files);
    return status;
}

static int usage(FILE *to, int status)
{
    (void)fputs(
        "usage: trailmix read --source fcc [--json] [--jobs N] PATH...\n"
        "Reads documents and stores nothing. A folder stands for its files, sorted by name.\n"
        "  --source fcc  what the files are: papers of stations' political files (PDF)\n"
        "  --json        one JSON object a document, a line each\n"
        "  --jobs N      files at a time, 1 to 64; as many as processors by default\n"
        "Exit status: 0 all files were looked at (unreadable is a result), 1 some could not be, 2 "
        "wrong usage.\n",
        to);
    return status;
}

static bool options_parse(int argc, char **argv, options_t *ret)
{
    static const struct option LONG[] = {
        {"source", required_argument, NULL, 's'},
        {"json", no_argument, NULL, 'j'},
        {"jobs", required_argument, NULL, 'n'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    assert(argc >= 1);
    assert(ret != NULL);
    *ret = (options_t){0};
    optind = 0; /* start anew: another command may have used getopt */
    for (int c = getopt_long(argc, argv, "h", LONG, NULL); c != -1;
         c = getopt_long(argc, argv, "h", LONG, NULL)) {
        int64_t jobs = 0;
        switch (c) {
        case 's':
            ret->source = optarg;
            break;
        case 'j':
            ret->json = true;
            break;
        case 'n':
            if (!tm_str_i64(tm_str(optarg), &jobs) || jobs < 1 || jobs > JOBS_MAX) {
                (void)fprintf(stderr, "trailmix read: --jobs takes a number from 1 to %d\n",
                              JOBS_MAX);
                return false;
            }
            ret->jobs = (int)jobs;
            break;
        case 'h':
            ret->help = true;
            return true;
        default:
            return false;
        }
    }
    ret->first_path = optind;
    if (ret->source == NULL || strcmp(ret->source, "fcc") != 0) {
        (void)fprintf(stderr, "trailmix read: --source must be fcc\n");
        return false;
    }
    if (optind >= argc) {
        (void)fprintf(stderr, "trailmix read: no PATH\n");
        return false;
    }
    return true;
}

/* Reads and prints all files. The exit status. */
static int command_run(command_t *c, unsigned jobs)
{
    assert(jobs >= 1 && jobs <= JOBS_MAX);
    assert(c->sandbox != NULL);
    tm_thread_t threads[JOBS_MAX] = {0};
    c->slots_n = jobs * AHEAD;
    c->slots = tm_zalloc(c->slots_n * sizeof(*c->slots));
    for (uint32_t i = 0; i < c->slots_n; i++) {
        tm_buf_init(&c->slots[i].text, TEXT_BYTES_MAX);
    }
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->changed, NULL);
    bool fine = true;
    unsigned started = 0;
    while (started < jobs && started < c->files.n &&
           tm_thread_start(&threads[started], "read", work, c) == TM_OK) {
        started++;
    }
    if (started == 0 && c->files.n > 0) {
        (void)fprintf(stderr, "trailmix read: no thread can be started\n");
        fine = false;
    } else {
        fine = print_all(c);
    }
    for (unsigned i = 0; i < started; i++) {
        tm_thread_join(&threads[i]);
    }
    for (uint32_t i = 0; i < c->slots_n; i++) {
        tm_buf_done(&c->slots[i].text);
    }
    (void)pthread_cond_destroy(&c->changed);
    (void)pthread_mutex_destroy(&c->lock);
    tm_free(c->slots);
    return fine ? 0 : 1;
}

/* A thread: the next file, while there is room to leave its text. */
static void work(void *arg)
{
    command_t *c = arg;
    (void)pthread_mutex_lock(&c->lock);
    while (c->next < c->files.n && !c->stop) {
        if (c->next - c->printed >= c->slots_n) {
            (void)pthread_cond_wait(&c->changed, &c->lock);
            continue;
        }
        const uint32_t index = c->next++;
        slot_t *slot = &c->slots[index % c->slots_n];
        assert(!slot->done);
        (void)pthread_mutex_unlock(&c->lock);
        read_one(c, c->files.v[index].path, c->files.v[index].error, slot);
        (void)pthread_mutex_lock(&c->lock);
        slot->done = true;
        (void)pthread_cond_broadcast(&c->changed);
    }
    (void)pthread_mutex_unlock(&c->lock);
}

static tm_err_t read_documents(command_t *c, const char *path, tm_arena_t *arena,
                               tm_documents_t *ret, tm_why_t *why)
{
    tm_read_bytes_t bytes;
    tm_err_t err = tm_read_file_load(path, TM_READER_BYTES_MAX, &bytes, why);
    if (err != TM_OK)
        return err;
    const tm_upload_t upload = {.filename = path_text(path, arena), .sha256 = tm_str(bytes.sha256)};
    if (bytes.too_large) {
        err = tm_reading_refuse(&upload, 0, TM_READING_STATUS_unreadable, "too_large", arena, ret);
    } else {
        err = tm_reader_read(c->sandbox, &upload, tm_str_n(bytes.p, bytes.n), DEADLINE_MS, arena,
                             ret, why);
    }
    tm_free(bytes.p);
    return err;
}

/* Fills the slot's text: a line for each document, or the reason why there is none. */
static void read_one(command_t *c, const char *path, int error, slot_t *slot)
{
    tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_documents_t docs = {0};
    tm_why_t why;
    tm_why_clear(&why);
    tm_buf_clear(&slot->text);
    tm_err_t err = error != 0 ? tm_why_add(&why, TM_EIO, NULL, "%s", strerror(error))
                              : read_documents(c, path, arena, &docs, &why);
    for (uint32_t i = 0; err == TM_OK && i < docs.n; i++) {
        if (c->json) {
            tm_reading_write(&docs.v[i], &slot->text);
            tm_buf_add_char(&slot->text, '\n');
        } else {
            row_write(&docs.v[i], &slot->text);
        }
    }
    if (err == TM_OK && slot->text.full) {
        err = tm_why_add(&why, TM_ETOOLARGE, NULL, "too many documents for one file");
    }
    slot->failed = err != TM_OK;
    if (slot->failed) {
        char line[TM_WHY_FIELD_MAX + TM_WHY_TEXT_MAX + 8];
        tm_buf_clear(&slot->text);
        tm_buf_printf(&slot->text, "trailmix read: %s: %s\n", path,
                      why.n > 0 ? tm_why_line(&why, line, sizeof(line)) : tm_err_text(err));
    }
    tm_arena_free(arena);
}

static void progress(const command_t *c, bool last)
{
    (void)fprintf(stderr, last ? "\r\033[K" : "\r%u of %u\033[K", (unsigned)c->printed,
                  (unsigned)c->files.n);
    (void)fflush(stderr);
}

/* In order, as they come. false: some file failed, or standard output is gone. */
static bool print_all(command_t *c)
{
    const bool show =
        isatty(STDERR_FILENO) == 1 &&
        isatty(STDOUT_FILENO) != 1; /* on one terminal the lines are progress enough */
    bool fine = true;
    int64_t shown_ns = 0;
    if (!c->json) {
        (void)printf("%-40s %5s %-24s %-12s %-16s %-10s %-32s %-21s %14s\n", "FILE", "PART",
                     "STATUS", "TYPE", "NUMBER", "STATION", "ADVERTISER", "FLIGHT", "GROSS");
    }
    for (uint32_t i = 0; i < c->files.n; i++) {
        slot_t *slot = &c->slots[i % c->slots_n];
        (void)pthread_mutex_lock(&c->lock);
        while (!slot->done) {
            (void)pthread_cond_wait(&c->changed, &c->lock);
        }
        (void)pthread_mutex_unlock(&c->lock);
        const tm_str_t text =
            tm_buf_str(&slot->text); /* nobody writes to it until `printed` moves on */
        fine = fine && !slot->failed;
        const bool out = fwrite(text.p, 1, text.n, slot->failed ? stderr : stdout) == text.n &&
                         (slot->failed || fflush(stdout) == 0);
        (void)pthread_mutex_lock(&c->lock);
        slot->done = false;
        c->printed++;
        c->stop = !out;
        (void)pthread_cond_broadcast(&c->changed);
        (void)pthread_mutex_unlock(&c->lock);
        if (!out) {
            (void)fprintf(stderr, "trailmix read: standard output is closed\n");
            return false;
        }
        if (show && tm_time_mono_ns() - shown_ns > PROGRESS_NS) {
            progress(c, false);
            shown_ns = tm_time_mono_ns();
        }
    }
    if (show) {
        progress(c, true);
    }
    return fine;
}

/* At least `width` columns, as many characters as fit cut with "..". ASCII counts exactly, which is
 * enough for a table. */
static void cell(tm_buf_t *out, tm_str_t text, size_t width)
{
    size_t n = 0;
    size_t shown = 0;
    while (n < text.n && shown < width) {
        n++;
        while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80) {
            n++;
        }
        shown++;
    }
    assert(n <= text.n);
    tm_buf_add(out, text.p, n);
    for (; shown < width; shown++) {
        tm_buf_add_char(out, ' ');
    }
    tm_buf_add_char(out, ' ');
}

#define DOC_HAS(field) TM_HAS(doc, TM_DOCUMENT_##field)

static void row_write(const tm_document_t *doc, tm_buf_t *out)
{
    char text[96] = "";
    const tm_str_t none = {"", 0};
    const tm_str_t file = DOC_HAS(filename) ? doc->filename : none;
    uint32_t skip = file.n > 40 ? file.n - 40 : 0; /* the end of a path says most */
    while (skip < file.n && ((unsigned char)file.p[skip] & 0xc0) == 0x80) {
        skip++;
    }
    cell(out, (tm_str_t){file.p + skip, file.n - skip}, 40);
    (void)snprintf(text, sizeof(text), "%d/%d", (int)doc->part, (int)doc->parts);
    cell(out, tm_str(text), 5);
    const char *status =
        DOC_HAS(status) ? tm_words_name(&tm_reading_status_words, doc->status) : "";
    (void)snprintf(text, sizeof(text), "%s%s%.*s", status, DOC_HAS(reason) ? " " : "",
                   DOC_HAS(reason) ? (int)doc->reason.n : 0, DOC_HAS(reason) ? doc->reason.p : "");
    cell(out, tm_str(text), 24);
    cell(out, tm_str(DOC_HAS(doc_type) ? tm_words_name(&tm_doc_type_words, doc->doc_type) : ""),
         12);
    cell(out, DOC_HAS(contract_num) ? doc->contract_num : none, 16);
    cell(out, DOC_HAS(station) ? doc->station : none, 10);
    cell(out, DOC_HAS(advertiser) ? doc->advertiser : none, 32);
    char from[TM_DAY_TEXT] = "";
    char to[TM_DAY_TEXT] = "";
    if (DOC_HAS(flight_from)) {
        tm_day_format(doc->flight_from, from);
    }
    if (DOC_HAS(flight_to)) {
        tm_day_format(doc->flight_to, to);
    }
    (void)snprintf(text, sizeof(text), "%s%s%s", from, from[0] != '\0' || to[0] != '\0' ? " " : "",
                   to);
    cell(out, tm_str(text), 21);
    text[0] = '\0';
    if (DOC_HAS(gross_cents)) {
        const int64_t v = doc->gross_cents.v;
        const int64_t size = v < 0 ? -v : v;
        (void)snprintf(text, sizeof(text), "%s%lld.%02lld", v < 0 ? "-" : "",
                       (long long)(size / 100), (long long)(size % 100));
    }
    tm_buf_printf(out, "%14s\n", text);
}

/* The path as given; a name that is not UTF-8 with '?' for its bytes above ASCII, because JSON
 * knows nothing else. */
static tm_str_t path_text(const char *path, tm_arena_t *arena)
{
    tm_str_t text = tm_str(path);
    if (tm_utf8_is_valid(text))
        return text;
    char *ascii = tm_arena_alloc(arena, text.n + 1);
    if (ascii == NULL)
        return (tm_str_t){NULL, 0};
    for (uint32_t i = 0; i < text.n; i++) {
        ascii[i] = (unsigned char)text.p[i] < 0x80 ? text.p[i] : '?';
    }
    ascii[text.n] = '\0';
    return tm_str_n(ascii, text.n);
}
