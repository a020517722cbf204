/* binary.h - records as bytes for the journal and for memory: field numbers and values,
 * order-free, skippable.
 *
 * Why:     an old journal must always replay: unknown numbers are skipped, missing ones are
 *          absent.
 * How:     varint(number << 3 | wire) value; wire: 0 varint (zigzag where signed), 1 bytes with
 *          a length, 2 null (PATCH only), 3 the number of a field of the same type, string or
 *          instant, that stands before this one and has the same value.
 * Threads: pure. */
#ifndef TM_SCHEMA_BINARY_H
#define TM_SCHEMA_BINARY_H
#include "base/buf.h"
#include "schema/schema.h"

/* Appends all present fields. */
void tm_binary_write(const tm_desc_t *desc, const void *record, tm_buf_t *out);
/* Appends only the fields in `touched`; those absent in the record are written as null. */
void tm_binary_write_patch(const tm_desc_t *desc, const void *record, const tm_has_t *touched,
                           tm_buf_t *out);
/* Reads a whole record into a zeroed struct. Strings and lists point into `bytes` or the arena
 * (bytes must outlive the record).
 * Errors: TM_EDAMAGED not our bytes; TM_ENOMEM. */
TM_MUST_CHECK tm_err_t tm_binary_read(const tm_desc_t *desc, tm_str_t bytes, tm_arena_t *arena,
                                      void *ret_record);
/* Applies a patch onto a record that holds values: fields in it are replaced, nulled ones
 * cleared. ret_touched may be NULL. */
TM_MUST_CHECK tm_err_t tm_binary_apply_patch(const tm_desc_t *desc, tm_str_t bytes,
                                             tm_arena_t *arena, void *record,
                                             tm_has_t *ret_touched);

/* The pieces, for other formats of ours. */
void tm_varint_add(tm_buf_t *out, uint64_t v);
/* Advances *p; false: truncated or longer than 10 bytes. */
bool tm_varint_get(const char **p, const char *end, uint64_t *ret);
static inline uint64_t tm_zigzag(int64_t v) { return ((uint64_t)v << 1) ^ (uint64_t)(v >> 63); }
static inline int64_t tm_unzigzag(uint64_t v) { return (int64_t)(v >> 1) ^ -(int64_t)(v & 1); }
#endif
