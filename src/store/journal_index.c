/* journal_index.c - which segment and batch holds a commit number; and who this journal is.
 *
 * Threads: the writer adds, anybody finds. */
#include "base/memory.h"
#include "store/journal_state.h"

void tm_journal_index_add(tm_journal_t *journal, uint64_t number, uint64_t segment, uint64_t offset)
{
    pthread_mutex_lock(&journal->index_lock);
    const tm_journal_mark_t *last =
        journal->index_n == 0 ? NULL : &journal->index[journal->index_n - 1];
    assert(last == NULL || last->number < number);
    if (last == NULL || last->segment != segment || offset - last->offset >= TM_INDEX_STEP) {
        if (journal->index_n == journal->index_cap) {
            journal->index_cap = TM_MAX(journal->index_cap * 2, (size_t)256);
            journal->index =
                tm_realloc(journal->index, journal->index_cap * sizeof(*journal->index));
        }
        journal->index[journal->index_n++] = (tm_journal_mark_t){number, segment, offset};
    }
    pthread_mutex_unlock(&journal->index_lock);
}

bool tm_journal_index_find(tm_journal_t *journal, uint64_t number, tm_journal_mark_t *ret)
{
    pthread_mutex_lock(&journal->index_lock);
    size_t low = 0; /* marks before it are <= number */
    size_t high = journal->index_n;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (journal->index[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        *ret = journal->index[low - 1];
    pthread_mutex_unlock(&journal->index_lock);
    return low > 0;
}

void tm_journal_set_identity(tm_journal_t *journal, const tm_sha256_t *chain)
{
    pthread_mutex_lock(&journal->index_lock);
    if (!journal->has_identity) {
        journal->identity = *chain;
        journal->has_identity = true;
    }
    pthread_mutex_unlock(&journal->index_lock);
}

bool tm_journal_identity(tm_journal_t *journal, tm_sha256_t *ret)
{
    TM_CHECK(journal, TM_JOURNAL_MAGIC);
    pthread_mutex_lock(&journal->index_lock);
    const bool has = journal->has_identity;
    if (has)
        *ret = journal->identity;
    pthread_mutex_unlock(&journal->index_lock);
    return has;
}
