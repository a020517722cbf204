/* pages.c - files of the built browser application: read once, compressed once, sent from memory.
 *
 * Why:     no request touches the disk, and a path can never leave the folder: it is a key, not a
 *          name of a file.
 * How:     a map from path to file; text and the like also as brotli and gzip where that is smaller
 *          (packed by the build, else at the start). Names under /assets/ hold a hash of their
 *          content, so they may be kept for ever; the page that names them is never kept.
 * Threads: load, free: app. serve: any loop. */
#include "http/pages.h"
#include "base/digest.h"
#include "base/log.h"
#include "http/coding.h"
#include "http/reply.h"
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define PATH_BYTES 512
#define DEPTH_MAX 8
#define SMALL_BYTES 256 /* below it compression gains nothing */
#define POLICY                                                                        \
    "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; " \
    "img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

typedef struct file {
    const char *type;
    tm_blob_t *plain;
    tm_coded_t coded;      /* all that there will be */
    char etag[2 + 16 + 1]; /* of the content */
    bool immutable;
} file_t;

struct tm_pages {
    tm_smap_t files;
    file_t *index;
    size_t bytes;
};

/* ---- loading ---- */

typedef struct kind {
    const char *ending, *type;
    bool packs;
} kind_t;
static const kind_t kinds[] = {
    {".html", "text/html; charset=utf-8", true},
    {".js", "text/javascript; charset=utf-8", true},
    {".mjs", "text/javascript; charset=utf-8", true},
    {".css", "text/css; charset=utf-8", true},
    {".json", "application/json", true},
    {".map", "application/json", true},
    {".svg", "image/svg+xml", true},
    {".txt", "text/plain; charset=utf-8", true},
    {".wasm", "application/wasm", true},
    {".png", "image/png", false},
    {".ico", "image/x-icon", false},
    {".webp", "image/webp", false},
    {".woff2", "font/woff2", false},
    {".woff", "font/woff", false},
    {".ttf", "font/ttf", true},
    {".pfb", "application/octet-stream", true},
    {"", "application/octet-stream", false},
};

static const kind_t *kind_of(tm_str_t path)
{
    for (size_t i = 0;; i++) {
        const tm_str_t ending = tm_str(kinds[i].ending);
        if (ending.n == 0 ||
            (path.n >= ending.n && memcmp(path.p + path.n - ending.n, ending.p, ending.n) == 0))
            return &kinds[i];
    }
}

static tm_blob_t *read_file(const char *path, size_t bytes)
{
    FILE *in = fopen(path, "rbe");
    if (in == NULL)
        return NULL;
    tm_blob_t *blob = tm_blob_new(NULL, bytes);
    const bool whole = fread(blob->p, 1, bytes, in) == bytes;
    fclose(in);
    if (whole)
        return blob;
    tm_blob_unref(blob);
    return NULL;
}

/* What the build packed already, if it is not older than what it was made from. */
static tm_blob_t *read_packed(const char *path, const char *ending, const struct stat *plain)
{
    char packed[PATH_BYTES];
    struct stat st;
    if (snprintf(packed, sizeof(packed), "%s%s", path, ending) >= PATH_BYTES ||
        stat(packed, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size >= plain->st_size ||
        st.st_mtime < plain->st_mtime)
        return NULL;
    return read_file(packed, (size_t)st.st_size);
}

static void add_packed(file_t *file, const char *path, const struct stat *st)
{
    static const char *const endings[TM_CODINGS] = {".br", ".gz"};
    for (int i = 0; i < TM_CODINGS; i++) {
        tm_blob_t *form = read_packed(path, endings[i], st);
        if (form == NULL)
            form = tm_pack(file->plain, (tm_coding_t)i, false);
        tm_coded_put(&file->coded, (tm_coding_t)i, form);
    }
}

static void add_file(tm_pages_t *pages, const char *path, tm_str_t name, const struct stat *st)
{
    const size_t bytes = (size_t)st->st_size;
    tm_blob_t *plain = read_file(path, bytes);
    if (plain == NULL) {
        tm_log(TM_LOG_WARN, "web_dir", "%s cannot be read, it is not served", path);
        return;
    }
    const kind_t *kind = kind_of(name);
    file_t *file = TM_NEW(file_t);
    *file =
        (file_t){.type = kind->type, .plain = plain, .immutable = tm_str_starts(name, "/assets/")};
    if (kind->packs && bytes >= SMALL_BYTES)
        add_packed(file, path, st);
    for (int i = 0; i < TM_CODINGS; i++)
        (void)tm_coded_order(&file->coded, (tm_coding_t)i); /* nobody else need make them */
    const tm_sha256_t sha = tm_sha256(plain->p, plain->n);
    char text[TM_SHA256_TEXT];
    tm_sha256_format(&sha, text);
    snprintf(file->etag, sizeof(file->etag), "\"%.16s\"", text);
    tm_smap_put(&pages->files, name, file);
    if (tm_str_eq(name, TM_STR("/index.html")))
        pages->index = file;
    pages->bytes += bytes;
}

/* Served in place of the file it was made from, never by its own name. */
static bool is_packed(tm_str_t name)
{
    return name.n > 3 && (memcmp(name.p + name.n - 3, ".br", 3) == 0 ||
                          memcmp(name.p + name.n - 3, ".gz", 3) == 0);
}

static void add_folder(tm_pages_t *pages, const char *dir, const char *prefix, int depth);

static void add_entry(tm_pages_t *pages, const char *path, const char *name, int depth)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return;
    if (S_ISDIR(st.st_mode)) {
        add_folder(pages, path, name, depth + 1);
    } else if (S_ISREG(st.st_mode) && !is_packed(tm_str(name))) {
        const size_t bytes = (size_t)st.st_size;
        if (pages->files.n >= TM_PAGE_FILES_MAX || pages->bytes + bytes > TM_PAGE_BYTES_MAX)
            tm_log(TM_LOG_WARN, "web_dir", "%s is too much, it is not served", path);
        else
            add_file(pages, path, tm_str(name), &st);
    }
}

/* Bounded by DEPTH_MAX. */
static void add_folder(tm_pages_t *pages, const char *dir, const char *prefix, int depth)
{
    if (depth > DEPTH_MAX)
        return;
    struct dirent **entries = NULL;
    const int n = scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char path[PATH_BYTES];
        char name[PATH_BYTES];
        const bool fits =
            snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name) < PATH_BYTES &&
            snprintf(name, sizeof(name), "%s/%s", prefix, entries[i]->d_name) < PATH_BYTES;
        if (fits && entries[i]->d_name[0] != '.')
            add_entry(pages, path, name, depth);
        free(entries[i]); /* scandir's, from the C library */
    }
    free(entries);
}

TM_OWN tm_pages_t *tm_pages_load(const char *dir)
{
    tm_pages_t *pages = TM_NEW(tm_pages_t);
    if (dir != NULL)
        add_folder(pages, dir, "", 0);
    return pages;
}

void tm_pages_free(TM_OWN tm_pages_t *pages)
{
    if (pages == NULL)
        return;
    uint32_t pos = 0;
    tm_str_t name;
    void *p;
    while (tm_smap_next(&pages->files, &pos, &name, &p)) {
        file_t *file = p;
        tm_blob_unref(file->plain);
        tm_coded_done(&file->coded);
        tm_free(file);
    }
    tm_smap_done(&pages->files);
    tm_free(pages);
}

/* ---- serving ---- */

/* Addresses that the application itself understands. */
static bool is_screen(tm_str_t path)
{
    return tm_str_eq(path, TM_STR("/")) || tm_str_eq(path, TM_STR("/sign-in")) ||
           tm_str_eq(path, TM_STR("/campaigns")) || tm_str_starts(path, "/campaigns/");
}

static void send_file(tm_call_t *call, file_t *file, bool is_page)
{
    call->is_page = true;
    call->cache = is_page           ? "no-store"
                  : file->immutable ? "public, max-age=31536000, immutable"
                                    : "public, no-cache";
    call->varies = tm_coded_form(&file->coded, TM_CODING_BROTLI) != NULL ||
                   tm_coded_form(&file->coded, TM_CODING_GZIP) != NULL;
    if (!is_page && tm_reply_not_modified(call, file->etag))
        return;
    tm_reply_header(call, "content-security-policy", POLICY);
    tm_reply_header(call, "cross-origin-opener-policy", "same-origin");
    if (call->varies)
        tm_reply_coded(call, file->type, tm_blob_ref(file->plain), &file->coded, NULL);
    else
        tm_reply_blob(call, 200, file->type, tm_blob_ref(file->plain));
}

void tm_pages_serve(tm_call_t *call, tm_str_t path)
{
    const tm_pages_t *pages = call->loop->http->pages;
    const bool reads =
        call->head || h2o_memis(call->req->method.base, call->req->method.len, H2O_STRLIT("GET"));
    file_t *file = NULL;
    const bool is_page = is_screen(path) || tm_str_eq(path, TM_STR("/index.html"));
    if (is_page)
        file = pages->index;
    else
        file = tm_smap_get(&pages->files, path);
    if (file == NULL && is_page) {
        tm_reply_fault(call, TM_ENOTFOUND, "", "the browser application is not installed");
    } else if (file == NULL) {
        tm_reply_problem(call, TM_ENOTFOUND, NULL);
    } else if (!reads) {
        tm_reply_header(call, "allow", "GET, HEAD");
        tm_reply_problem(call, TM_EMETHOD, NULL);
    } else {
        send_file(call, file, is_page);
    }
}
