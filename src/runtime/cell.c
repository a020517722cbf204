/* cell.c - a durable actor: its life, and the one way its state changes.
 *
 * Why:     a turn and a replay must lead to the same state; so both decode the commit's bytes and
 *          run this function.
 * Threads: the worker in the actor's turn; boot. ensure: any. */
#include "runtime/effect.h"
#include "schema/record.h"

const tm_actor_kind_t *tm_kind_by_number(const tm_runtime_t *rt, uint16_t number)
{
    for (const tm_actor_kind_t *const *kind = rt->options.kinds; *kind != NULL; kind++) {
        if ((*kind)->number == number)
            return *kind;
    }
    return NULL;
}

typedef struct making {
    tm_runtime_t *rt;
    const tm_actor_kind_t *kind;
} making_t;

static tm_cell_t *cell_make(void *ctx, uint32_t actor)
{
    const making_t *making = ctx;
    tm_cell_t *cell = TM_NEW(tm_cell_t);
    tm_actor_init(&cell->actor, &tm_cell_behaviour);
    cell->magic = TM_CELL_MAGIC;
    cell->number = actor;
    cell->rt = making->rt;
    cell->kind = making->kind;
    cell->due.actor = actor;
    cell->next_counter = 1;
    cell->state = making->kind->create(actor);
    assert(cell->state != NULL);
    return cell;
}

tm_cell_t *tm_cell_ensure(tm_runtime_t *rt, const tm_actor_kind_t *kind, uint32_t actor)
{
    assert(kind != NULL);
    assert(actor > 0 && actor <= TM_ID_ACTOR_MAX);
    making_t making = {rt, kind};
    tm_cell_t *cell = tm_registry_ensure(rt->registry, actor, cell_make, &making);
    TM_CHECK(cell, TM_CELL_MAGIC);
    return cell;
}

void tm_cell_free(tm_cell_t *cell)
{
    TM_CHECK(cell, TM_CELL_MAGIC);
    tm_node_t *node;
    while ((node = tm_mailbox_pop(&cell->actor.box)) != NULL)
        tm_message_free((tm_message_t *)node);
    while (cell->held != NULL) {
        tm_effect_t *effect = cell->held;
        cell->held = effect->held_next;
        tm_effect_free(effect);
    }
    cell->kind->destroy(cell->state);
    tm_map_done(&cell->marks);
    tm_map_done(&cell->seqs);
    tm_outbox_done(&cell->outbox);
    tm_slot_done(&cell->snapshot);
    cell->magic = 0;
    tm_free(cell);
}

uint64_t tm_cell_mark(const tm_cell_t *cell, uint32_t from)
{
    return (uint64_t)(uintptr_t)tm_map_get(&cell->marks, from);
}

/* Reads one change, unless it was read before, and lets the actor apply it. */
static tm_err_t apply_change(tm_cell_t *cell, const tm_commit_change_t *change,
                             const tm_commit_record_t *before, const tm_commit_head_t *head,
                             tm_arena_t *arena, tm_why_t *why)
{
    const tm_desc_t *desc = tm_entity_by_number(change->entity);
    if (desc == NULL)
        return tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: unknown entity %u", cell->number,
                          change->entity);
    tm_commit_record_t read = before == NULL ? (tm_commit_record_t){0} : *before;
    const tm_err_t err = read.record != NULL ? TM_OK : tm_commit_record(desc, change, arena, &read);
    if (err != TM_OK)
        return tm_why_add(why, err, NULL, "actor %u: a record of %s cannot be read", cell->number,
                          desc->name);
    const bool patch = change->op == TM_CHANGE_PATCH;
    const tm_change_t applied = {
        change->op, desc, change->id, read.record, patch ? &read.touched : NULL, change->bytes};
    cell->kind->apply(cell->state, head, &applied);
    return TM_OK;
}

tm_err_t tm_cell_apply(tm_cell_t *cell, const tm_commit_view_t *view, bool replay,
                       tm_arena_t *arena, tm_why_t *why)
{
    TM_CHECK(cell, TM_CELL_MAGIC);
    assert(view->actor == cell->number);
    if (view->at.v < cell->last_at.v || view->next_counter < cell->next_counter)
        return tm_why_add(why, TM_EDAMAGED, NULL, "actor %u: time or counter of a commit go back",
                          cell->number);
    for (uint32_t i = 0; i < view->n_marks; i++) {
        const tm_commit_mark_t mark = view->marks[i];
        if (mark.seq != tm_cell_mark(cell, mark.from) + 1)
            return tm_why_add(why, TM_EDAMAGED, NULL,
                              "actor %u: a send of actor %u is missing or doubled", cell->number,
                              mark.from);
        tm_map_put(&cell->marks, mark.from, (void *)(uintptr_t)mark.seq);
    }
    const tm_commit_head_t head = {view->at, view->principal, view->request_id, replay};
    for (uint32_t i = 0; i < view->n_changes; i++) {
        const tm_commit_record_t *read = view->records == NULL ? NULL : &view->records[i];
        const tm_err_t err = apply_change(cell, &view->changes[i], read, &head, arena, why);
        if (err != TM_OK)
            return err;
    }
    for (uint32_t i = 0; i < view->n_sends; i++)
        tm_map_put(&cell->seqs, view->sends[i].actor, (void *)(uintptr_t)view->sends[i].seq);
    cell->last_at = view->at;
    cell->next_counter = view->next_counter;
    cell->commits++;
    if (view->n_changes > 0 && cell->kind->committed != NULL)
        cell->kind->committed(cell->state, &head);
    return TM_OK;
}
