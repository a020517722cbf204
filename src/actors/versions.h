/* versions.h - at which instant each version of a campaign began.
 *
 * Why:     people ask by time, history is kept by version.
 * How:     chunks in a persistent trie (base/trie.h). A chunk is filled in place while pictures
 *          share it: each looks only at the versions it knows, which stand before.
 * Threads: push: the actor's turn. A shared list: any thread that holds the view it stands in. */
#ifndef TM_ACTORS_VERSIONS_H
#define TM_ACTORS_VERSIONS_H
#include "base/trie.h"

/* Zero-initialised is empty. */
typedef struct tm_versions {
    tm_trie_t chunks;
    uint64_t n; /* versions are numbered 1 to n */
} tm_versions_t;

void tm_versions_done(tm_versions_t *versions);
tm_versions_t tm_versions_share(const tm_versions_t *versions); /* O(1); done() it */
void tm_versions_push(tm_versions_t *versions, tm_ms_t at);     /* not before the last one; O(1) */
tm_ms_t tm_versions_at(const tm_versions_t *versions, uint64_t version); /* 1 to n */
/* The last version at or before an instant, 0: none yet. O(log n). */
uint64_t tm_versions_find(const tm_versions_t *versions, tm_ms_t at);
#endif
