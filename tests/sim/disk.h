/* disk.h - a disk in memory that keeps no more promises than a real one.
 *
 * Why:     the journal's own code meets torn writes, failing syncs and full disks, at every place a
 *          crash can happen.
 * How:     what is read is the page cache. A crash keeps of each write that was not synced any of
 *          its 512-byte sectors, and of the changed names a beginning of the list. A failed sync
 *          keeps nothing back for the next: its writes stay at the mercy of the crash. A full disk
 *          takes a beginning of a write.
 * Threads: the simulation has one. */
#ifndef TM_TESTS_SIM_DISK_H
#define TM_TESTS_SIM_DISK_H
#include "sim/rng.h"
#include "store/disk.h"

typedef struct sim_disk sim_disk_t;

TM_OWN sim_disk_t *sim_disk_new(rng_t *rng);
void sim_disk_free(TM_OWN sim_disk_t *disk);
tm_disk_t sim_disk_face(sim_disk_t *disk);
/* Power is gone: what was not synced is lost, kept or torn, by chance. Open files are closed. */
void sim_disk_crash(sim_disk_t *disk);
/* The process dies, the machine lives: everything written stays. Open files are closed. */
void sim_disk_kill(sim_disk_t *disk);
void sim_disk_set_capacity(sim_disk_t *disk, uint64_t bytes);  /* of all files together */
/* after so many, that many syncs fail */
void sim_disk_fail_syncs(sim_disk_t *disk, uint32_t after, uint32_t n);
void sim_disk_fail_writes(sim_disk_t *disk, uint32_t after, uint32_t n);
uint64_t sim_disk_used(const sim_disk_t *disk);
/* Flips one bit of a file's durable content, as a bad sector would; false: no such byte. For tests
 * of damage. */
bool sim_disk_flip(sim_disk_t *disk, const char *name, uint64_t offset, uint8_t bit);
#endif
