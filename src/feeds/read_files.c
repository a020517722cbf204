/* read_files.c - paths to files, files to bytes.
 *
 * Why:     see read_files.h.
 * Threads: see read_files.h. */
#include "feeds/read_files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (256u << 10)
#define FOLDER_DEPTH_MAX 16

static tm_err_t add_one(tm_read_files_t *files, const char *folder, const char *name, int error);
static tm_err_t add_folder(tm_read_files_t *files, const char *path, unsigned depth);
static const char *evidence(const char *path, const char *top);
static int by_name(const void *a, const void *b);

tm_err_t tm_read_files_add(tm_read_files_t *files, const char *path)
{
    assert(files != NULL);
    assert(path != NULL);
    struct stat st;
    const uint32_t first = files->n;
    const int missing = stat(path, &st) != 0 ? errno : 0;
    const bool is_folder = missing == 0 && S_ISDIR(st.st_mode);
    const tm_err_t err =
        is_folder ? add_folder(files, path, 0) : add_one(files, NULL, path, missing);
    if (files->n - first > 1) {
        qsort(files->v + first, files->n - first, sizeof(*files->v), by_name);
    }
    for (uint32_t i = first; i < files->n; i++) {
        files->v[i].name = evidence(files->v[i].path, is_folder ? path : NULL);
    }
    return err;
}

/* Where the name begins: at the last part of `top` when the file was found below it, else one
 * folder before the file. */
static const char *evidence(const char *path, const char *top)
{
    size_t end = top == NULL ? strlen(path) : strlen(top);
    while (end > 1 && path[end - 1] == '/') {
        end--; /* "folder/" is "folder" */
    }
    int slashes = top == NULL ? 2 : 1;
    while (end > 0) {
        if (path[end - 1] == '/' && --slashes == 0) {
            break;
        }
        end--;
    }
    const char *name = path + end;
    while (name[0] == '.' && (name[1] == '/' || (name[1] == '.' && name[2] == '/'))) {
        name += name[1] == '/' ? 2 : 3; /* "./a" and "../a" are no folders' names */
    }
    return name;
}

void tm_read_files_done(tm_read_files_t *files)
{
    assert(files != NULL);
    for (uint32_t i = 0; i < files->n; i++) {
        tm_free((void *)(uintptr_t)files->v[i].path);
    }
    tm_free(files->v);
    *files = (tm_read_files_t){0};
}

static tm_err_t add_one(tm_read_files_t *files, const char *folder, const char *name, int error)
{
    if (files->n == TM_READ_FILES_MAX)
        return TM_ETOOLARGE;
    if (files->n == files->cap) {
        files->cap = files->cap == 0 ? 64 : files->cap * 2;
        files->v = tm_realloc(files->v, files->cap * sizeof(*files->v));
    }
    const size_t folder_n = folder == NULL ? 0 : strlen(folder);
    const size_t name_n = strlen(name);
    const bool slash = folder_n > 0 && folder[folder_n - 1] != '/';
    char *path = tm_alloc(folder_n + slash + name_n + 1);
    if (folder_n > 0) {
        memcpy(path, folder, folder_n);
    }
    if (slash) {
        path[folder_n] = '/';
    }
    memcpy(path + folder_n + slash, name, name_n + 1);
    tm_read_file_t *file = &files->v[files->n++];
    *file = (tm_read_file_t){.path = path, .error = error};
    assert(files->n <= files->cap);
    return TM_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const tm_read_file_t *)a)->path, ((const tm_read_file_t *)b)->path);
}

static char *joined(const char *folder, const char *name)
{
    const size_t n = strlen(folder) + strlen(name) + 2;
    char *path = tm_alloc(n);
    (void)snprintf(path, n, "%s/%s", folder, name);
    return path;
}

/* At most FOLDER_DEPTH_MAX deep; a link to a folder is not followed, so there are no circles. */
static tm_err_t add_folder(tm_read_files_t *files, const char *path, unsigned depth)
{
    DIR *dir = depth == FOLDER_DEPTH_MAX ? NULL : opendir(path);
    if (dir == NULL)
        return add_one(files, NULL, path, depth == FOLDER_DEPTH_MAX ? ELOOP : errno);
    tm_err_t err = TM_OK;
    for (const struct dirent *entry = readdir(dir); entry != NULL && err == TM_OK;
         entry = readdir(dir)) {
        struct stat st;
        if (entry->d_name[0] == '.') {
            continue;
        }
        if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISDIR(st.st_mode)) {
            TM_AUTO(tm_free_p) char *inner = joined(path, entry->d_name);
            err = add_folder(files, inner, depth + 1);
        } else if (fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && S_ISREG(st.st_mode)) {
            err = add_one(files, path, entry->d_name, 0);
        }
    }
    (void)closedir(dir);
    return err;
}

/* Until the end of the file; keeps the bytes while there are at most bytes_max. */
static tm_err_t load_open(int fd, uint32_t bytes_max, size_t expected, tm_read_bytes_t *ret)
{
    tm_sha256_ctx_t *sha = tm_sha256_begin();
    size_t cap = TM_MIN(expected, (size_t)bytes_max) +
                 1; /* one more: the end shows without another allocation */
    char *bytes = tm_alloc(cap);
    size_t n = 0;
    bool too_large = false;
    ssize_t got;
    do {
        if (n == cap && cap < (size_t)bytes_max + 1) { /* it grew while we read */
            cap = TM_MIN(cap * 2, (size_t)bytes_max + 1);
            bytes = tm_realloc(bytes, cap);
        }
        if (n > bytes_max) {
            too_large = true;
            n = 0; /* from here on only hashed */
        }
        const size_t room = TM_MIN(cap - n, (size_t)CHUNK_BYTES);
        got = read(fd, bytes + n, room);
        if (got > 0) {
            tm_sha256_add(sha, bytes + n, (size_t)got);
            n = too_large ? 0 : n + (size_t)got;
        }
    } while (got > 0 || (got < 0 && errno == EINTR));
    const int why_not = errno;
    const tm_sha256_t digest = tm_sha256_end(sha);
    if (got < 0) {
        tm_free(bytes);
        errno = why_not;
        return TM_EIO;
    }
    assert(n <= bytes_max || too_large);
    *ret = (tm_read_bytes_t){.too_large = too_large};
    tm_sha256_format(&digest, ret->sha256);
    if (too_large) {
        tm_free(bytes);
    } else {
        ret->p = bytes;
        ret->n = (uint32_t)n;
    }
    return TM_OK;
}

tm_err_t tm_read_file_load(const char *path, uint32_t bytes_max, tm_read_bytes_t *ret,
                           tm_why_t *why)
{
    assert(path != NULL);
    assert(bytes_max > 0 && bytes_max < UINT32_MAX);
    const int fd =
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a pipe must not hold us */
    struct stat st;
    tm_err_t err = fd < 0 || fstat(fd, &st) != 0 ? TM_EIO : TM_OK;
    if (err == TM_OK && !S_ISREG(st.st_mode)) {
        err = tm_why_add(why, TM_EIO, NULL, "is not a regular file");
    } else {
        if (err == TM_OK) {
            err = load_open(fd, bytes_max, (size_t)st.st_size, ret);
        }
        if (err != TM_OK) {
            err = tm_why_add(why, err, NULL, "%s", strerror(errno));
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}
