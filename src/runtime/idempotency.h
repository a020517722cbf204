/* idempotency.h - which requests with an Idempotency-Key have been answered, by which commit.
 *
 * Why:     a repeat gets the answer of the first, also when the first is not yet durable, and never
 *          somebody else's.
 * How:     a ring of entries in the order they came, the oldest dropped first: when it expired, or
 *          when there are too many. Keys are truncated SHA-256 of scope and key, so that nobody can
 *          build one that meets another's. Actors have times of their own, which a wall clock that
 *          jumped may leave days apart; so a key's time counts from the latest that any of them has
 *          seen: it is kept for 24 hours at least, whoever looks.
 * Threads: any, under a lock. */
#ifndef TM_RUNTIME_IDEMPOTENCY_H
#define TM_RUNTIME_IDEMPOTENCY_H
#include "base/digest.h"
#include "runtime/limits.h"

typedef struct tm_idem tm_idem_t;
typedef struct tm_idem_key {
    uint64_t w[2];
} tm_idem_key_t;
typedef struct tm_idem_entry {
    tm_idem_key_t key;
    tm_sha256_t fingerprint;
    uint64_t number; /* 0: not durable */
    tm_ms_t expires;
} tm_idem_entry_t;
typedef enum tm_idem_found { TM_IDEM_NEW, TM_IDEM_REPEAT, TM_IDEM_OTHER_BODY } tm_idem_found_t;

/* entries_max: at most; the program uses TM_IDEM_ENTRIES_MAX. */
TM_OWN tm_idem_t *tm_idem_new(uint32_t entries_max);
void tm_idem_free(TM_OWN tm_idem_t *idem);
tm_idem_key_t tm_idem_key(tm_str_t scope, tm_str_t key);
tm_idem_found_t tm_idem_find(tm_idem_t *idem, tm_idem_key_t key, const tm_sha256_t *fingerprint,
                             tm_ms_t now);
/* An actor's time is `at`. Wait-free but for a later one. */
void tm_idem_see(tm_idem_t *idem, tm_ms_t at);
/* When a key that is stored now expires. */
tm_ms_t tm_idem_expires(const tm_idem_t *idem);
/* A new entry; drops what expired before now and the oldest beyond the limit. number 0: not yet
 * known. */
void tm_idem_add(tm_idem_t *idem, tm_idem_key_t key, const tm_sha256_t *fingerprint,
                 tm_ms_t expires, tm_ms_t now, uint64_t number);
/* The commit became durable with that number. Nothing if the entry was dropped meanwhile. */
void tm_idem_set_number(tm_idem_t *idem, tm_idem_key_t key, uint64_t number);
uint64_t tm_idem_number(tm_idem_t *idem, tm_idem_key_t key); /* 0: not durable, or dropped */
uint32_t tm_idem_count(tm_idem_t *idem);
/* For checkpoints: entries are numbered in the order they came; those kept now are [begin, end). */
void tm_idem_range(tm_idem_t *idem, uint64_t *ret_begin, uint64_t *ret_end);
/* Copies up to n of those from *at to end that are still kept, and moves *at behind them; 0: there
 * are none any more. */
uint32_t tm_idem_copy(tm_idem_t *idem, uint64_t *at, uint64_t end, tm_idem_entry_t *ret,
                      uint32_t n);
#endif
