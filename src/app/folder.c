/* folder.c - see folder.h. */
#include "app/folder.h"

#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_BYTES 1200

static tm_err_t make_parents(const char *dir, tm_why_t *why)
{
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s", dir);
    for (char *p = path + 1; *p != '\0'; p++) {
        if (*p != '/') {
            continue;
        }
        *p = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return tm_why_add(why, TM_EIO, NULL, "cannot make folder %s: %s", path,
                              strerror(errno));
        *p = '/';
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return tm_why_add(why, TM_EIO, NULL, "cannot make folder %s: %s", path, strerror(errno));
    return TM_OK;
}

tm_err_t tm_folder_own(const char *dir, int *ret_lock, tm_why_t *why)
{
    const tm_err_t err = make_parents(dir, why);
    if (err != TM_OK)
        return err;
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/lock", dir);
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return tm_why_add(why, TM_EIO, NULL, "cannot open %s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        (void)close(fd);
        return tm_why_add(why, TM_ECONFLICT, NULL,
                          "the data folder %s is in use by another process", dir);
    }
    *ret_lock = fd;
    return TM_OK;
}

static tm_err_t read_key(const char *path, char ret_key[TM_KEY_TEXT_MAX], tm_why_t *why)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT
                   ? TM_ENOTFOUND
                   : tm_why_add(why, TM_EIO, NULL, "cannot read %s: %s", path, strerror(errno));
    const ssize_t n = read(fd, ret_key, TM_KEY_TEXT_MAX - 1);
    (void)close(fd);
    if (n <= 0)
        return tm_why_add(why, TM_EIO, NULL, "%s is empty", path);
    ret_key[n] = '\0';
    ret_key[strcspn(ret_key, "\r\n")] = '\0';
    return TM_OK;
}

static tm_err_t write_key(const char *path, const char *key, tm_why_t *why)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    const size_t n = strlen(key);
    const bool ok =
        fd >= 0 && write(fd, key, n) == (ssize_t)n && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    const int saved = errno;
    if (fd >= 0) {
        (void)close(fd);
    }
    return ok ? TM_OK : tm_why_add(why, TM_EIO, NULL, "cannot write %s: %s", path, strerror(saved));
}

tm_err_t tm_folder_key(const char *dir, bool make, char ret_key[TM_KEY_TEXT_MAX], tm_why_t *why)
{
    char path[PATH_MAX_BYTES];
    (void)snprintf(path, sizeof path, "%s/system.key", dir);
    const tm_err_t err = read_key(path, ret_key, why);
    if (err != TM_ENOTFOUND || !make)
        return err;
    uint8_t bytes[32];
    tm_random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        (void)snprintf(ret_key + 2 * i, 3, "%02x", bytes[i]);
    }
    return write_key(path, ret_key, why);
}
