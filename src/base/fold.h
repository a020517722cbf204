/* fold.h - text brought to a form in which equal names are equal, and the checks of UTF-8.
 *
 * Source:  Unicode case folding and NFKD by ICU.
 * Threads: any. */
#ifndef TM_BASE_FOLD_H
#define TM_BASE_FOLD_H
#include "base/base.h"
#include "base/memory.h"

/* true: well-formed UTF-8 without surrogates, NUL excluded. */
bool tm_utf8_is_valid(tm_str_t s);
/* NFKD, case folded, only letters and digits kept (accents dropped): "POL/ José Díaz-R" ->
 * "poljosediazr". p NULL: arena full. Ill-formed bytes are dropped. ASCII takes a fast path. */
tm_str_t tm_fold_key(tm_arena_t *arena, tm_str_t s);
/* The same but words are kept apart by one space: "pol jose diaz r". */
tm_str_t tm_fold_words(tm_arena_t *arena, tm_str_t s);
#endif
