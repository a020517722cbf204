/* outbox.h - durable sends on their way: committed by the sender, not yet covered by a durable mark
 * of the receiver.
 *
 * Why:     exactly once between actors, without journalled acknowledgements.
 * How:     one channel a pair (sender, receiver) holds the entries in order. `next` is the first
 *          one that is not in the receiver's mailbox. Entries up to the receiver's durable mark
 *          leave at the front.
 * Threads: the journal's thread; boot. */
#ifndef TM_RUNTIME_OUTBOX_H
#define TM_RUNTIME_OUTBOX_H
#include "base/map.h"
#include "runtime/message.h"

typedef struct tm_entry {          /* one durable send */
    struct tm_entry *next;
    uint16_t kind, type;
    uint32_t to;
    uint64_t seq;
    tm_ms_t at;                    /* time of the sender's commit */
    bool replayed;                 /* made by an earlier process: whoever waited for it is gone */
    tm_str_t principal, request_id, bytes; /* behind this struct */
} tm_entry_t;

typedef struct tm_channel {
    uint32_t from, to;
    uint16_t kind_to;
    /* among the runtime's waiting channels: for room, or (paused) for time */
    bool waits;
    bool paused;
    uint32_t n;
    uint64_t sent;                 /* number of the last entry there ever was */
    uint64_t taken;                /* the receiver's durable mark */
    tm_entry_t *first, *last;
    tm_entry_t *next;              /* to be delivered; NULL: all are */
    struct tm_channel *waits_next;
} tm_channel_t;

/* zero-initialised is empty; by receiver */
typedef struct tm_outbox { tm_map_t channels; } tm_outbox_t;

TM_OWN tm_entry_t *tm_entry_new(uint16_t kind, uint32_t to, uint16_t type, uint64_t seq, tm_ms_t at,
                                tm_str_t principal, tm_str_t request_id, tm_str_t bytes);
void tm_entry_free(TM_OWN tm_entry_t *entry);
void tm_outbox_done(tm_outbox_t *outbox);
/* NULL: nothing was ever sent there */
tm_channel_t *tm_outbox_channel(tm_outbox_t *outbox, uint32_t to);
/* Made if there is none yet. */
tm_channel_t *tm_outbox_open(tm_outbox_t *outbox, uint32_t from, uint16_t kind_to, uint32_t to);
/* At the end of its channel, which it makes if there is none. Entries come in order of seq. */
tm_channel_t *tm_outbox_add(tm_outbox_t *outbox, uint32_t from, TM_OWN tm_entry_t *entry);
/* The receiver's durable mark is seq. Returns the number of entries that left. */
uint32_t tm_channel_covered(tm_channel_t *channel, uint64_t seq);
/* Everything that is not covered will be delivered again. */
void tm_channel_rewind(tm_channel_t *channel);
#endif
