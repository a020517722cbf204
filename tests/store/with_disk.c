/* with_disk.c - a disk in memory for the journal's tests. */
#include "store/with_disk.h"
#include "base/memory.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SECTOR 512u

uint64_t with_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static int name_find(const with_names_t *names, const char *name)
{
    for (int i = 0; i < names->n; i++) {
        if (strcmp(names->name[i], name) == 0)
            return i;
    }
    return -1;
}

static void name_del(with_names_t *names, int i)
{
    names->n--;
    memmove(names->name[i], names->name[i + 1], sizeof(names->name[0]) * (size_t)(names->n - i));
    memmove(&names->file[i], &names->file[i + 1], sizeof(int) * (size_t)(names->n - i));
}

static tm_err_t disk_open(void *self, const char *name, bool create, int *ret_file)
{
    with_disk_t *disk = self;
    const int at = name_find(&disk->now, name);
    if (!create) {
        errno = ENOENT;
        if (at < 0)
            return TM_ENOTFOUND;
        *ret_file = disk->now.file[at];
        return TM_OK;
    }
    errno = EEXIST;
    if (at >= 0)
        return TM_EIO;
    int file = 0;
    while (disk->files[file].used) {
        file++;
        assert(file < WITH_FILES_MAX);
    }
    disk->files[file] = (with_file_t){
        .now = tm_zalloc(WITH_FILE_BYTES), .synced = tm_zalloc(WITH_FILE_BYTES), .used = true};
    assert(strlen(name) < WITH_NAME_MAX && disk->now.n < WITH_FILES_MAX);
    memcpy(disk->now.name[disk->now.n], name, strlen(name) + 1);
    disk->now.file[disk->now.n++] = file;
    *ret_file = file;
    return TM_OK;
}

static tm_err_t disk_write(void *self, int file, uint64_t offset, const void *p, size_t n)
{
    with_disk_t *disk = self;
    with_file_t *f = &disk->files[file];
    disk->writes++;
    errno = EIO;
    if (disk->writes_left == 0)
        return TM_EIO;
    if (disk->writes_left > 0)
        disk->writes_left--;
    assert(offset + n <= WITH_FILE_BYTES);
    const int64_t grows = offset + n > f->now_n ? (int64_t)(offset + n - f->now_n) : 0;
    errno = ENOSPC;
    if (disk->bytes_free >= 0 && grows > disk->bytes_free)
        return TM_EDISKFULL;
    if (disk->bytes_free >= 0)
        disk->bytes_free -= grows;
    memcpy(f->now + offset, p, n);
    f->now_n = TM_MAX(f->now_n, offset + n);
    return TM_OK;
}

static tm_err_t disk_read(void *self, int file, uint64_t offset, void *p, size_t n, size_t *ret_n)
{
    const with_file_t *f = &((with_disk_t *)self)->files[file];
    errno = EIO;
    if (f->unreadable)
        return TM_EIO;
    const size_t rest = offset < f->now_n ? f->now_n - (size_t)offset : 0;
    *ret_n = TM_MIN(n, rest);
    memcpy(p, f->now + offset, *ret_n);
    return TM_OK;
}

static tm_err_t disk_size(void *self, int file, uint64_t *ret)
{
    *ret = ((with_disk_t *)self)->files[file].now_n;
    return TM_OK;
}

static bool sync_fails(with_disk_t *disk)
{
    disk->syncs++;
    errno = EIO;
    if (disk->syncs_left == 0)
        return true;
    if (disk->syncs_left > 0)
        disk->syncs_left--;
    return false;
}

static tm_err_t disk_sync(void *self, int file)
{
    with_disk_t *disk = self;
    with_file_t *f = &disk->files[file];
    if (sync_fails(disk))
        return TM_EIO;
    memcpy(f->synced, f->now, WITH_FILE_BYTES);
    f->synced_n = f->now_n;
    return TM_OK;
}

static tm_err_t disk_sync_folder(void *self)
{
    with_disk_t *disk = self;
    if (sync_fails(disk))
        return TM_EIO;
    disk->synced = disk->now;
    return TM_OK;
}

static tm_err_t disk_rename(void *self, const char *from, const char *to)
{
    with_disk_t *disk = self;
    const int old = name_find(&disk->now, to);
    if (old >= 0)
        name_del(&disk->now, old);
    const int at = name_find(&disk->now, from);
    assert(at >= 0 && strlen(to) < WITH_NAME_MAX);
    memcpy(disk->now.name[at], to, strlen(to) + 1);
    return TM_OK;
}

static tm_err_t disk_remove(void *self, const char *name)
{
    with_disk_t *disk = self;
    const int at = name_find(&disk->now, name);
    errno = ENOENT;
    if (at < 0)
        return TM_ENOTFOUND;
    if (disk->bytes_free >= 0)
        disk->bytes_free += (int64_t)disk->files[disk->now.file[at]].now_n;
    name_del(&disk->now, at);
    return TM_OK;
}

static void disk_close(void *self, int file)
{
    (void)self;
    (void)file;
}

static void disk_forget(void *self, int file)
{
    with_disk_t *disk = self;
    const with_file_t *f = &disk->files[file];
    assert_int_equal(f->now_n, f->synced_n);
    assert_memory_equal(f->now, f->synced, f->now_n);
    disk->files[file].forgotten = true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static tm_err_t disk_list(void *self, void (*each)(void *ctx, const char *name), void *ctx)
{
    const with_names_t *now = &((with_disk_t *)self)->now;
    with_names_t names = *now;
    qsort(names.name, (size_t)names.n, sizeof(names.name[0]), by_name);
    for (int i = 0; i < names.n; i++) {
        each(ctx, names.name[i]);
    }
    return TM_OK;
}

static tm_err_t disk_room(void *self, uint64_t *ret)
{
    const with_disk_t *disk = self;
    *ret = disk->bytes_free < 0 ? UINT64_MAX : (uint64_t)disk->bytes_free;
    return TM_OK;
}

with_disk_t *with_disk_new(void)
{
    with_disk_t *disk = TM_NEW(with_disk_t);
    disk->bytes_free = -1;
    disk->writes_left = -1;
    disk->syncs_left = -1;
    return disk;
}

void with_disk_free(with_disk_t *disk)
{
    for (int i = 0; i < WITH_FILES_MAX; i++) {
        tm_free(disk->files[i].now);
        tm_free(disk->files[i].synced);
    }
    tm_free(disk);
}

with_disk_t *with_disk_copy(const with_disk_t *disk)
{
    with_disk_t *copy = TM_NEW(with_disk_t);
    *copy = *disk;
    for (int i = 0; i < WITH_FILES_MAX; i++) {
        if (!disk->files[i].used)
            continue;
        copy->files[i].now = tm_alloc(WITH_FILE_BYTES);
        copy->files[i].synced = tm_alloc(WITH_FILE_BYTES);
        memcpy(copy->files[i].now, disk->files[i].now, WITH_FILE_BYTES);
        memcpy(copy->files[i].synced, disk->files[i].synced, WITH_FILE_BYTES);
    }
    return copy;
}

tm_disk_t with_disk_face(with_disk_t *disk)
{
    return (tm_disk_t){disk,      disk_open,        disk_write,  disk_read,   disk_size,
                       disk_sync, disk_sync_folder, disk_rename, disk_remove, disk_close,
                       disk_list, disk_room,        disk_forget};
}

void with_disk_crash(with_disk_t *disk, uint64_t *seed)
{
    if (with_random(seed) % 2 == 0)
        disk->now = disk->synced;
    disk->synced = disk->now;
    for (int i = 0; i < WITH_FILES_MAX; i++) {
        with_file_t *f = &disk->files[i];
        if (!f->used)
            continue;
        for (size_t at = 0; at < WITH_FILE_BYTES; at += SECTOR) {
            if (with_random(seed) % 2 == 0)
                memcpy(f->now + at, f->synced + at, SECTOR);
        }
        f->now_n = TM_MAX(f->now_n, f->synced_n);
        memcpy(f->synced, f->now, WITH_FILE_BYTES);
        f->synced_n = f->now_n;
        bool named = false;
        for (int k = 0; k < disk->now.n; k++) {
            named = named || disk->now.file[k] == i;
        }
        if (!named) {
            tm_free(f->now);
            tm_free(f->synced);
            *f = (with_file_t){0};
        }
    }
    disk->writes_left = disk->syncs_left = -1;
}

with_file_t *with_disk_file(with_disk_t *disk, const char *name)
{
    const int at = name_find(&disk->now, name);
    return at < 0 ? NULL : &disk->files[disk->now.file[at]];
}

void with_log_init(with_log_t *log)
{
    *log = (with_log_t){.in_order = true};
}

void with_log_done(with_log_t *log)
{
    while (log->waiting != NULL) {
        with_commit_t *next = log->waiting->after;
        tm_free(log->waiting->commit.bytes);
        tm_free(log->waiting);
        log->waiting = next;
    }
    tm_free(log->released);
    tm_free(log->numbers);
}

void with_fatal(void *ctx, const char *message)
{
    with_log_t *log = ctx;
    snprintf(log->fatal, sizeof(log->fatal), "%s", message);
    log->fatals++;
}

static void released(tm_commit_t *commit)
{
    with_commit_t *c = (with_commit_t *)commit;
    with_log_t *log = c->log;
    if (log->n == log->cap) {
        log->cap = log->cap == 0 ? 256 : log->cap * 2;
        log->released = tm_realloc(log->released, log->cap * sizeof(uint64_t));
        log->numbers = tm_realloc(log->numbers, log->cap * sizeof(uint64_t));
    }
    log->released[log->n] = c->tag;
    log->numbers[log->n++] = commit->number;
    if (commit->n > 0) {
        log->in_order =
            log->in_order && (log->last_number == 0 || commit->number == log->last_number + 1);
        log->last_number = commit->number;
    }
    if (c->before == NULL)
        log->waiting = c->after;
    else
        c->before->after = c->after;
    if (c->after != NULL)
        c->after->before = c->before;
    tm_free(commit->bytes);
    tm_free(c);
}

void with_body(uint64_t tag, uint32_t n, char *ret)
{
    uint64_t seed = tag * 0x9e3779b97f4a7c15u + 1;
    for (uint32_t i = 0; i < n; i++) {
        ret[i] = (char)(i < 8 ? tag >> 8 * i : with_random(&seed));
    }
}

with_commit_t *with_commit_new(with_log_t *log, uint64_t tag, uint32_t n)
{
    with_commit_t *c = TM_NEW(with_commit_t);
    c->log = log;
    c->tag = tag;
    c->commit.n = n;
    c->commit.reserved = n;
    c->commit.release = released;
    c->commit.bytes = n == 0 ? NULL : tm_alloc(n);
    with_body(tag, n, c->commit.bytes);
    c->after = log->waiting;
    if (c->after != NULL)
        c->after->before = c;
    log->waiting = c;
    return c;
}

bool with_push(tm_journal_t *journal, with_log_t *log, uint64_t tag, uint32_t n)
{
    tm_err_t err = n == 0 ? TM_OK : tm_journal_reserve(journal, n);
    while (err == TM_EBUSY && tm_journal_step(journal)) {
        err = tm_journal_reserve(journal, n);
    }
    if (err != TM_OK)
        return false;
    with_commit_t *c = with_commit_new(log, tag, n);
    tm_journal_push(journal, &c->commit, &c->commit);
    return true;
}

tm_journal_t *with_journal(const tm_journal_options_t *options, tm_journal_info_t *ret_info)
{
    tm_journal_t *journal = NULL;
    tm_why_t why;
    tm_why_clear(&why);
    char line[400];
    if (tm_journal_open(options, &journal, ret_info, &why) != TM_OK ||
        tm_journal_begin(journal, &why) != TM_OK)
        fail_msg("%s", tm_why_line(&why, line, sizeof(line)));
    return journal;
}
