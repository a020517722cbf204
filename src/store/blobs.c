/* blobs.c - files by their SHA-256 in a folder: ab/cd/<hex>.
 *
 * How:     written under new/, synced, renamed to its place, then the folders on the way are
 *          synced: a name that is there has its bytes. What a crash left under new/ is removed by
 *          open. Files are never changed; one of the wrong size is replaced.
 * Threads: any that may block; two putting the same bytes both succeed. */
#include "store/blobs.h"
#include "base/memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BLOBS_MAGIC 0x424c4f42u
#define FOLDERS_BYTES 65536u /* of the folders a file may need besides */
#define FILES_OF_ONE 3u      /* the file and two folders */
#define FOLDER_MODE 0700
#define FILE_MODE 0600
#define NAME_MAX_BYTES 96u /* "new/" and a number, or "ab/cd/" and 64 digits */

struct tm_blobs {
    uint32_t magic;
    int folder;
    uint64_t serial;  /* atomic; makes names under new/ */
    uint64_t lacking; /* atomic; bytes of the last file if there was no room for it, else 0 */
};

typedef struct place {
    char outer[3];             /* "ab" */
    char inner[6];             /* "ab/cd" */
    char file[NAME_MAX_BYTES]; /* "ab/cd/<hex>" */
} place_t;

static tm_err_t failed(tm_why_t *why, const char *doing, const char *name)
{
    const tm_err_t err = errno == ENOSPC || errno == EDQUOT ? TM_EDISKFULL : TM_EIO;
    return tm_why_add(why, err, NULL, "blobs: %s %s failed: %s", doing, name, strerror(errno));
}

static place_t place_of(const tm_sha256_t *sha)
{
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(sha, hex);
    place_t at;
    snprintf(at.outer, sizeof(at.outer), "%.2s", hex);
    snprintf(at.inner, sizeof(at.inner), "%.2s/%.2s", hex, hex + 2);
    snprintf(at.file, sizeof(at.file), "%.2s/%.2s/%s", hex, hex + 2, hex);
    return at;
}

/* What a crash left. */
static void clean_new(int folder)
{
    const int fd = openat(folder, "new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.')
            unlinkat(fd, entry->d_name, 0);
    }
    closedir(dir);
}

tm_err_t tm_blobs_open(const char *folder, tm_blobs_t **ret, tm_why_t *why)
{
    assert(folder != NULL && ret != NULL);
    if (mkdir(folder, FOLDER_MODE) != 0 && errno != EEXIST)
        return failed(why, "making the folder", folder);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return failed(why, "opening the folder", folder);
    const int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = parent >= 0 && fsync(parent) == 0;
    if (parent >= 0)
        close(parent);
    good = good && (mkdirat(fd, "new", FOLDER_MODE) == 0 || errno == EEXIST);
    if (!good) {
        const tm_err_t err = failed(why, "preparing the folder", folder);
        close(fd);
        return err;
    }
    clean_new(fd);
    tm_blobs_t *blobs = TM_NEW(tm_blobs_t);
    *blobs = (tm_blobs_t){BLOBS_MAGIC, fd, 0, 0};
    *ret = blobs;
    return TM_OK;
}

void tm_blobs_free(TM_OWN tm_blobs_t *blobs)
{
    if (blobs == NULL)
        return;
    TM_CHECK(blobs, BLOBS_MAGIC);
    close(blobs->folder);
    blobs->magic = 0;
    tm_free(blobs);
}

static bool sync_folder(int folder, const char *name)
{
    const int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool good = fsync(fd) == 0;
    const int cause = errno;
    close(fd);
    errno = cause;
    return good;
}

/* The names on the way are durable. Next to nothing where they already were, but only a sync can
 * tell: another thread, or a process that was killed, may have renamed the file and not have
 * come to the sync. */
static bool sync_names(const tm_blobs_t *blobs, const place_t *at)
{
    return sync_folder(blobs->folder, at->inner) && sync_folder(blobs->folder, at->outer) &&
           sync_folder(blobs->folder, ".");
}

static bool write_all(int fd, tm_str_t bytes)
{
    for (uint32_t done = 0; done < bytes.n;) {
        const ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (uint32_t)n;
    }
    return true;
}

static bool make_folder(int folder, const char *name)
{
    return mkdirat(folder, name, FOLDER_MODE) == 0 || errno == EEXIST;
}

tm_err_t tm_blobs_put(tm_blobs_t *blobs, tm_str_t bytes, const tm_sha256_t *sha, tm_why_t *why)
{
    TM_CHECK(blobs, BLOBS_MAGIC);
    assert(bytes.p != NULL || bytes.n == 0);
    const place_t at = place_of(sha);
    struct stat st;
    if (fstatat(blobs->folder, at.file, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
        st.st_size == (off_t)bytes.n)
        return sync_names(blobs, &at) ? TM_OK : failed(why, "syncing the folder of", at.file);

    char name[NAME_MAX_BYTES];
    snprintf(name, sizeof(name), "new/%llu",
             (unsigned long long)__atomic_fetch_add(&blobs->serial, 1,
                                                    __ATOMIC_RELAXED)); /* relaxed: only unique */
    const int fd = openat(blobs->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0)
        return failed(why, "making", name);
    bool good = write_all(fd, bytes) && fsync(fd) == 0;
    good = good && make_folder(blobs->folder, at.outer) && make_folder(blobs->folder, at.inner);
    good = good && renameat(blobs->folder, name, blobs->folder, at.file) == 0;
    good = good && sync_names(blobs, &at);
    const tm_err_t err = good ? TM_OK : failed(why, "writing", at.file);
    close(fd);
    if (!good)
        unlinkat(blobs->folder, name, 0); /* gone if it was renamed */
    /* relaxed: a number that publishes nothing else. */
    if (err == TM_OK || err == TM_EDISKFULL)
        __atomic_store_n(&blobs->lacking, err == TM_OK ? 0 : (uint64_t)bytes.n + FOLDERS_BYTES,
                         __ATOMIC_RELAXED);
    return err;
}

bool tm_blobs_is_full(const tm_blobs_t *blobs)
{
    TM_CHECK(blobs, BLOBS_MAGIC);
    const uint64_t lacking = __atomic_load_n(&blobs->lacking, __ATOMIC_RELAXED);
    struct statvfs fs;
    if (lacking == 0)
        return false;
    if (fstatvfs(blobs->folder, &fs) != 0)
        return true;
    const bool names = fs.f_files == 0 || fs.f_favail >= FILES_OF_ONE; /* 0: it does not count */
    return !names || (uint64_t)fs.f_bavail * fs.f_frsize < lacking;
}

/* The file's size bytes into out. */
static tm_err_t read_all(int fd, size_t size, tm_buf_t *out)
{
    if (!tm_buf_reserve(out, size))
        return TM_ETOOLARGE;
    size_t got = 0;
    while (got < size) {
        const ssize_t n = read(fd, out->p + out->n + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return TM_EIO;
        if (n == 0)
            return TM_EDAMAGED;
        got += (size_t)n;
    }
    out->n += size;
    return TM_OK;
}

tm_err_t tm_blobs_get(tm_blobs_t *blobs, const tm_sha256_t *sha, tm_buf_t *out, tm_why_t *why)
{
    TM_CHECK(blobs, BLOBS_MAGIC);
    const place_t at = place_of(sha);
    const int fd = openat(blobs->folder, at.file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return TM_ENOTFOUND;
    if (fd < 0)
        return failed(why, "opening", at.file);
    struct stat st;
    const size_t before = out->n;
    tm_err_t err = fstat(fd, &st) == 0 ? TM_OK : TM_EIO;
    if (err == TM_OK)
        err = read_all(fd, (size_t)st.st_size, out);
    if (err == TM_EIO)
        failed(why, "reading", at.file);
    close(fd);
    if (err != TM_OK && err != TM_EDAMAGED)
        return err;
    if (err == TM_OK) {
        const tm_sha256_t found =
            tm_sha256(out->n == before ? "" : out->p + before, out->n - before);
        if (memcmp(found.b, sha->b, sizeof(found.b)) == 0)
            return TM_OK;
    }
    out->n = before;
    return tm_why_add(why, TM_EDAMAGED, NULL, "blobs: %s does not hold the bytes of its name",
                      at.file);
}
