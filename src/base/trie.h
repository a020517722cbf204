/* trie.h - a persistent map from 32-bit numbers to reference-counted objects: cheap to share,
 * cheap to change.
 *
 * Why:     a snapshot must cost what changed, not what exists: taking one is one reference, a
 *          put copies one path.
 * How:     radix tree, 6 bits a level; nodes are reference counted (atomic); a node with one
 *          owner is changed in place.
 * Threads: a tm_trie_t variable has one owner; tm_trie_ref gives another owner (any thread) the
 *          same content. */
#ifndef TM_BASE_TRIE_H
#define TM_BASE_TRIE_H
#include "base/base.h"

/* First member of every object kept in a trie. free is called with the object when the last
 * reference goes (any thread). */
typedef struct tm_shared {
    uint32_t refs; /* atomic; starts at 1 */
    void (*free)(void *object);
} tm_shared_t;
TM_OWN void *tm_shared_ref(void *object);  /* object begins with tm_shared_t; NULL is fine */
void tm_shared_unref(TM_OWN void *object); /* NULL is fine */

/* zero-initialised is empty; n objects */
typedef struct tm_trie { struct tm_trie_node *root; uint32_t n; } tm_trie_t;

void tm_trie_done(tm_trie_t *trie);
tm_trie_t tm_trie_ref(const tm_trie_t *trie);                         /* O(1); done() it */
/* borrowed; NULL if absent; O(6) */
void *tm_trie_get(const tm_trie_t *trie, uint32_t key);
/* replaces and unrefs an old one */
void tm_trie_put(tm_trie_t *trie, uint32_t key, TM_OWN void *object);
bool tm_trie_del(tm_trie_t *trie, uint32_t key);                      /* false: was absent */
/* The object with the smallest key >= *key, in key order; sets *key to its key. NULL at the end.
 * To go on: *key + 1. */
void *tm_trie_next(const tm_trie_t *trie, uint32_t *key);
#endif
