/* campaign_events.c - see campaign_events.h.
 *
 * Threads: the actor's turn. */
#include "actors/campaign_events.h"

#include "base/time.h"
#include "domain/matrix_peek.h"
#include "schema/json.h"

static week_change_t *change_of(week_changes_t *w, tm_day_t week)
{
    uint32_t at = w->n;
    while (at > 0 && w->v[at - 1].week.v >= week.v) {
        at--;
    }
    if (at < w->n && w->v[at].week.v == week.v)
        return &w->v[at];
    if (w->n == w->cap) {
        w->cap = w->cap == 0 ? 32 : w->cap * 2;
        week_change_t *more = tm_arena_alloc(w->arena, w->cap * sizeof *more);
        assert(more != NULL);
        if (w->n > 0) {
            memcpy(more, w->v, w->n * sizeof *more);
        }
        w->v = more;
    }
    memmove(&w->v[at + 1], &w->v[at], (w->n - at) * sizeof *w->v);
    w->v[at] = (week_change_t){.week = week};
    w->n++;
    return &w->v[at];
}

void campaign_weeks_note(const campaign_t *c, const chain_t *chain, bool after,
                         week_changes_t *weeks)
{
    for (uint32_t i = 0; i < chain->n; i++) {
        const tm_id_t id = tm_id_make(c->actor, chain_lines(chain)[i]);
        bool firm;
        tm_cents_t gross;
        if (!tm_matrix_line_gross(c->matrix, id, &firm, &gross) || !firm)
            continue;
        uint32_t n;
        const tm_share_t *shares = tm_matrix_line_shares(c->matrix, id, weeks->arena, &n);
        for (uint32_t k = 0; shares != NULL && k < n; k++) {
            week_change_t *w = change_of(weeks, shares[k].week);
            *(after ? &w->after : &w->before) += shares[k].gross.v;
        }
    }
}

static void write_text(tm_buf_t *out, const char *key, bool known, tm_str_t text)
{
    tm_buf_add_c(out, key);
    if (known) {
        tm_json_write_str(text, out);
    } else {
        tm_buf_add_c(out, "null");
    }
}

static void write_weeks(tm_buf_t *out, const week_changes_t *weeks)
{
    bool first = true;
    tm_buf_add_c(out, ",\"weeks\":[");
    for (uint32_t i = 0; i < weeks->n; i++) {
        const week_change_t *w = &weeks->v[i];
        if (w->before == w->after)
            continue;
        char day[TM_DAY_TEXT];
        tm_day_format(w->week, day);
        tm_buf_printf(out, "%s{\"week\":\"%s\",\"before_cents\":%lld,\"after_cents\":%lld}",
                      first ? "" : ",", day, (long long)w->before, (long long)w->after);
        first = false;
    }
    tm_buf_add_c(out, "]}");
}

void campaign_event(campaign_t *c, const tm_buy_line_t *speaker, const week_changes_t *weeks)
{
    const bool cancelled =
        TM_HAS(speaker, TM_BUY_LINE_stage) && speaker->stage.v == TM_STAGE_cancelled;
    const tm_day_t date =
        TM_HAS(speaker, TM_BUY_LINE_revision_date) ? speaker->revision_date : c->today;
    bool lower = false, future = false;
    for (uint32_t i = 0; i < weeks->n; i++) {
        const bool less = weeks->v[i].after < weeks->v[i].before;
        lower = lower || less;
        future = future || (less && weeks->v[i].week.v > date.v);
    }
    if (!future && !(cancelled && lower))
        return;
    tm_buf_t *out = &c->events;
    const size_t begin = out->n;
    char id[TM_ID_TEXT_MAX];
    (void)tm_id_format("bl", speaker->id, id);
    tm_buf_printf(out, "%s{\"kind\":\"%s\",\"buy_line_id\":\"%s\"", begin > 0 ? "," : "",
                  cancelled ? "cancel" : "pull_down", id);
    write_text(out, ",\"order_no\":", TM_HAS(speaker, TM_BUY_LINE_order_no), speaker->order_no);
    write_text(out, ",\"station\":", TM_HAS(speaker, TM_BUY_LINE_station), speaker->station);
    write_text(out, ",\"advertiser\":", TM_HAS(speaker, TM_BUY_LINE_advertiser),
               speaker->advertiser);
    write_weeks(out, weeks);
    if (out->full) { /* news beyond what a delta holds: the cells tell it still */
        out->n = begin;
        out->full = false;
    }
}
