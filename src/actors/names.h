/* names.h - every name the directory knows, in a form readers can look up without asking it.
 *
 * Why:     a posted line with known names goes straight to its campaign; only a new name costs a
 *          detour.
 * How:     a trie from the hash of "kind:folded name" to an immutable entry, shared with the
 *          directory's picture. Beyond TM_NAMES_MAX a new name is not put here: it is looked up
 *          the long way, by the directory.
 * Threads: put: the directory's turn. Look-ups: any thread that holds the view. */
#ifndef TM_ACTORS_NAMES_H
#define TM_ACTORS_NAMES_H
#include "actors/view.h"

typedef struct tm_name {
    tm_shared_t shared;
    tm_id_t id;        /* advertiser, agency or station; 0 for a market */
    int32_t dma, rank; /* station: its market; market: its rank; 0 unknown */
    uint16_t n_key, n_text;
    char bytes[]; /* key, then the shown name */
} tm_name_t;

/* The directory's picture. */
typedef struct tm_directory_view {
    tm_view_t view; /* first */
    tm_trie_t names;
} tm_directory_view_t;

/* Folded form under which a name of an advertiser or agency is known: without the system's number
 * behind it. */
tm_str_t tm_name_key(tm_arena_t *arena, tm_str_t name);
/* Puts a name or replaces what was known under it. kind: 'a' advertiser, 'g' agency, 's' station,
 * 'm' market (key: decimal code). */
void tm_names_put(tm_trie_t *names, char kind, tm_str_t key, tm_id_t id, tm_str_t text, int32_t dma,
                  int32_t rank);
/* Fills ids and shown names of advertiser, agency, station and market. false: some name is not
 * known here. */
bool tm_names_resolve(const tm_directory_view_t *directory, tm_buy_line_t *line, tm_arena_t *arena);
/* The same for station and market alone. */
bool tm_names_place(const tm_directory_view_t *directory, tm_buy_line_t *line, tm_arena_t *arena);
#endif
