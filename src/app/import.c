/* import.c - `trailmix import`: documents and tables into a server, or into a data folder by a
 * server of our own on loopback.
 *
 * Why:     one way in for everybody: the command line uses the interface that every other program
 *          uses.
 * How:     files are posted one after the other (a write answers when it is durable), then each
 *          new input is asked until it is
 *          read. 503 is waited out. Without --server a private server owns the folder for the time
 *          of the import.
 * Threads: main. */
#include "app/import.h"
#include "app/world.h"

#include "feeds/read_files.h"
#include "files/sheet_read.h"
#include "schema/json.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define FILENAME_BYTES_MAX 255
#define FILE_BYTES_MAX TM_IMPORT_FILE_BYTES_MAX
#define ANSWER_BYTES_MAX TM_IMPORT_ANSWER_BYTES_MAX
#define TABLE_CHUNK_BYTES (8u << 20)
#define POLL_MS 10
#define TRIES_MAX 600

static const char usage[] =
    "usage: trailmix import --source NAME [--campaign ID] (--server URL | --data DIR) [--json] "
    "PATH...\n"
    "\n"
    "Stores inputs and waits until each is read. A second run of the same files adds nothing.\n"
    "  --source fcc       station filings (PDF); folders stand for their files, sorted by name\n"
    "  --source stations  the FCC's facility table (bar-separated): one FILE\n"
    "  --source markets   markets with their spellings (JSON or CSV): one FILE\n"
    "  --source lines     buy lines from CSV or XLSX; prints rows that cannot be read\n"
    "  --source reconcile a whole list (CSV or XLSX) to compare --campaign with; stores no line\n"
    "  --as NAME          lines, reconcile: the source they come from (upload)\n"
    "  --map FIELD=HEADER lines, reconcile: the header of a field's column; repeatable, kept for\n"
    "                     the source\n"
    "  --campaign ID      every line goes to that campaign too, whatever its criteria\n"
    "  --server URL       a running server; sends $SYSTEM_API_KEY\n"
    "  --data DIR         a data folder that no server uses at the moment (./data)\n"
    "  --json             one JSON object a line; the last is the summary\n";

/* ---- talking to the server ---- */

tm_err_t tm_import_send(tm_client_t *client, const tm_client_request_t *request, int *ret_status,
                        tm_buf_t *body, tm_why_t *why)
{
    for (int tries = 0;; tries++) {
        const tm_err_t err = tm_client_request(client, request, ret_status, body, why);
        if (err != TM_OK || *ret_status != 503 || tries == TRIES_MAX)
            return err;
        const struct timespec pause = {0, 100 * 1000000L};
        (void)nanosleep(&pause, NULL);
    }
}

tm_err_t tm_import_refused(const char *what, int status, const tm_buf_t *body, tm_why_t *why)
{
    return tm_why_add(why, TM_EUNAVAILABLE, what, "the server answered %d: %.*s", status,
                      (int)TM_MIN(body->n, (size_t)150), body->p);
}

typedef struct input_state {
    char id[TM_ID_TEXT_MAX];
    char status[16];
    int64_t lines, exceptions;
    bool known;
} input_state_t;

/* The few fields we need of an input's JSON. */
static bool read_input(const tm_buf_t *body, input_state_t *ret)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(1u << 20);
    tm_raw_input_t *input = tm_arena_zalloc(arena, sizeof *input);
    tm_why_t why;
    tm_why_clear(&why);
    if (tm_json_read(&tm_raw_input_desc, tm_buf_str(body), TM_JSON_PARTIAL, arena, input, NULL,
                     &why) != TM_OK)
        return false;
    (void)tm_id_format("in", input->id, ret->id);
    (void)snprintf(ret->status, sizeof ret->status, "%s",
                   tm_input_status_words.words[input->status.v]);
    ret->lines = TM_HAS(input, TM_RAW_INPUT_lines) ? input->lines : 0;
    ret->exceptions = TM_HAS(input, TM_RAW_INPUT_exceptions) ? input->exceptions : 0;
    return TM_HAS(input, TM_RAW_INPUT_id);
}

const char *tm_import_upload_name(const char *name)
{
    while (strlen(name) > FILENAME_BYTES_MAX) {
        const char *slash = strchr(name, '/');
        name = slash != NULL && slash[1] != '\0' ? slash + 1
                                                 : name + strlen(name) - FILENAME_BYTES_MAX;
    }
    return name;
}

static tm_err_t post_file(tm_client_t *client, const tm_import_t *import,
                          const tm_read_file_t *file, tm_buf_t *answer, input_state_t *ret,
                          tm_why_t *why)
{
    tm_read_bytes_t bytes = {0};
    if (file->error != 0)
        return tm_why_add(why, TM_EIO, file->path, "%s", strerror(file->error));
    tm_err_t err = tm_read_file_load(file->path, FILE_BYTES_MAX, &bytes, why);
    if (err != TM_OK)
        return err;
    if (bytes.too_large)
        return tm_why_add(why, TM_ETOOLARGE, file->path, "is larger than %u MB",
                          FILE_BYTES_MAX >> 20);
    tm_buf_t url;
    tm_buf_init(&url, 8192);
    tm_buf_printf(&url, "/api/v1/inputs?source=%s&filename=", import->source);
    tm_client_escape(tm_str(tm_import_upload_name(file->name)), &url);
    if (import->campaign != NULL) {
        tm_buf_add_c(&url, "&campaign_id=");
        tm_client_escape(tm_str(import->campaign), &url);
    }
    tm_buf_add_char(&url, '\0');
    const tm_client_request_t request = {.method = "POST",
                                         .path = url.p,
                                         .content_type = "application/octet-stream",
                                         .body = tm_str_n(bytes.n > 0 ? bytes.p : "", bytes.n)};
    int status = 0;
    err = tm_import_send(client, &request, &status, answer, why);
    tm_buf_done(&url);
    tm_free(bytes.p);
    if (err == TM_OK && ((status != 200 && status != 202) || !read_input(answer, ret))) {
        err = tm_import_refused(file->path, status, answer, why);
    }
    ret->known = status == 200;
    return err;
}

static tm_err_t wait_parsed(tm_client_t *client, tm_buf_t *answer, input_state_t *state,
                            tm_why_t *why)
{
    char path[96];
    (void)snprintf(path, sizeof path, "/api/v1/inputs/%s", state->id);
    const tm_client_request_t request = {.method = "GET", .path = path};
    while (strcmp(state->status, "stored") == 0) {
        int status = 0;
        const tm_err_t err = tm_import_send(client, &request, &status, answer, why);
        if (err != TM_OK)
            return err;
        if (status != 200 || !read_input(answer, state))
            return tm_import_refused(path, status, answer, why);
        if (strcmp(state->status, "stored") == 0) {
            const struct timespec pause = {0, POLL_MS * 1000000L};
            (void)nanosleep(&pause, NULL);
        }
    }
    return TM_OK;
}

static void progress(const tm_import_t *import, const char *what, size_t done, size_t all)
{
    if (!import->quiet && isatty(STDERR_FILENO)) {
        (void)fprintf(stderr, "\r%s %zu of %zu%s", what, done, all, done == all ? "\n" : "");
    }
}

static void count(tm_import_summary_t *sum, const input_state_t *state)
{
    sum->inputs++;
    sum->known += state->known;
    sum->fresh += !state->known;
    sum->read += strcmp(state->status, "parsed") == 0;
    if (!state->known) {
        sum->lines += state->lines;
        sum->exceptions += state->exceptions;
        sum->unreadable += strcmp(state->status, "unreadable") == 0;
    }
}

static void print_input(const tm_import_t *import, const char *path, const input_state_t *s)
{
    if (!import->json)
        return;
    tm_buf_t out;
    tm_buf_init(&out, 8192);
    tm_buf_add_c(&out, "{\"file\":");
    tm_json_write_str(tm_str(path), &out);
    tm_buf_printf(
        &out, ",\"id\":\"%s\",\"status\":\"%s\",\"known\":%s,\"lines\":%lld,\"exceptions\":%lld}",
        s->id, s->status, s->known ? "true" : "false", (long long)s->lines,
        (long long)s->exceptions);
    (void)printf("%.*s\n", (int)out.n, out.p);
    tm_buf_done(&out);
}

/* A file that cannot be read or is refused costs itself only: it is told, the others go on. A
 * server that is gone ends the import. */
static tm_err_t post_all(tm_client_t *client, const tm_import_t *import,
                         const tm_read_files_t *files, tm_buf_t *answer, input_state_t *states,
                         tm_why_t *why)
{
    for (uint32_t i = 0; i < files->n; i++) {
        const uint32_t before = why->n;
        const tm_err_t err = post_file(client, import, &files->v[i], answer, &states[i], why);
        if (err != TM_OK) {
            states[i].status[0] = '\0';
            if (why->n == before) {
                (void)tm_why_add(why, err, files->v[i].path, "%s", tm_err_text(err));
            }
        }
        if (err == TM_ETIMEOUT || (err == TM_EUNAVAILABLE && answer->n == 0))
            return err;
        progress(import, "stored", i + 1, files->n);
    }
    return tm_why_err(why);
}

/* Rows that could not be read are told for lines, and for whatever is a sheet by its name. */
static bool tells_rows(const tm_import_t *import, const char *path)
{
    return import->row_errors ||
           (!import->quiet && tm_sheet_media_type(tm_str(path), TM_STR("")) != NULL);
}

static tm_err_t import_list(tm_client_t *client, const tm_import_t *import,
                            const tm_read_files_t *files, tm_import_summary_t *ret, tm_why_t *why)
{
    input_state_t *states = tm_zalloc((files->n + 1) * sizeof *states);
    tm_buf_t answer;
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    const tm_err_t posted = post_all(client, import, files, &answer, states, why);
    tm_err_t err = TM_OK;
    for (uint32_t i = 0; i < files->n && err == TM_OK; i++) {
        if (states[i].status[0] == '\0') {
            continue; /* not taken */
        }
        err = wait_parsed(client, &answer, &states[i], why);
        if (err == TM_OK) {
            count(ret, &states[i]);
            print_input(import, files->v[i].path, &states[i]);
        }
        if (err == TM_OK && tells_rows(import, files->v[i].path) && states[i].exceptions > 0) {
            err = tm_import_row_errors(client, files->v[i].path, states[i].id, why);
        }
        progress(import, "read", i + 1, files->n);
    }
    tm_buf_done(&answer);
    tm_free(states);
    return posted != TM_OK ? posted : err;
}

tm_err_t tm_import_files(tm_client_t *client, const tm_import_t *import, char *const *paths,
                         int n_paths, tm_import_summary_t *ret, tm_why_t *why)
{
    tm_read_files_t files = {0};
    tm_err_t err = TM_OK;
    *ret = (tm_import_summary_t){0};
    for (int i = 0; i < n_paths && err == TM_OK; i++) {
        err = tm_read_files_add(&files, paths[i]);
        if (err != TM_OK) {
            (void)tm_why_add(why, err, NULL, "more than %d files", TM_READ_FILES_MAX);
        }
    }
    if (err == TM_OK) {
        err = import_list(client, import, &files, ret, why);
    }
    tm_read_files_done(&files);
    return err;
}

/* ---- tables ---- */

static tm_err_t post_table(tm_client_t *client, const char *what, tm_str_t part,
                           tm_buf_t *ret_answer, tm_why_t *why)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/api/v1/%s/import", what);
    const tm_client_request_t request = {
        .method = "POST", .path = path, .content_type = "text/plain", .body = part};
    int status = 0;
    const tm_err_t err = tm_import_send(client, &request, &status, ret_answer, why);
    return err == TM_OK && status != 200 ? tm_import_refused(what, status, ret_answer, why) : err;
}

/* A long facility table goes in parts that end with a line; markets are small and go whole. */
tm_err_t tm_import_table(tm_client_t *client, const char *what, const char *path,
                         tm_buf_t *ret_answer, tm_why_t *why)
{
    tm_read_bytes_t file = {0};
    tm_err_t err = tm_read_file_load(path, FILE_BYTES_MAX, &file, why);
    if (err == TM_OK && file.too_large) {
        err = tm_why_add(why, TM_ETOOLARGE, path, "is larger than %u MB", FILE_BYTES_MAX >> 20);
    }
    const bool whole = strcmp(what, "markets") == 0;
    size_t from = 0;
    while (err == TM_OK && (from < file.n || (from == 0 && file.n == 0))) {
        size_t to = whole ? file.n : TM_MIN(from + TABLE_CHUNK_BYTES, file.n);
        while (to < file.n && to > from && file.p[to - 1] != '\n') {
            to--;
        }
        to = to == from ? file.n : to;
        err = post_table(client, what, tm_str_n(file.n > 0 ? file.p + from : "", to - from),
                         ret_answer, why);
        if (file.n == 0) {
            break;
        }
        from = to;
    }
    tm_free(file.p);
    return err;
}

/* ---- the command ---- */

/* Options of lines and reconcile; afterwards import.source is the source they come from. */
static int check_sheets(tm_import_options_t *o)
{
    o->is_lines = strcmp(o->import.source, "lines") == 0;
    o->is_list = strcmp(o->import.source, "reconcile") == 0;
    if (!o->is_lines && !o->is_list) {
        return o->as == NULL && o->n_maps == 0
                   ? 0
                   : tm_command_fail("import", 2,
                                     "--as and --map belong to --source lines and "
                                     "reconcile");
    }
    if (o->is_list && o->import.campaign == NULL)
        return tm_command_fail("import", 2, "--source reconcile needs --campaign");
    o->import.source = o->as != NULL ? o->as : "upload";
    o->import.row_errors = o->is_lines;
    return 0;
}

static int parse_options(int argc, char **argv, tm_import_options_t *o)
{
    static const char *const flags[] = {"--json", "--help", "-h", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    o->paths = tm_zalloc(((size_t)argc + 1) * sizeof *o->paths);
    o->maps = tm_zalloc(((size_t)argc + 1) * sizeof *o->maps);
    for (const char *name; (name = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(name, "--json") == 0) {
            o->import.json = true;
        } else if (name[0] == '\0') {
            o->paths[o->n_paths++] = (char *)(uintptr_t)value;
        } else if (value == NULL) {
            return tm_command_fail("import", 2, "%s needs a value", name);
        } else if (strcmp(name, "--source") == 0) {
            o->import.source = value;
        } else if (strcmp(name, "--campaign") == 0) {
            o->import.campaign = value;
        } else if (strcmp(name, "--as") == 0) {
            o->as = value;
        } else if (strcmp(name, "--map") == 0) {
            o->maps[o->n_maps++] = (char *)(uintptr_t)value;
        } else if (strcmp(name, "--server") == 0) {
            o->server = value;
        } else if (strcmp(name, "--data") == 0) {
            o->data = value;
        } else {
            return tm_command_fail("import", 2, "unknown option %s (see trailmix import --help)",
                                   name);
        }
    }
    if (o->import.source == NULL || o->n_paths == 0)
        return tm_command_fail("import", 2,
                               "needs --source and at least one PATH (see trailmix import --help)");
    if (o->server != NULL && o->data != NULL)
        return tm_command_fail("import", 2, "takes --server or --data, not both");
    return check_sheets(o);
}

static bool is_table(const char *source)
{
    return strcmp(source, "stations") == 0 || strcmp(source, "markets") == 0;
}

static tm_err_t run(const tm_import_options_t *o, tm_client_t *client, tm_why_t *why)
{
    if (is_table(o->import.source)) {
        tm_buf_t answer;
        tm_buf_init(&answer, ANSWER_BYTES_MAX);
        tm_err_t err = TM_OK;
        for (int i = 0; i < o->n_paths && err == TM_OK; i++) {
            err = tm_import_table(client, o->import.source, o->paths[i], &answer, why);
            if (err == TM_OK) {
                (void)printf("%.*s\n", (int)answer.n, answer.p);
            }
        }
        tm_buf_done(&answer);
        return err;
    }
    tm_import_summary_t sum;
    tm_err_t err = tm_import_maps(client, o, why);
    if (err != TM_OK || o->is_list)
        return err != TM_OK ? err : tm_import_reconcile(client, o, why);
    err = tm_import_files(client, &o->import, o->paths, o->n_paths, &sum, why);
    (void)printf(
        o->import.json
            ? "{\"inputs\":%lld,\"new\":%lld,\"known\":%lld,\"lines\":%lld,\"unreadable\":%lld,"
              "\"exceptions\":%lld}\n"
            : "inputs %lld, new %lld, known %lld, lines %lld, unreadable %lld, exceptions %lld\n",
        (long long)sum.inputs, (long long)sum.fresh, (long long)sum.known, (long long)sum.lines,
        (long long)sum.unreadable, (long long)sum.exceptions);
    if (err == TM_OK && o->is_lines && sum.read == 0) {
        err = tm_why_add(why, TM_EINVALID, NULL, "nothing could be read");
    }
    return err;
}

/* A server of our own that owns the folder meanwhile. */
static int run_private(tm_import_options_t *o, tm_why_t *why)
{
    static tm_config_t config;
    static tm_world_t world;
    tm_config_init(&config);
    if (o->data != NULL) {
        tm_config_option(&config, TM_SET_TRAILMIX_DATA, o->data);
    }
    if (tm_config_check(&config, why) != TM_OK) {
        tm_print_faults(why);
        return 1;
    }
    tm_log_init(TM_LOG_WARN);
    (void)signal(SIGPIPE, SIG_IGN);
    tm_client_t *client = NULL;
    tm_err_t err = tm_world_open(&world, &config, true, why);
    if (err == TM_OK) {
        char url[64];
        (void)snprintf(url, sizeof url, "http://127.0.0.1:%u", tm_http_port(world.http, 0));
        err = tm_client_new(tm_str(url), tm_str(world.key), false, &client, why);
    }
    err = err != TM_OK ? err : run(o, client, why);
    tm_client_free(client);
    tm_world_close(&world);
    return err == TM_OK ? 0 : tm_command_why("import", why);
}

int tm_import_command(int argc, char **argv)
{
    tm_import_options_t o = {0};
    tm_why_t why;
    tm_why_clear(&why);
    int status = parse_options(argc, argv, &o);
    if (status == 0 && o.server == NULL) {
        status = run_private(&o, &why);
    } else if (status == 0) {
        const char *key = getenv("SYSTEM_API_KEY");
        tm_client_t *client = NULL;
        tm_err_t err = tm_client_new(tm_str(o.server), tm_str(key), false, &client, &why);
        err = err != TM_OK ? err : run(&o, client, &why);
        tm_client_free(client);
        status = err == TM_OK ? 0 : tm_command_why("import", &why);
    }
    tm_free(o.paths);
    tm_free(o.maps);
    return status;
}
