/* import_sheets.c - the part of `trailmix import` that is about sheets: columns told on the command
 * line, rows that could not be read, whole lists to reconcile with.
 *
 * Threads: main. */
#include "app/import.h"

#include "feeds/read_files.h"
#include "schema/entities.h"
#include "schema/json.h"
#include "schema/record.h"

#include <stdio.h>

#define BODY_BYTES_MAX (64u << 10)
#define ARENA_BYTES_MAX (256u << 20)

/* ---- columns ---- */

static tm_err_t write_mapping(const tm_import_options_t *o, tm_buf_t *out, tm_why_t *why)
{
    tm_buf_add_c(out, "{\"source\":");
    tm_json_write_str(tm_str(o->import.source), out);
    tm_buf_add_c(out, ",\"columns\":[");
    for (int i = 0; i < o->n_maps; i++) {
        const char *equals = strchr(o->maps[i], '=');
        if (equals == NULL || equals == o->maps[i] || equals[1] == '\0')
            return tm_why_add(why, TM_EUSAGE, "--map", "wants FIELD=HEADER, not %s", o->maps[i]);
        tm_buf_add_c(out, i == 0 ? "{\"field\":" : ",{\"field\":");
        tm_json_write_str(tm_str_n(o->maps[i], (size_t)(equals - o->maps[i])), out);
        tm_buf_add_c(out, ",\"header\":");
        tm_json_write_str(tm_str(equals + 1), out);
        tm_buf_add_char(out, '}');
    }
    tm_buf_add_c(out, "]}");
    return out->full ? tm_why_add(why, TM_ETOOLARGE, "--map", "too many columns") : TM_OK;
}

tm_err_t tm_import_maps(tm_client_t *client, const tm_import_options_t *o, tm_why_t *why)
{
    if (o->n_maps == 0)
        return TM_OK;
    tm_buf_t body, answer;
    tm_buf_init(&body, BODY_BYTES_MAX);
    tm_buf_init(&answer, TM_IMPORT_ANSWER_BYTES_MAX);
    tm_err_t err = write_mapping(o, &body, why);
    if (err == TM_OK) {
        const tm_client_request_t request = {.method = "PUT",
                                             .path = "/api/v1/column-mappings",
                                             .content_type = "application/json",
                                             .body = tm_buf_str(&body)};
        int status = 0;
        err = tm_import_send(client, &request, &status, &answer, why);
        if (err == TM_OK && status != 200) {
            err = tm_import_refused("--map", status, &answer, why);
        }
    }
    tm_buf_done(&answer);
    tm_buf_done(&body);
    return err;
}

/* ---- rows that could not be read ---- */

static bool is_about_rows(tm_str_t kind)
{
    static const char *const kinds[] = {"row_error", "sheet_sum_mismatch", "no_parser",
                                        "unreadable"};
    for (size_t i = 0; i < TM_COUNT(kinds); i++) {
        if (tm_str_eq(kind, tm_str(kinds[i])))
            return true;
    }
    return false;
}

/* One exception, behind its opening brace. */
static bool print_exception(tm_json_t *j, const char *path)
{
    tm_str_t key, kind = {NULL, 0}, subject = {NULL, 0}, details = {NULL, 0};
    tm_token_t token;
    while ((token = tm_json_next(j, &key)) == TM_J_KEY) {
        tm_str_t *want = tm_str_eq(key, TM_STR("kind"))      ? &kind
                         : tm_str_eq(key, TM_STR("subject")) ? &subject
                         : tm_str_eq(key, TM_STR("details")) ? &details
                                                             : NULL;
        if (want == NULL) {
            if (!tm_json_skip(j))
                return false;
            continue;
        }
        const tm_token_t value = tm_json_next(j, want);
        if (value != TM_J_STRING && value != TM_J_NULL)
            return false;
        *want = value == TM_J_NULL ? (tm_str_t){NULL, 0} : *want;
    }
    if (is_about_rows(kind)) {
        const bool of_row = tm_str_starts(subject, "row ");
        const tm_str_t what = of_row ? subject : kind;
        (void)fprintf(stderr, "trailmix import: %s: %.*s: %.*s\n", path, (int)what.n, what.p,
                      (int)details.n, details.p == NULL ? "" : details.p);
    }
    return token == TM_J_OBJECT_END;
}

/* A page of exceptions; ret_cursor: of the next one, "" at the end. */
static bool print_page(tm_str_t body, const char *path, char *ret_cursor, size_t cursor_bytes)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_json_t j;
    tm_str_t text;
    tm_json_begin(&j, body, arena);
    ret_cursor[0] = '\0';
    if (tm_json_next(&j, &text) != TM_J_OBJECT)
        return false;
    tm_token_t token;
    while ((token = tm_json_next(&j, &text)) == TM_J_KEY) {
        if (tm_str_eq(text, TM_STR("items"))) {
            if (tm_json_next(&j, &text) != TM_J_LIST)
                return false;
            while ((token = tm_json_next(&j, &text)) == TM_J_OBJECT) {
                if (!print_exception(&j, path))
                    return false;
            }
            if (token != TM_J_LIST_END)
                return false;
        } else if (tm_json_next(&j, &text) == TM_J_STRING) {
            (void)snprintf(ret_cursor, cursor_bytes, "%.*s", (int)text.n, text.p);
        }
    }
    return token == TM_J_OBJECT_END;
}

tm_err_t tm_import_row_errors(tm_client_t *client, const char *path, const char *input_id,
                              tm_why_t *why)
{
    char url[200], cursor[32] = "";
    tm_buf_t answer;
    tm_buf_init(&answer, TM_IMPORT_ANSWER_BYTES_MAX);
    tm_err_t err = TM_OK;
    do {
        (void)snprintf(url, sizeof url, "/api/v1/exceptions?input_id=%s%s%s", input_id,
                       cursor[0] != '\0' ? "&cursor=" : "", cursor);
        const tm_client_request_t request = {.method = "GET", .path = url};
        int status = 0;
        err = tm_import_send(client, &request, &status, &answer, why);
        if (err == TM_OK &&
            (status != 200 || !print_page(tm_buf_str(&answer), path, cursor, sizeof cursor))) {
            err = tm_import_refused(url, status, &answer, why);
        }
    } while (err == TM_OK && cursor[0] != '\0');
    tm_buf_done(&answer);
    return err;
}

/* ---- whole lists ---- */

static void print_row(const tm_reconciled_row_t *row)
{
    if (row->result.v == TM_RECONCILED_equal)
        return;
    char place[32] = "";
    if (!TM_HAS(row, TM_RECONCILED_ROW_station) && TM_HAS(row, TM_RECONCILED_ROW_market)) {
        (void)snprintf(place, sizeof place, "market %d", row->market);
    }
    (void)printf("  %s", tm_words_name(&tm_reconciled_words, row->result));
    if (TM_HAS(row, TM_RECONCILED_ROW_row)) {
        (void)printf(", row %d", row->row);
    }
    (void)printf(": %.*s, %.*s%s: %.*s\n", (int)row->advertiser.n,
                 row->advertiser.p == NULL ? "" : row->advertiser.p, (int)row->station.n,
                 row->station.p == NULL ? "" : row->station.p, place, (int)row->text.n,
                 row->text.p == NULL ? "" : row->text.p);
}

static tm_err_t print_result(const tm_import_options_t *o, const char *path, tm_str_t body,
                             tm_why_t *why)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(ARENA_BYTES_MAX);
    tm_reconciliation_t rec = {0};
    const tm_err_t err =
        tm_json_read(&tm_reconciliation_desc, body, TM_JSON_PARTIAL, arena, &rec, NULL, why);
    if (err != TM_OK)
        return err;
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format(tm_reconciliation_desc.prefix, rec.id, id);
    if (!o->import.json) {
        (void)printf("%s: equal %d, differs %d, missing here %d, missing there %d\n", path,
                     rec.equal, rec.differs, rec.missing_here, rec.missing_there);
        for (uint32_t i = 0; i < rec.rows.n; i++) {
            print_row((const tm_reconciled_row_t *)rec.rows.v + i);
        }
        return TM_OK;
    }
    tm_buf_t out;
    tm_buf_init(&out, BODY_BYTES_MAX);
    tm_buf_add_c(&out, "{\"file\":");
    tm_json_write_str(tm_str(path), &out);
    tm_buf_printf(&out,
                  ",\"id\":\"%s\",\"equal\":%d,\"differs\":%d,\"missing_here\":%d,"
                  "\"missing_there\":%d}",
                  id, rec.equal, rec.differs, rec.missing_here, rec.missing_there);
    (void)printf("%.*s\n", (int)out.n, out.p);
    tm_buf_done(&out);
    return TM_OK;
}

static tm_err_t post_list(tm_client_t *client, const tm_import_options_t *o, const char *path,
                          tm_buf_t *answer, tm_why_t *why)
{
    tm_read_bytes_t bytes = {0};
    tm_err_t err = tm_read_file_load(path, TM_IMPORT_FILE_BYTES_MAX, &bytes, why);
    if (err != TM_OK)
        return err;
    if (bytes.too_large)
        return tm_why_add(why, TM_ETOOLARGE, path, "is larger than %u MB",
                          TM_IMPORT_FILE_BYTES_MAX >> 20);
    const char *slash = strrchr(path, '/');
    tm_buf_t url;
    tm_buf_init(&url, 8192);
    tm_buf_printf(&url, "/api/v1/reconciliations?source=%s&campaign_id=", o->import.source);
    tm_client_escape(tm_str(o->import.campaign), &url);
    tm_buf_add_c(&url, "&filename=");
    tm_client_escape(tm_str(tm_import_upload_name(slash == NULL ? path : slash + 1)), &url);
    tm_buf_add_char(&url, '\0');
    const tm_client_request_t request = {.method = "POST",
                                         .path = url.p,
                                         .content_type = "application/octet-stream",
                                         .body = tm_str_n(bytes.n > 0 ? bytes.p : "", bytes.n)};
    int status = 0;
    err = tm_import_send(client, &request, &status, answer, why);
    if (err == TM_OK && status != 201) {
        err = tm_import_refused(path, status, answer, why);
    }
    tm_buf_done(&url);
    tm_free(bytes.p);
    return err;
}

tm_err_t tm_import_reconcile(tm_client_t *client, const tm_import_options_t *o, tm_why_t *why)
{
    tm_buf_t answer;
    tm_buf_init(&answer, TM_IMPORT_ANSWER_BYTES_MAX);
    tm_err_t err = TM_OK;
    for (int i = 0; i < o->n_paths && err == TM_OK; i++) {
        err = post_list(client, o, o->paths[i], &answer, why);
        if (err == TM_OK) {
            err = print_result(o, o->paths[i], tm_buf_str(&answer), why);
        }
    }
    tm_buf_done(&answer);
    return err;
}
