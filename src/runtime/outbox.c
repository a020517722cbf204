/* outbox.c - channels of durable sends.
 *
 * How:     see outbox.h. An entry and its strings are one piece of memory.
 * Threads: the journal's thread; boot. */
#include "runtime/outbox.h"
#include "base/memory.h"

static tm_str_t put(char **at, tm_str_t s)
{
    if (s.p == NULL)
        return s;
    char *p = *at;
    memcpy(p, s.p, s.n);
    *at += s.n;
    return (tm_str_t){p, s.n};
}

TM_OWN tm_entry_t *tm_entry_new(uint16_t kind, uint32_t to, uint16_t type, uint64_t seq, tm_ms_t at,
                                tm_str_t principal, tm_str_t request_id, tm_str_t bytes)
{
    assert(seq > 0);
    tm_entry_t *entry = tm_alloc(sizeof(*entry) + (size_t)principal.n + request_id.n + bytes.n);
    char *rest = (char *)(entry + 1);
    *entry = (tm_entry_t){.kind = kind, .type = type, .to = to, .seq = seq, .at = at};
    entry->principal = put(&rest, principal);
    entry->request_id = put(&rest, request_id);
    entry->bytes = put(&rest, bytes);
    return entry;
}

void tm_entry_free(TM_OWN tm_entry_t *entry)
{
    tm_free(entry);
}

void tm_outbox_done(tm_outbox_t *outbox)
{
    uint32_t pos = 0;
    uint64_t to;
    void *value;
    while (tm_map_next(&outbox->channels, &pos, &to, &value)) {
        tm_channel_t *channel = value;
        while (channel->first != NULL) {
            tm_entry_t *entry = channel->first;
            channel->first = entry->next;
            tm_entry_free(entry);
        }
        tm_free(channel);
    }
    tm_map_done(&outbox->channels);
    *outbox = (tm_outbox_t){0};
}

tm_channel_t *tm_outbox_channel(tm_outbox_t *outbox, uint32_t to)
{
    return tm_map_get(&outbox->channels, to);
}

tm_channel_t *tm_outbox_open(tm_outbox_t *outbox, uint32_t from, uint16_t kind_to, uint32_t to)
{
    tm_channel_t *channel = tm_outbox_channel(outbox, to);
    if (channel == NULL) {
        channel = TM_NEW(tm_channel_t);
        channel->from = from;
        channel->to = to;
        channel->kind_to = kind_to;
        tm_map_put(&outbox->channels, to, channel);
    }
    assert(channel->kind_to == kind_to);
    return channel;
}

tm_channel_t *tm_outbox_add(tm_outbox_t *outbox, uint32_t from, TM_OWN tm_entry_t *entry)
{
    tm_channel_t *channel = tm_outbox_open(outbox, from, entry->kind, entry->to);
    assert(channel->sent < entry->seq);
    channel->sent = entry->seq;
    entry->next = NULL;
    if (channel->first == NULL)
        channel->first = entry;
    else
        channel->last->next = entry;
    channel->last = entry;
    if (channel->next == NULL)
        channel->next = entry;
    channel->n++;
    return channel;
}

uint32_t tm_channel_covered(tm_channel_t *channel, uint64_t seq)
{
    uint32_t left = 0;
    while (channel->first != NULL && channel->first->seq <= seq) {
        tm_entry_t *entry = channel->first;
        channel->first = entry->next;
        if (channel->next == entry)
            channel->next = entry->next; /* after a rewind a delivered one may become covered */
        tm_entry_free(entry);
        left++;
    }
    if (channel->first == NULL)
        channel->last = NULL;
    assert(channel->n >= left);
    channel->n -= left;
    channel->taken = TM_MAX(channel->taken, seq);
    return left;
}

void tm_channel_rewind(tm_channel_t *channel)
{
    channel->next = channel->first;
}
