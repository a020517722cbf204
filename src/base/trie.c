/* trie.c - a persistent map from 32-bit numbers to reference-counted objects.
 *
 * Why:     a snapshot must cost what changed, not what exists.
 * How:     a radix tree of 64-way nodes that hold only the children they have (bitmap + packed
 *          array). The root's level grows with the largest key. A node with one owner, reached
 *          through nodes with one owner, is changed in place; any other is copied first, and the
 *          copy takes references to all its children. Recursion is bounded by LEVELS.
 * Threads: a tm_trie_t has one owner; nodes and objects may be shared with other owners on any
 *          thread. */
#include "base/trie.h"
#include "base/memory.h"

#define BITS 6
#define LEVELS 6 /* 6 * 6 bits cover 32 */

typedef struct tm_trie_node {
    uint32_t refs;    /* atomic */
    uint8_t level;    /* 0: children are objects */
    uint8_t cap;      /* room for children */
    uint64_t present; /* bit i: child i exists; children are packed in that order */
    void *child[];
} node_t;

TM_OWN void *tm_shared_ref(void *object)
{
    if (object != NULL) {
        /* relaxed: whoever refs already holds a reference; partner: the release in
         * tm_shared_unref. */
        const uint32_t before =
            __atomic_fetch_add(&((tm_shared_t *)object)->refs, 1, __ATOMIC_RELAXED);
        assert(before > 0 && before < UINT32_MAX);
    }
    return object;
}

void tm_shared_unref(TM_OWN void *object)
{
    if (object == NULL)
        return;
    tm_shared_t *shared = object;
    /* acq_rel: the last one sees every use by the others finished; partner: itself in other
     * threads. */
    const uint32_t before = __atomic_fetch_sub(&shared->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before == 1)
        shared->free(object);
}

static inline unsigned digit(uint32_t key, unsigned level)
{
    return (unsigned)((uint64_t)key >> BITS * level & 63);
}

static inline uint64_t bit(unsigned i)
{
    return UINT64_C(1) << i;
}

/* Where child i stands, or would stand, among those present. */
static inline unsigned place(const node_t *node, unsigned i)
{
    return (unsigned)__builtin_popcountll(node->present & (bit(i) - 1));
}

static inline unsigned count(const node_t *node)
{
    return (unsigned)__builtin_popcountll(node->present);
}

/* The largest key a root of this level can hold. */
static inline uint32_t key_last(unsigned level)
{
    return level + 1 >= LEVELS ? UINT32_MAX : (uint32_t)(bit(BITS * (level + 1)) - 1);
}

static node_t *node_new(unsigned level, unsigned cap)
{
    node_t *node = tm_alloc(sizeof(*node) + cap * sizeof(void *));
    node->refs = 1;
    node->level = (uint8_t)level;
    node->cap = (uint8_t)cap;
    node->present = 0;
    return node;
}

static void node_ref(node_t *node)
{
    /* relaxed: the caller's trie holds a reference; partner: the release in node_unref. */
    const uint32_t before = __atomic_fetch_add(&node->refs, 1, __ATOMIC_RELAXED);
    assert(before > 0 && before < UINT32_MAX);
}

static void node_unref(node_t *node)
{
    /* acq_rel: the last owner sees every read by the others finished; partner: itself, and
     * node_is_mine. */
    const uint32_t before = __atomic_fetch_sub(&node->refs, 1, __ATOMIC_ACQ_REL);
    assert(before > 0);
    if (before > 1)
        return;
    const unsigned n = count(node);
    for (unsigned i = 0; i < n; i++) {
        if (node->level == 0)
            tm_shared_unref(node->child[i]);
        else
            node_unref(node->child[i]);
    }
    tm_free(node);
}

static inline bool node_is_mine(const node_t *node)
{
    /* acquire: another owner's last read comes before our change; partner: the release in its
     * node_unref. */
    return __atomic_load_n(&node->refs, __ATOMIC_ACQUIRE) == 1;
}

/* A node with the same children that only the caller has; takes the reference to the old one. */
static node_t *node_own(TM_OWN node_t *node)
{
    if (node_is_mine(node))
        return node;
    const unsigned n = count(node);
    node_t *copy = node_new(node->level, TM_MIN(n + 1, 64u));
    copy->present = node->present;
    for (unsigned i = 0; i < n; i++) {
        copy->child[i] = node->child[i];
        if (node->level == 0)
            tm_shared_ref(copy->child[i]);
        else
            node_ref(copy->child[i]);
    }
    node_unref(node);
    return copy;
}

/* Adds a child that is not there yet; may move the node. */
static node_t *node_add(node_t *node, unsigned i, void *child)
{
    assert((node->present & bit(i)) == 0);
    const unsigned n = count(node);
    const unsigned at = place(node, i);
    if (n == node->cap) {
        const unsigned cap = TM_MIN(TM_MAX(4u, n * 2), 64u);
        node = tm_realloc(node, sizeof(*node) + cap * sizeof(void *));
        node->cap = (uint8_t)cap;
    }
    memmove(&node->child[at + 1], &node->child[at], (n - at) * sizeof(void *));
    node->child[at] = child;
    node->present |= bit(i);
    return node;
}

static void node_remove(node_t *node, unsigned i)
{
    const unsigned n = count(node);
    const unsigned at = place(node, i);
    memmove(&node->child[at], &node->child[at + 1], (n - at - 1) * sizeof(void *));
    node->present &= ~bit(i);
}

void tm_trie_done(tm_trie_t *trie)
{
    if (trie->root != NULL)
        node_unref(trie->root);
    *trie = (tm_trie_t){0};
}

tm_trie_t tm_trie_ref(const tm_trie_t *trie)
{
    if (trie->root != NULL)
        node_ref(trie->root);
    return *trie;
}

void *tm_trie_get(const tm_trie_t *trie, uint32_t key)
{
    const node_t *node = trie->root;
    if (node == NULL || key > key_last(node->level))
        return NULL;
    for (;;) {
        const unsigned i = digit(key, node->level);
        if ((node->present & bit(i)) == 0)
            return NULL;
        void *child = node->child[place(node, i)];
        if (node->level == 0)
            return child;
        node = child;
    }
}

/* Puts into the subtree of `node` (NULL: a new one of that level); sets *ret_new if the key was
 * absent. */
static node_t *put_in(TM_OWN node_t *node, unsigned level, uint32_t key, void *object,
                      bool *ret_new)
{
    node = node == NULL ? node_new(level, 4) : node_own(node);
    const unsigned i = digit(key, level);
    const bool present = (node->present & bit(i)) != 0;
    const unsigned at = place(node, i);
    if (level == 0) {
        *ret_new = !present;
        if (!present)
            return node_add(node, i, object);
        tm_shared_unref(node->child[at]);
        node->child[at] = object;
        return node;
    }
    node_t *below = put_in(present ? node->child[at] : NULL, level - 1, key, object, ret_new);
    if (!present)
        return node_add(node, i, below);
    node->child[at] = below;
    return node;
}

void tm_trie_put(tm_trie_t *trie, uint32_t key, TM_OWN void *object)
{
    assert(object != NULL);
    unsigned level = trie->root == NULL ? 0 : trie->root->level;
    while (key > key_last(level)) {
        level++;
        if (trie->root != NULL)
            trie->root = node_add(node_new(level, 4), 0, trie->root);
    }
    bool is_new = false;
    trie->root = put_in(trie->root, level, key, object, &is_new);
    trie->n += is_new ? 1 : 0;
}

/* Deletes a key known to be there; NULL when nothing is left in the subtree. */
static node_t *del_in(TM_OWN node_t *node, uint32_t key)
{
    node = node_own(node);
    const unsigned i = digit(key, node->level);
    const unsigned at = place(node, i);
    assert((node->present & bit(i)) != 0);
    if (node->level == 0) {
        tm_shared_unref(node->child[at]);
        node_remove(node, i);
    } else {
        node_t *below = del_in(node->child[at], key);
        if (below == NULL)
            node_remove(node, i);
        else
            node->child[at] = below;
    }
    if (node->present != 0)
        return node;
    node_unref(node);
    return NULL;
}

bool tm_trie_del(tm_trie_t *trie, uint32_t key)
{
    if (tm_trie_get(trie, key) == NULL)
        return false;
    trie->root = del_in(trie->root, key);
    trie->n--;
    assert((trie->n == 0) == (trie->root == NULL));
    /* A root whose only child is the first is one level too high. */
    while (trie->root != NULL && trie->root->level > 0 && trie->root->present == 1) {
        node_t *child = trie->root->child[0];
        node_ref(child);
        node_unref(trie->root);
        trie->root = child;
    }
    return true;
}

/* The first object of the subtree with a key >= *key; the path above has matched *key so far. */
static void *next_in(const node_t *node, uint32_t *key)
{
    const unsigned shift = BITS * node->level;
    uint64_t left = node->present & ~(bit(digit(*key, node->level)) - 1);
    while (left != 0) {
        const unsigned i = (unsigned)__builtin_ctzll(left);
        if (i != digit(*key, node->level)) {
            /* a later branch: its smallest key */
            const uint64_t above = node->level + 1 >= LEVELS ? 0 : (uint64_t)*key >> (shift + BITS);
            *key = (uint32_t)((above << BITS | i) << shift);
        }
        void *child = node->child[place(node, i)];
        void *found = node->level == 0 ? child : next_in(child, key);
        if (found != NULL)
            return found;
        left &= left - 1;
    }
    return NULL;
}

void *tm_trie_next(const tm_trie_t *trie, uint32_t *key)
{
    if (trie->root == NULL || *key > key_last(trie->root->level))
        return NULL;
    uint32_t at = *key;
    void *found = next_in(trie->root, &at);
    if (found != NULL)
        *key = at;
    return found;
}
