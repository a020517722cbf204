/* disk.h - a disk in memory that keeps no more promises than a real one.
 *
 * Why:     the journal's own code meets torn writes, failing syncs and full disks, at every place a
 *          crash can happen.
 * How:     what is read is the page cache. A crash keeps of each write that was not synced any of
 *          its 512-byte sectors, and of the changed names a beginning of the list. A failed sync
 *          keeps nothing back for the next: its writes stay at the mercy of the crash. A sync that
 *          lies keeps everything back for the next honest one. A full disk and a failing write take
 *          a beginning. What was written outlives the process, but not therefore the power.
 * Threads: the simulation has one. */
#ifndef TM_TESTS_SIM_DISK_H
#define TM_TESTS_SIM_DISK_H
#include "sim/counts.h"
#include "sim/rng.h"
#include "store/disk.h"

typedef struct sim_disk sim_disk_t;

/* Which files a failing read hits. */
typedef enum sim_reads {
    SIM_READ_LOG = 1,
    SIM_READ_ARCHIVE = 2,
    SIM_READ_CHECKPOINT = 4,
    SIM_READ_ANY = 7
} sim_reads_t;

/* counts: what happened is counted there. */
TM_OWN sim_disk_t *sim_disk_new(rng_t *rng, sim_counts_t *counts);
void sim_disk_free(TM_OWN sim_disk_t *disk);
tm_disk_t sim_disk_face(sim_disk_t *disk);
/* Power is gone: what was not synced is lost, kept or torn, by chance. Open files are closed. true:
 * something is gone that a sync had promised. */
bool sim_disk_crash(sim_disk_t *disk);
/* The process dies, the machine lives: everything written can be read, and lost by a crash later.
 * Open files are closed. */
void sim_disk_kill(sim_disk_t *disk);
uint32_t sim_disk_n_open(const sim_disk_t *disk);             /* files */
void sim_disk_set_capacity(sim_disk_t *disk, uint64_t bytes); /* of all files together */
/* after so many, that many syncs fail */
void sim_disk_fail_syncs(sim_disk_t *disk, uint32_t after, uint32_t n);
void sim_disk_fail_writes(sim_disk_t *disk, uint32_t after, uint32_t n);
void sim_disk_fail_reads(sim_disk_t *disk, sim_reads_t which, uint32_t after, uint32_t n);
void sim_disk_fail_renames(sim_disk_t *disk, uint32_t after, uint32_t n);
/* After so many more bytes, anywhere, every write fails so; TM_OK: none does. Of the zeros of a
 * segment each 64th counts. */
void sim_disk_fail_byte(sim_disk_t *disk, uint64_t after, tm_err_t err);
/* What was armed and has not come: syncs, renames, bytes. */
bool sim_disk_is_armed(const sim_disk_t *disk);
/* The next n syncs do nothing and say that they did. */
void sim_disk_lie(sim_disk_t *disk, uint32_t n);
uint64_t sim_disk_used(const sim_disk_t *disk);
/* Flips one bit of a file's durable content, as a bad sector would; false: no such byte. For tests
 * of damage. */
bool sim_disk_flip(sim_disk_t *disk, const char *name, uint64_t offset, uint8_t bit);
/* The file that has this name now had a bit flipped; another one that took its place has not. */
bool sim_disk_is_flipped(const sim_disk_t *disk, const char *name);
#endif
