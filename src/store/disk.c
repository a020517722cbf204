/* disk.c - a folder of the real file system as the journal's disk.
 *
 * How:     everything relative to one descriptor of the folder; a file's number is its descriptor.
 *          A call that fails leaves errno for the message.
 * Threads: any, as the kernel's calls are; two threads must not write one file. */
#include "store/disk.h"
#include "base/buf.h"
#include "base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define PATH_BYTES_MAX 4000u
#define FOLDER_MODE 0700
#define FILE_MODE 0600

typedef struct folder {
    int fd;
} folder_t;

typedef struct names {
    char **v;
    size_t n, cap;
} names_t;

static tm_err_t error_now(void)
{
    return errno == ENOSPC || errno == EDQUOT ? TM_EDISKFULL : TM_EIO;
}

static tm_err_t folder_open(void *self, const char *name, bool create, int *ret_file)
{
    const folder_t *folder = self;
    const int flags = O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0);
    int fd = openat(folder->fd, name, flags | O_RDWR, FILE_MODE);
    if (fd < 0 && !create && (errno == EACCES || errno == EROFS))
        fd = openat(folder->fd, name, flags | O_RDONLY); /* whoever only verifies may only read */
    if (fd < 0)
        return errno == ENOENT ? TM_ENOTFOUND : error_now();
    *ret_file = fd;
    return TM_OK;
}

static tm_err_t folder_write(void *self, int file, uint64_t offset, const void *p, size_t n)
{
    (void)self;
    const char *at = p;
    while (n > 0) {
        const ssize_t done = pwrite(file, at, n, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return error_now();
        at += done;
        offset += (uint64_t)done;
        n -= (size_t)done;
    }
    return TM_OK;
}

static tm_err_t folder_read(void *self, int file, uint64_t offset, void *p, size_t n, size_t *ret_n)
{
    (void)self;
    char *at = p;
    size_t got = 0;
    while (got < n) {
        const ssize_t done = pread(file, at + got, n - got, (off_t)(offset + got));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return TM_EIO;
        if (done == 0)
            break;
        got += (size_t)done;
    }
    *ret_n = got;
    return TM_OK;
}

static tm_err_t folder_size(void *self, int file, uint64_t *ret)
{
    (void)self;
    struct stat st;
    if (fstat(file, &st) != 0)
        return TM_EIO;
    *ret = (uint64_t)st.st_size;
    return TM_OK;
}

static tm_err_t folder_sync(void *self, int file)
{
    (void)self;
    return fdatasync(file) == 0 ? TM_OK : error_now();
}

static tm_err_t folder_sync_folder(void *self)
{
    const folder_t *folder = self;
    return fsync(folder->fd) == 0 ? TM_OK : error_now();
}

/* The folder in which a name with a slash lies, made if it is not there. < 0: failed. */
static int folder_below(const folder_t *folder, const char *name)
{
    char below[NAME_MAX + 1];
    const size_t n = (size_t)(strchr(name, '/') - name);
    assert(n > 0 && n <= NAME_MAX);
    memcpy(below, name, n);
    below[n] = '\0';
    if (mkdirat(folder->fd, below, FOLDER_MODE) != 0 && errno != EEXIST)
        return -1;
    return openat(folder->fd, below, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static tm_err_t folder_rename(void *self, const char *from, const char *to)
{
    const folder_t *folder = self;
    if (strchr(to, '/') == NULL)
        return renameat(folder->fd, from, folder->fd, to) == 0 ? TM_OK : error_now();
    const int below = folder_below(folder, to);
    if (below < 0)
        return error_now();
    const bool done = renameat(folder->fd, from, folder->fd, to) == 0 && fsync(below) == 0;
    const int saved = errno;
    (void)close(below);
    errno = saved;
    return done ? TM_OK : error_now();
}

static tm_err_t folder_room(void *self, uint64_t *ret)
{
    const folder_t *folder = self;
    struct statvfs fs;
    if (fstatvfs(folder->fd, &fs) != 0)
        return TM_EIO;
    *ret = (uint64_t)fs.f_bavail * fs.f_frsize;
    return TM_OK;
}

static void folder_forget(void *self, int file)
{
    (void)self;
    (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); /* advice only */
}

static tm_err_t folder_remove(void *self, const char *name)
{
    const folder_t *folder = self;
    if (unlinkat(folder->fd, name, 0) == 0)
        return TM_OK;
    return errno == ENOENT ? TM_ENOTFOUND : error_now();
}

static void folder_close(void *self, int file)
{
    (void)self;
    close(file);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_add(names_t *names, const char *name)
{
    if (names->n == names->cap) {
        names->cap = names->cap == 0 ? 64 : names->cap * 2;
        names->v = tm_realloc(names->v, names->cap * sizeof(*names->v));
    }
    names->v[names->n++] = tm_strdup_n(name, strlen(name));
}

static tm_err_t folder_list(void *self, void (*each)(void *ctx, const char *name), void *ctx)
{
    const folder_t *folder = self;
    const int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return TM_EIO;
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        close(fd);
        return TM_EIO;
    }
    names_t names = {0};
    errno = 0;
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.')
            names_add(&names, entry->d_name);
    }
    const tm_err_t err = errno == 0 ? TM_OK : TM_EIO;
    closedir(dir);
    if (names.n > 0)
        qsort(names.v, names.n, sizeof(*names.v), by_name);
    for (size_t i = 0; i < names.n; i++) {
        if (err == TM_OK)
            each(ctx, names.v[i]);
        tm_free(names.v[i]);
    }
    tm_free(names.v);
    return err;
}

/* Makes one folder and syncs its parent, so that a crash cannot take the name away with what is
 * in it. */
static tm_err_t make_one(char *path)
{
    if (mkdir(path, FOLDER_MODE) != 0)
        return errno == EEXIST ? TM_OK : error_now();
    char *slash = strrchr(path, '/');
    const char *parent = slash == NULL ? "." : slash == path ? "/" : path;
    if (slash != NULL && slash != path)
        *slash = '\0';
    const int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int failed = fd < 0 ? -1 : fsync(fd);
    if (fd >= 0)
        close(fd);
    if (slash != NULL)
        *slash = '/';
    return failed == 0 ? TM_OK : error_now();
}

/* Every folder on the way to path, then path itself. */
static tm_err_t make_all(const char *path, size_t n)
{
    char part[PATH_BYTES_MAX + 1];
    memcpy(part, path, n + 1);
    for (size_t i = 1; i < n; i++) {
        if (part[i] != '/')
            continue;
        part[i] = '\0';
        const tm_err_t err = make_one(part);
        part[i] = '/';
        if (err != TM_OK)
            return err;
    }
    return make_one(part);
}

tm_err_t tm_disk_folder(const char *path, tm_disk_t *ret, tm_why_t *why)
{
    assert(path != NULL && ret != NULL);
    const size_t n = strlen(path);
    if (n == 0 || n > PATH_BYTES_MAX)
        return tm_why_add(why, TM_EIO, NULL, "the path of a folder has 1 to %u bytes",
                          PATH_BYTES_MAX);
    const tm_err_t err = make_all(path, n);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "cannot make the folder %s: %s", path, strerror(errno));
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return tm_why_add(why, TM_EIO, NULL, "cannot open the folder %s: %s", path,
                          strerror(errno));
    folder_t *folder = TM_NEW(folder_t);
    folder->fd = fd;
    *ret = (tm_disk_t){folder,      folder_open,        folder_write,  folder_read,   folder_size,
                       folder_sync, folder_sync_folder, folder_rename, folder_remove, folder_close,
                       folder_list, folder_room,        folder_forget};
    return TM_OK;
}

void tm_disk_close(tm_disk_t *disk)
{
    if (disk == NULL || disk->self == NULL)
        return;
    folder_t *folder = disk->self;
    close(folder->fd);
    tm_free(folder);
    *disk = (tm_disk_t){0};
}
