/* define.h - expands a record's field list into its descriptor; included by the one .c file that
 * defines the record.
 *
 * How:     F in a field list is replaced by FIELD_(record): the address of "record->" followed
 *          by the name FIELD_REST_, which takes the arguments that stand behind F. So the offset
 *          knows its struct, though the list does not name it.
 * Threads: constants; any. */
#ifndef TM_SCHEMA_DEFINE_H
#define TM_SCHEMA_DEFINE_H
#include "schema/schema.h"

#define FIELD_(rec) {.offset = (uint32_t)(uintptr_t)&((rec##_t *)0)->FIELD_REST_
#define FIELD_REST_(number_, ctype, name_, flags_, extra_, doc_)                                   \
    name_, .name = #name_, .key = "\"" #name_ "\":", .number = (number_),                          \
    .type = (uint8_t)TM_TYPE_OF(ctype), .name_n = (uint8_t)(sizeof(#name_) - 1),                   \
    .flags = (flags_), .extra = {extra_}, .doc = (doc_)},
#define SIGN_(number, ctype, name, flags, extra, doc) TM_SIGN(#name, sizeof(#name) - 1),

/* A literal: every field as JSON shows an absent one. A struct of the same layout tells where each
 * begins; it is read as the offsets above are. */
#define ABSENT_(number, ctype, name, flags, extra, doc) ",\"" #name "\":null"
#define ABSENT_PART_(number, ctype, name, flags, extra, doc)                                       \
    char name[sizeof(",\"" #name "\":null") - 1];
#define ABSENT_AT_(rec) (uint16_t)(uintptr_t)&((rec##_absent_t *)0)->ABSENT_REST_
#define ABSENT_REST_(number, ctype, name, flags, extra, doc) name,

/* One bit a field. A little-endian compiler puts the first into the lowest bit, where tm_has_t has
 * it. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bit-fields begin at the lowest bit");
#define BIT_(number, ctype, name, flags, extra, doc) uint64_t name : 1;
#define NEVER_NULL_(number, ctype, name, flags_, extra, doc)                                       \
    .bits.name = TM_TYPE_OF(ctype) >= TM_T_STRS || ((flags_)&TM_F_HIDDEN) != 0,

/* rec_RULES is "~, function" where rules.h says so, else one unknown word: the second argument
 * is the function or NULL. */
#define SECOND_(first, second, ...) second
#define PICK_(...) SECOND_(__VA_ARGS__)
#define RULES_(probe) PICK_(probe, NULL, ~)

#define DESC_(rec, UP, name_, prefix_, number_, doc_)                                              \
    _Static_assert(UP##_N <= TM_FIELDS_MAX, "too many fields");                                    \
    static const tm_field_t rec##_fields[] = {UP##_FIELDS(FIELD_(rec))};                           \
    static const uint32_t rec##_signs[] = {UP##_FIELDS(SIGN_)};                                    \
    static const char rec##_absent[] = UP##_FIELDS(ABSENT_);                                       \
    typedef struct rec##_absent {                                                                  \
        UP##_FIELDS(ABSENT_PART_)                                                                  \
    } rec##_absent_t;                                                                              \
    _Static_assert(sizeof(rec##_absent_t) <= UINT16_MAX, "too long names");                        \
    static const uint16_t rec##_absent_at[] = {UP##_FIELDS(ABSENT_AT_(rec))                        \
                                                   sizeof(rec##_absent_t)};                        \
    static const union {                                                                           \
        tm_has_t has;                                                                              \
        struct {                                                                                   \
            UP##_FIELDS(BIT_)                                                                      \
        } bits;                                                                                    \
    } rec##_never_null = {UP##_FIELDS(NEVER_NULL_)};                                               \
    const tm_desc_t rec##_desc = {.name = name_,                                                   \
                                  .prefix = prefix_,                                               \
                                  .number = number_,                                               \
                                  .n_fields = UP##_N,                                              \
                                  .bytes = sizeof(rec##_t),                                        \
                                  .fields = rec##_fields,                                          \
                                  .signs = rec##_signs,                                            \
                                  .absent = rec##_absent,                                          \
                                  .absent_at = rec##_absent_at,                                    \
                                  .never_null = &rec##_never_null.has,                             \
                                  .on_validate = RULES_(rec##_RULES),                              \
                                  .doc = doc_};
/* A record that lives only inside others or in messages. */
#define TM_DEFINE_PART(rec, UP, name, doc) DESC_(rec, UP, name, "", 0, doc)
#endif
