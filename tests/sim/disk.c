/* disk.c - the disk of disk.h.
 *
 * How:     a file is its durable bytes and a list of writes since the last good sync; the cache is
 *          both together and is kept ready-made. Names are a list of changes over the durable
 *          names, applied in order.
 * Threads: the simulation has one. */
#include "sim/disk.h"
#include "base/buf.h"
#include "base/memory.h"
#include <errno.h>
#include <stdlib.h>

#define SECTOR 512u
#define NAME_BYTES 64u
#define NAMES_MAX 1024u
#define OPEN_MAX 256u
#define BYTES_MAX ((size_t)1 << 30)
#define NOWHERE UINT32_MAX
#define LARGE 8192u    /* bytes of a write: a segment is filled with zeros, */
#define LARGE_UNIT 64u /* and one place for so many of them is enough */

typedef struct pending {
    struct pending *next;
    uint64_t offset;
    size_t n;
    bool promised; /* a sync said that it is durable */
    char bytes[];
} pending_t;

typedef struct file {
    tm_buf_t durable, cache;
    pending_t *writes, *writes_last; /* in the cache, not durable, oldest first */
    bool differs;                    /* the cache may show what is not durable */
    bool settled; /* a sync of it failed: the cache shows it until the next crash */
    bool flipped;
} file_t;

typedef struct name {
    char text[NAME_BYTES];
    uint32_t file; /* index into files */
} name_t;

typedef struct names {
    name_t v[NAMES_MAX];
    uint32_t n;
} names_t;

typedef struct change {
    char from[NAME_BYTES]; /* "": created */
    char to[NAME_BYTES];   /* "": removed */
    uint32_t file;
} change_t;

struct sim_disk {
    rng_t *rng;
    sim_counts_t *counts;
    file_t **files;
    uint32_t n_files, cap_files;
    names_t durable, cache;
    change_t *changes; /* from durable to cache */
    uint32_t n_changes, cap_changes;
    uint32_t n_promised;     /* of them, by a sync that lied */
    uint32_t open[OPEN_MAX]; /* file index + 1, 0: free */
    uint64_t capacity;
    uint32_t sync_after, sync_fails, write_after, write_fails, read_after, read_fails, lies;
    uint32_t rename_after, rename_fails;
    uint64_t byte_after;
    tm_err_t byte_err; /* TM_OK: none is armed */
    bool byte_came;
    sim_reads_t read_which;
    bool promise_broken; /* since the last crash */
};

static uint32_t names_find(const names_t *names, const char *text)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (strcmp(names->v[i].text, text) == 0)
            return i;
    }
    return NOWHERE;
}

static void names_apply(names_t *names, const change_t *change)
{
    if (change->from[0] != '\0') {
        const uint32_t i = names_find(names, change->from);
        assert(i != NOWHERE);
        names->v[i] = names->v[--names->n];
    }
    if (change->to[0] == '\0')
        return;
    uint32_t i = names_find(names, change->to);
    if (i == NOWHERE) {
        assert(names->n < NAMES_MAX);
        i = names->n++;
    }
    memcpy(names->v[i].text, change->to, NAME_BYTES);
    names->v[i].file = change->file;
}

static void name_copy(char to[NAME_BYTES], const char *from)
{
    const size_t n = strlen(from);
    assert(n < NAME_BYTES);
    memset(to, 0, NAME_BYTES);
    memcpy(to, from, n);
}

static void change_names(sim_disk_t *disk, const char *from, const char *to, uint32_t file)
{
    if (disk->n_changes == disk->cap_changes) {
        disk->cap_changes = TM_MAX(2 * disk->cap_changes, 64u);
        disk->changes = tm_realloc(disk->changes, disk->cap_changes * sizeof(change_t));
    }
    change_t *change = &disk->changes[disk->n_changes++];
    name_copy(change->from, from);
    name_copy(change->to, to);
    change->file = file;
    names_apply(&disk->cache, change);
}

static void put_bytes(tm_buf_t *buf, uint64_t offset, const char *p, size_t n)
{
    if (offset + n > buf->n) {
        const size_t more = offset + n - buf->n;
        const bool fits = tm_buf_reserve(buf, more);
        assert(fits);
        (void)fits;
        memset(buf->p + buf->n, 0, more);
        buf->n += more;
    }
    if (n > 0)
        memcpy(buf->p + offset, p, n);
}

static file_t *file_new(void)
{
    file_t *file = TM_NEW(file_t);
    tm_buf_init(&file->durable, BYTES_MAX);
    tm_buf_init(&file->cache, BYTES_MAX);
    return file;
}

static void writes_drop(file_t *file)
{
    while (file->writes != NULL) {
        pending_t *write = file->writes;
        file->writes = write->next;
        tm_free(write);
    }
    file->writes_last = NULL;
}

TM_OWN sim_disk_t *sim_disk_new(rng_t *rng, sim_counts_t *counts)
{
    sim_disk_t *disk = TM_NEW(sim_disk_t);
    disk->rng = rng;
    disk->counts = counts;
    disk->capacity = BYTES_MAX;
    return disk;
}

void sim_disk_free(TM_OWN sim_disk_t *disk)
{
    if (disk == NULL)
        return;
    for (uint32_t i = 0; i < disk->n_files; i++) {
        writes_drop(disk->files[i]);
        tm_buf_done(&disk->files[i]->durable);
        tm_buf_done(&disk->files[i]->cache);
        tm_free(disk->files[i]);
    }
    tm_free(disk->files);
    tm_free(disk->changes);
    tm_free(disk);
}

uint64_t sim_disk_used(const sim_disk_t *disk)
{
    uint64_t used = 0;
    for (uint32_t i = 0; i < disk->cache.n; i++)
        used += disk->files[disk->cache.v[i].file]->cache.n;
    return used;
}

static file_t *file_of(sim_disk_t *disk, int number)
{
    assert(number >= 0 && (uint32_t)number < OPEN_MAX);
    assert(disk->open[number] != 0); /* closed, or open before the crash */
    return disk->files[disk->open[number] - 1];
}

/* true: this one fails, as it was told. */
static bool fails(uint32_t *after, uint32_t *n)
{
    if (*n == 0)
        return false;
    if (*after > 0) {
        (*after)--;
        return false;
    }
    (*n)--;
    return true;
}

static tm_err_t disk_open(void *self, const char *name, bool create, int *ret_file)
{
    sim_disk_t *disk = self;
    const uint32_t at = names_find(&disk->cache, name);
    uint32_t file;
    if (create) {
        if (at != NOWHERE)
            return TM_EIO;
        if (disk->n_files == disk->cap_files) {
            disk->cap_files = TM_MAX(2 * disk->cap_files, 64u);
            disk->files = tm_realloc(disk->files, disk->cap_files * sizeof(file_t *));
        }
        file = disk->n_files++;
        disk->files[file] = file_new();
        change_names(disk, "", name, file);
    } else {
        if (at == NOWHERE)
            return TM_ENOTFOUND;
        file = disk->cache.v[at].file;
    }
    for (uint32_t i = 0; i < OPEN_MAX; i++) {
        if (disk->open[i] == 0) {
            disk->open[i] = file + 1;
            *ret_file = (int)i;
            return TM_OK;
        }
    }
    return TM_EIO;
}

static tm_err_t disk_write(void *self, int number, uint64_t offset, const void *p, size_t n)
{
    sim_disk_t *disk = self;
    file_t *file = file_of(disk, number);
    tm_err_t err = TM_OK;
    if (fails(&disk->write_after, &disk->write_fails)) {
        disk->counts->v[SIM_N_WRITES_FAILED]++;
        errno = EIO;
        err = TM_EIO;
        n = (size_t)rng_below(disk->rng, n + 1);
    }
    if (disk->byte_err != TM_OK) {
        const uint64_t unit = n < LARGE ? 1 : LARGE_UNIT;
        const uint64_t places = (n + unit - 1) / unit;
        if (places > disk->byte_after) {
            disk->byte_came = true;
            errno = disk->byte_err == TM_EDISKFULL ? ENOSPC : EIO;
            err = disk->byte_err;
            n = (size_t)(disk->byte_after * unit);
        }
        disk->byte_after -= TM_MIN(places, disk->byte_after);
    }
    const uint64_t grows = offset + n > file->cache.n ? offset + n - file->cache.n : 0;
    const uint64_t used = sim_disk_used(disk);
    if (grows > 0 && used + grows > disk->capacity) {
        const uint64_t lacking = used + grows - disk->capacity;
        n = lacking >= n ? 0 : n - lacking;
        disk->counts->v[SIM_N_WRITES_FULL]++;
        errno = ENOSPC;
        err = err == TM_OK ? TM_EDISKFULL : err;
    }
    if (n == 0)
        return err;
    pending_t *write = tm_alloc(sizeof(*write) + n);
    *write = (pending_t){.offset = offset, .n = n};
    memcpy(write->bytes, p, n);
    if (file->writes == NULL)
        file->writes = write;
    else
        file->writes_last->next = write;
    file->writes_last = write;
    file->differs = true;
    put_bytes(&file->cache, offset, write->bytes, n);
    return err;
}

static sim_reads_t reads_of(const sim_disk_t *disk, int number)
{
    for (uint32_t i = 0; i < disk->cache.n; i++) {
        if (disk->cache.v[i].file + 1 != disk->open[number])
            continue;
        if (strstr(disk->cache.v[i].text, ".checkpoint") != NULL)
            return SIM_READ_CHECKPOINT;
        if (strchr(disk->cache.v[i].text, '/') != NULL)
            return SIM_READ_ARCHIVE;
    }
    return SIM_READ_LOG;
}

static bool read_fails(sim_disk_t *disk, int number)
{
    if (disk->read_fails == 0)
        return false;
    const sim_reads_t which = reads_of(disk, number);
    if ((which & disk->read_which) == 0 || !fails(&disk->read_after, &disk->read_fails))
        return false;
    disk->counts->v[which == SIM_READ_LOG       ? SIM_N_READS_LOG
                    : which == SIM_READ_ARCHIVE ? SIM_N_READS_ARCHIVE
                                                : SIM_N_READS_CHECKPOINT]++;
    errno = EIO;
    return true;
}

static tm_err_t disk_read(void *self, int number, uint64_t offset, void *p, size_t n, size_t *ret_n)
{
    const file_t *file = file_of(self, number);
    *ret_n = 0;
    if (read_fails(self, number))
        return TM_EIO;
    const size_t left = offset < file->cache.n ? file->cache.n - offset : 0;
    *ret_n = TM_MIN(n, left);
    if (*ret_n > 0)
        memcpy(p, file->cache.p + offset, *ret_n);
    return TM_OK;
}

static tm_err_t disk_size(void *self, int number, uint64_t *ret)
{
    *ret = file_of(self, number)->cache.n;
    return TM_OK;
}

/* What of the writes survives a crash: all, nothing, a beginning, or any sectors. true: something
 * promised does not. */
static bool writes_settle(sim_disk_t *disk, file_t *file)
{
    const uint64_t way = rng_below(disk->rng, 4);
    uint64_t count = 0;
    for (const pending_t *w = file->writes; w != NULL; w = w->next)
        count++;
    const uint64_t beginning = way == 2 ? rng_below(disk->rng, count + 1) : 0;
    uint64_t at = 0;
    bool broken = false;
    for (const pending_t *w = file->writes; w != NULL; w = w->next, at++) {
        size_t n_kept = 0;
        for (size_t begin = 0; begin < w->n;) {
            const size_t in_sector = SECTOR - (size_t)((w->offset + begin) % SECTOR);
            const size_t n = TM_MIN(in_sector, w->n - begin);
            const bool kept = way == 0 || (way == 2 && at < beginning) ||
                              (way == 3 && rng_chance(disk->rng, 50)) ||
                              (way == 2 && at == beginning && rng_chance(disk->rng, 50));
            if (kept) {
                put_bytes(&file->durable, w->offset + begin, w->bytes + begin, n);
                n_kept += n;
            }
            begin += n;
        }
        disk->counts->v[SIM_N_TORN] += n_kept > 0 && n_kept < w->n;
        broken |= w->promised && n_kept < w->n;
    }
    writes_drop(file);
    return broken;
}

static void writes_keep(file_t *file)
{
    for (const pending_t *w = file->writes; w != NULL; w = w->next)
        put_bytes(&file->durable, w->offset, w->bytes, w->n);
    writes_drop(file);
}

static bool lies(sim_disk_t *disk)
{
    if (disk->lies == 0)
        return false;
    disk->lies--;
    disk->counts->v[SIM_N_SYNCS_LIED]++;
    return true;
}

static tm_err_t disk_sync(void *self, int number)
{
    sim_disk_t *disk = self;
    file_t *file = file_of(disk, number);
    if (fails(&disk->sync_after, &disk->sync_fails)) {
        disk->counts->v[SIM_N_SYNCS_FAILED]++;
        errno = EIO;
        /* decided now: no later sync will write these pages again */
        disk->promise_broken |= writes_settle(disk, file);
        file->settled = true;
        return TM_EIO;
    }
    if (lies(disk)) {
        for (pending_t *w = file->writes; w != NULL; w = w->next)
            w->promised = true;
        return TM_OK;
    }
    writes_keep(file);
    file->differs = file->settled;
    return TM_OK;
}

static tm_err_t disk_sync_folder(void *self)
{
    sim_disk_t *disk = self;
    if (fails(&disk->sync_after, &disk->sync_fails)) {
        disk->counts->v[SIM_N_SYNCS_FAILED]++;
        errno = EIO;
        return TM_EIO;
    }
    if (lies(disk)) {
        disk->n_promised = disk->n_changes;
        return TM_OK;
    }
    for (uint32_t i = 0; i < disk->n_changes; i++)
        names_apply(&disk->durable, &disk->changes[i]);
    disk->n_changes = 0;
    disk->n_promised = 0;
    return TM_OK;
}

static tm_err_t disk_rename(void *self, const char *from, const char *to)
{
    sim_disk_t *disk = self;
    const uint32_t at = names_find(&disk->cache, from);
    if (at == NOWHERE)
        return TM_EIO;
    if (fails(&disk->rename_after, &disk->rename_fails)) {
        errno = EIO;
        return TM_EIO;
    }
    disk->counts->v[SIM_N_ARCHIVED] += strchr(to, '/') != NULL;
    change_names(disk, from, to, disk->cache.v[at].file);
    return TM_OK;
}

static tm_err_t disk_remove(void *self, const char *name)
{
    sim_disk_t *disk = self;
    const uint32_t at = names_find(&disk->cache, name);
    if (at == NOWHERE)
        return TM_ENOTFOUND;
    change_names(disk, name, "", disk->cache.v[at].file);
    return TM_OK;
}

static void disk_close(void *self, int number)
{
    sim_disk_t *disk = self;
    assert(number >= 0 && (uint32_t)number < OPEN_MAX && disk->open[number] != 0);
    disk->open[number] = 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const name_t *)a)->text, ((const name_t *)b)->text);
}

static tm_err_t disk_list(void *self, void (*each)(void *ctx, const char *name), void *ctx)
{
    const sim_disk_t *disk = self;
    const uint32_t n = disk->cache.n;
    name_t *sorted = tm_alloc((n + 1) * sizeof(*sorted));
    memcpy(sorted, disk->cache.v, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), by_text);
    for (uint32_t i = 0; i < n; i++)
        each(ctx, sorted[i].text);
    tm_free(sorted);
    return TM_OK;
}

static tm_err_t disk_room(void *self, uint64_t *ret)
{
    const sim_disk_t *disk = self;
    const uint64_t used = sim_disk_used(disk);
    *ret = disk->capacity > used ? disk->capacity - used : 0;
    return TM_OK;
}

tm_disk_t sim_disk_face(sim_disk_t *disk)
{
    return (tm_disk_t){.self = disk,
                       .open = disk_open,
                       .write = disk_write,
                       .read = disk_read,
                       .size = disk_size,
                       .sync = disk_sync,
                       .sync_folder = disk_sync_folder,
                       .rename = disk_rename,
                       .remove = disk_remove,
                       .close = disk_close,
                       .list = disk_list,
                       .room = disk_room};
}

static void close_all(sim_disk_t *disk)
{
    memset(disk->open, 0, sizeof(disk->open));
    disk->sync_fails = 0;
    disk->write_fails = 0;
    disk->read_fails = 0;
    disk->rename_fails = 0;
    disk->byte_err = TM_OK;
}

/* What no name leads to any more takes no memory. */
static void forget_nameless(sim_disk_t *disk)
{
    for (uint32_t i = 0; i < disk->n_files; i++) {
        bool named = false;
        for (uint32_t k = 0; k < disk->durable.n && !named; k++)
            named = disk->durable.v[k].file == i;
        if (!named) {
            tm_buf_done(&disk->files[i]->durable);
            tm_buf_done(&disk->files[i]->cache);
            tm_buf_init(&disk->files[i]->durable, BYTES_MAX);
            tm_buf_init(&disk->files[i]->cache, BYTES_MAX);
        }
    }
}

bool sim_disk_crash(sim_disk_t *disk)
{
    bool broken = disk->promise_broken;
    for (uint32_t i = 0; i < disk->n_files; i++) {
        file_t *file = disk->files[i];
        if (!file->differs)
            continue;
        broken |= writes_settle(disk, file);
        tm_buf_clear(&file->cache);
        put_bytes(&file->cache, 0, file->durable.p, file->durable.n);
        file->differs = file->settled = false;
    }
    const uint64_t kept = rng_below(disk->rng, disk->n_changes + 1u);
    broken |= kept < disk->n_promised;
    for (uint32_t i = 0; i < kept; i++)
        names_apply(&disk->durable, &disk->changes[i]);
    disk->cache.n = disk->durable.n;
    memcpy(disk->cache.v, disk->durable.v, disk->durable.n * sizeof(disk->durable.v[0]));
    disk->n_changes = 0;
    disk->n_promised = 0;
    disk->promise_broken = false;
    forget_nameless(disk);
    close_all(disk);
    disk->counts->v[SIM_N_LIES_EXPOSED] += broken;
    return broken;
}

void sim_disk_kill(sim_disk_t *disk)
{
    close_all(disk);
}

uint32_t sim_disk_n_open(const sim_disk_t *disk)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < OPEN_MAX; i++)
        n += disk->open[i] != 0;
    return n;
}

void sim_disk_set_capacity(sim_disk_t *disk, uint64_t bytes)
{
    disk->capacity = bytes;
}

void sim_disk_fail_syncs(sim_disk_t *disk, uint32_t after, uint32_t n)
{
    disk->sync_after = after;
    disk->sync_fails = n;
}

void sim_disk_fail_writes(sim_disk_t *disk, uint32_t after, uint32_t n)
{
    disk->write_after = after;
    disk->write_fails = n;
}

void sim_disk_fail_reads(sim_disk_t *disk, sim_reads_t which, uint32_t after, uint32_t n)
{
    disk->read_which = which;
    disk->read_after = after;
    disk->read_fails = n;
}

void sim_disk_fail_renames(sim_disk_t *disk, uint32_t after, uint32_t n)
{
    disk->rename_after = after;
    disk->rename_fails = n;
}

void sim_disk_fail_byte(sim_disk_t *disk, uint64_t after, tm_err_t err)
{
    disk->byte_after = after;
    disk->byte_err = err;
    disk->byte_came = false;
}

bool sim_disk_is_armed(const sim_disk_t *disk)
{
    return disk->sync_fails > 0 || disk->rename_fails > 0 ||
           (disk->byte_err != TM_OK && !disk->byte_came);
}

void sim_disk_lie(sim_disk_t *disk, uint32_t n)
{
    disk->lies = n;
}

bool sim_disk_flip(sim_disk_t *disk, const char *name, uint64_t offset, uint8_t bit)
{
    const uint32_t at = names_find(&disk->durable, name);
    if (at == NOWHERE)
        return false;
    file_t *file = disk->files[disk->durable.v[at].file];
    if (offset >= file->durable.n || file->writes != NULL)
        return false;
    file->durable.p[offset] = (char)(file->durable.p[offset] ^ (1 << (bit & 7)));
    file->cache.p[offset] = file->durable.p[offset];
    file->flipped = true;
    return true;
}

bool sim_disk_is_flipped(const sim_disk_t *disk, const char *name)
{
    const uint32_t at = names_find(&disk->cache, name);
    return at != NOWHERE && disk->files[disk->cache.v[at].file]->flipped;
}
