/* sim_ledger.c - what was ever committed, commit by commit: it stays as it was, and stays.
 *
 * Threads: one. */
#include "base/memory.h"
#include "sim/sim.h"

void sim_ledger_add(sim_t *sim, uint64_t number, tm_str_t body)
{
    sim_ledger_t *ledger = &sim->ledger;
    const uint64_t hash = tm_hash64(body.p, body.n);
    assert(number > 0);
    if (number > ledger->n + 1)
        sim_fail(sim, "commit %llu follows on %llu", (unsigned long long)number,
                 (unsigned long long)ledger->n);
    if (number <= ledger->n) {
        if (ledger->v[number - 1] != hash) /* a lie may shorten the past, not change it */
            sim_fail(sim, "commit %llu is another than it was", (unsigned long long)number);
        return;
    }
    if (ledger->n == ledger->cap) {
        ledger->cap = TM_MAX(ledger->cap * 2, (uint64_t)256);
        ledger->v = tm_realloc(ledger->v, ledger->cap * sizeof(ledger->v[0]));
    }
    ledger->v[ledger->n++] = hash;
}

void sim_ledger_end(sim_t *sim, uint64_t last)
{
    assert(last <= sim->ledger.n);
    if (last < sim->ledger.n && !sim->exposed)
        sim_fail(sim, "boot %u: the journal ends at commit %llu, %llu was released", sim->boots,
                 (unsigned long long)last, (unsigned long long)sim->ledger.n);
    sim->ledger.n = last;
}
