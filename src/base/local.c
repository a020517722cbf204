/* local.c - the per-thread context of base/.
 *
 * Why:     a permitted exception to "no mutable state": what stands here is a cache of library
 *          handles, which must not be shared between threads and are too slow to open for each
 *          call. Nothing depends on its content.
 * How:     a thread-local pointer for speed; a pthread key, which frees it when the thread ends
 *          (the main thread's is left to the end of the process: at exit the libraries may be
 *          gone before us).
 * Threads: each sees its own. */
#include "base/local.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdlib.h>

static __thread tm_local_t *mine;                   /* tidy: allow global, the thread context */
static pthread_key_t key;                           /* tidy: allow global, ends it */
static pthread_once_t key_once = PTHREAD_ONCE_INIT; /* tidy: allow global, the same */

static void local_free(void *p)
{
    tm_local_t *local = p;
    for (uint32_t i = 0; i < TM_LOCAL_ZONES; i++) {
        if (local->zones[i].calendar != NULL)
            ucal_close(local->zones[i].calendar);
    }
    EVP_MD_CTX_free(local->sha);
    EVP_MD_free(local->sha_md);
    tm_free(local);
    mine = NULL;
}

static void key_make(void)
{
    if (pthread_key_create(&key, local_free) != 0)
        abort();
}

tm_local_t *tm_local(void)
{
    if (mine != NULL)
        return mine;
    pthread_once(&key_once, key_make);
    tm_local_t *local = TM_NEW(tm_local_t);
    local->sha_md = EVP_MD_fetch(NULL, "SHA256", NULL);
    local->sha = EVP_MD_CTX_new();
    if (local->sha_md == NULL || local->sha == NULL || pthread_setspecific(key, local) != 0)
        abort(); /* a crypto library without SHA-256 cannot run this program */
    mine = local;
    return local;
}
