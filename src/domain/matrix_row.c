/* matrix_row.c - rows and cells of the matrix.
 *
 * Threads: see matrix.h. */
#include "domain/matrix_row.h"

static void names_free(void *object)
{
    tm_free(object);
}

TM_OWN tm_names_t *tm_names_new(tm_str_t key, uint32_t n_advertiser_key, tm_str_t advertiser,
                                tm_str_t station)
{
    tm_names_t *names = tm_alloc(sizeof *names + key.n + advertiser.n + station.n);
    names->shared = (tm_shared_t){1, names_free};
    names->advertiser_id = names->station_id = 0;
    names->n_advertiser_key = n_advertiser_key;
    char *p = names->bytes;
    const tm_str_t from[] = {key, advertiser, station};
    tm_str_t *to[] = {&names->key, &names->advertiser, &names->station};
    for (size_t i = 0; i < TM_COUNT(from); i++) {
        *to[i] = (tm_str_t){from[i].n > 0 ? p : NULL, from[i].n};
        if (from[i].n > 0) {
            memcpy(p, from[i].p, from[i].n);
            p += from[i].n;
        }
    }
    return names;
}

static void mrow_free(void *object)
{
    tm_mrow_t *row = object;
    tm_shared_unref(row->names);
    tm_free(row->cells);
    tm_free(row->soft);
    tm_shared_unref(row->slots);
    tm_free(row);
}

TM_OWN tm_mrow_t *tm_mrow_new(TM_OWN tm_names_t *names, uint64_t generation)
{
    tm_mrow_t *row = TM_NEW(tm_mrow_t);
    row->shared = (tm_shared_t){1, mrow_free};
    row->names = names;
    row->generation = generation;
    return row;
}

/* Those of the row's cells; NULL once no cell has soft lines any more. */
static TM_OWN tm_sums_t *soft_copy(const tm_mrow_t *row)
{
    const uint32_t n = row->soft == NULL ? 0 : row->n_cells;
    bool any = false;
    for (uint32_t i = 0; i < n; i++) {
        any = any || row->soft[i].n_lines > 0;
    }
    if (!any)
        return NULL;
    tm_sums_t *soft = tm_alloc(n * sizeof *soft);
    memcpy(soft, row->soft, n * sizeof *soft);
    return soft;
}

TM_OWN tm_mrow_t *tm_mrow_copy(const tm_mrow_t *row, uint64_t generation)
{
    tm_mrow_t *copy = tm_alloc(sizeof *copy);
    /* All but the count of references, which other threads change. */
    memcpy((char *)copy + sizeof copy->shared, (const char *)row + sizeof row->shared,
           sizeof *copy - sizeof copy->shared);
    copy->shared = (tm_shared_t){1, mrow_free};
    copy->names = tm_shared_ref(row->names);
    copy->generation = generation;
    copy->cells_cap = row->n_cells;
    copy->cells = row->n_cells > 0 ? tm_alloc(row->n_cells * sizeof *copy->cells) : NULL;
    copy->soft = soft_copy(row);
    copy->slots = row->slots == NULL ? NULL : tm_shared_ref(row->slots);
    if (row->n_cells > 0) {
        memcpy(copy->cells, row->cells, row->n_cells * sizeof *copy->cells);
    }
    return copy;
}

/* Where the week stands or would stand. guess: where it may stand. */
static uint32_t cell_at(const tm_mrow_t *row, int32_t week, uint32_t guess)
{
    if (guess < row->n_cells && row->cells[guess].week == week)
        return guess;
    uint32_t lo = 0, hi = row->n_cells;
    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        if (row->cells[mid].week < week) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

tm_cell_t *tm_mrow_cell(const tm_mrow_t *row, int32_t week)
{
    const uint32_t at = cell_at(row, week, 0);
    return at < row->n_cells && row->cells[at].week == week ? &row->cells[at] : NULL;
}

static tm_cell_t *cell_make(tm_mrow_t *row, int32_t week, uint32_t guess)
{
    const uint32_t at = cell_at(row, week, guess);
    if (at < row->n_cells && row->cells[at].week == week)
        return &row->cells[at];
    if (row->n_cells == row->cells_cap) {
        row->cells_cap = row->cells_cap == 0 ? 4 : row->cells_cap + row->cells_cap / 2 + 1;
        row->cells = tm_realloc(row->cells, row->cells_cap * sizeof *row->cells);
        if (row->soft != NULL) {
            row->soft = tm_realloc(row->soft, row->cells_cap * sizeof *row->soft);
        }
    }
    const uint32_t behind = row->n_cells++ - at;
    memmove(row->cells + at + 1, row->cells + at, behind * sizeof *row->cells);
    row->cells[at] = (tm_cell_t){.week = week};
    if (row->soft != NULL) {
        memmove(row->soft + at + 1, row->soft + at, behind * sizeof *row->soft);
        row->soft[at] = (tm_sums_t){0};
    }
    return &row->cells[at];
}

static void cell_drop(tm_mrow_t *row, tm_cell_t *cell)
{
    const uint32_t at = (uint32_t)(cell - row->cells), behind = --row->n_cells - at;
    memmove(cell, cell + 1, behind * sizeof *cell);
    if (row->soft != NULL) {
        memmove(row->soft + at, row->soft + at + 1, behind * sizeof *row->soft);
    }
}

/* To be changed; soft lines are rare, so room for their sums is made when the first one comes. */
static tm_sums_t *soft_make(tm_mrow_t *row, const tm_cell_t *cell)
{
    if (row->soft == NULL) {
        row->soft = tm_zalloc(row->cells_cap * sizeof *row->soft);
    }
    return &row->soft[cell - row->cells];
}

static bool has_lines(const tm_mrow_t *row, const tm_cell_t *cell)
{
    return cell->firm.n_lines > 0 || tm_mrow_soft(row, cell)->n_lines > 0;
}

static inline void wrap_add(int64_t *to, int64_t value, int sign)
{
    *to = (int64_t)((uint64_t)*to + (sign > 0 ? (uint64_t)value : -(uint64_t)value));
}

static void sums_add(tm_sums_t *sums, const tm_share_t *s, bool disputed, int sign)
{
    const uint32_t one = sign > 0 ? 1 : UINT32_MAX;
    wrap_add(&sums->gross, s->gross.v, sign);
    wrap_add(&sums->net, s->net.v, sign);
    wrap_add(&sums->low, s->low.v, sign);
    wrap_add(&sums->high, s->high.v, sign);
    wrap_add(&sums->spots, s->spots, sign);
    sums->n_lines += one;
    sums->n_known += s->known ? one : 0;
    sums->n_open += s->known && !s->has_high ? one : 0;
    sums->n_disputed += disputed ? one : 0;
}

bool tm_mrow_apply(tm_mrow_t *row, const tm_mline_t *line, int sign, const tm_mline_t *next,
                   tm_totals_t *totals)
{
    if (next != NULL && (next->stage != line->stage || next->sources != line->sources ||
                         next->firm != line->firm)) {
        next = NULL;
    }
    tm_unpack_t at;
    tm_share_t s;
    bool changed = false;
    row->thinned |= sign < 0;
    uint32_t guess = 0; /* weeks mostly follow each other */
    tm_mline_begin(line, &at);
    for (bool unplaced = line->has_unplaced; tm_mline_next(&at, &s); unplaced = false) {
        if (unplaced) {
            sums_add(line->firm ? &row->unplaced_firm : &row->unplaced_soft, &s, line->disputed,
                     sign);
            continue;
        }
        tm_cell_t *cell = sign > 0 ? cell_make(row, s.week.v, guess) : tm_mrow_cell(row, s.week.v);
        assert(cell != NULL && (sign > 0 || line->firm || row->soft != NULL));
        guess = (uint32_t)(cell - row->cells) + 1;
        sums_add(line->firm ? &cell->firm : soft_make(row, cell), &s, line->disputed, sign);
        if (line->firm) {
            wrap_add(&totals->gross, s.gross.v, sign);
            wrap_add(&totals->net, s.net.v, sign);
            cell->dirty = changed = true;
            cell->stale |= sign < 0 && (next == NULL || !tm_mline_touches(next, cell->week));
            if (sign > 0) {
                cell->sources |= line->sources;
                cell->stages |= (uint8_t)(1u << line->stage);
            }
        }
        if (!has_lines(row, cell) && !cell->dirty) {
            cell_drop(row, cell);
        }
    }
    return changed;
}

static uint32_t slot_at(const tm_mrow_t *row, uint32_t slot)
{
    uint32_t lo = 0, hi = row->n_slots;
    if (hi > 0 && row->slots->v[hi - 1] < slot)
        return hi; /* new lines usually come last */
    while (lo < hi) {
        const uint32_t mid = (lo + hi) / 2;
        if (row->slots->v[mid] < slot) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo;
}

static void slots_free(void *object)
{
    tm_free(object);
}

/* The row's slots in memory of its own, with room for more. */
static void own_slots(tm_mrow_t *row)
{
    const uint32_t n = row->n_slots, cap = TM_MAX(n + n / 2, 4u);
    tm_slots_t *own = tm_alloc(sizeof *own + cap * sizeof *own->v);
    *own = (tm_slots_t){.shared = {1, slots_free}, .n = n, .cap = cap};
    if (n > 0) {
        memcpy(own->v, row->slots->v, n * sizeof *own->v);
    }
    tm_shared_unref(row->slots);
    row->slots = own;
}

static bool slots_are_mine(const tm_mrow_t *row)
{
    /* acquire: another owner's last read comes before our change; partner: tm_shared_unref. */
    return row->slots != NULL && __atomic_load_n(&row->slots->shared.refs, __ATOMIC_ACQUIRE) == 1;
}

void tm_mrow_add_slot(tm_mrow_t *row, uint32_t slot)
{
    const uint32_t at = slot_at(row, slot), n = row->n_slots;
    assert(at == n || row->slots->v[at] != slot);
    /* Among others' slots only behind all that anybody wrote: nobody reads there. */
    const bool behind = at == n && row->slots != NULL && row->slots->n == n;
    if ((!behind && !slots_are_mine(row)) || row->slots->cap == n) {
        own_slots(row);
    }
    uint32_t *v = row->slots->v;
    memmove(v + at + 1, v + at, (n - at) * sizeof *v);
    v[at] = slot;
    row->slots->n = ++row->n_slots;
}

void tm_mrow_del_slot(tm_mrow_t *row, uint32_t slot)
{
    const uint32_t at = slot_at(row, slot);
    assert(at < row->n_slots && row->slots->v[at] == slot);
    if (!slots_are_mine(row)) {
        own_slots(row);
    }
    uint32_t *v = row->slots->v;
    memmove(v + at, v + at + 1, (row->n_slots - at - 1) * sizeof *v);
    row->slots->n = --row->n_slots;
}

void tm_mrow_purge(tm_mrow_t *row)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < row->n_cells; i++) {
        if (has_lines(row, &row->cells[i])) {
            if (n < i) {
                row->cells[n] = row->cells[i];
            }
            if (n < i && row->soft != NULL) {
                row->soft[n] = row->soft[i];
            }
            n++;
        }
    }
    row->n_cells = n;
}
