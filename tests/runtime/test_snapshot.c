/* test_snapshot.c - pictures are swapped while others read them: none vanishes too early, none is
 * kept for ever. */
#include "base/memory.h"
#include "base/thread.h"
#include "runtime/snapshot.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define READERS 3
#define SWAPS 20000

typedef struct image {
    tm_shared_t shared;
    uint32_t *alive;  /* atomic; images that exist */
    uint64_t a, b;    /* b is ~a */
} image_t;

typedef struct gallery {
    tm_epochs_t *epochs;
    tm_slot_t slot;
    uint32_t alive;
    bool stop;        /* atomic */
} gallery_t;

static void image_free(void *object)
{
    image_t *image = object;
    image->b = image->a; /* a late reader sees it */
    __atomic_fetch_sub(image->alive, 1, __ATOMIC_RELAXED);
    tm_free(image);
}

static image_t *image_new(gallery_t *gallery, uint64_t a)
{
    image_t *image = TM_NEW(image_t);
    *image = (image_t){{1, image_free}, &gallery->alive, a, ~a};
    __atomic_fetch_add(&gallery->alive, 1, __ATOMIC_RELAXED);
    return image;
}

static void reader_main(void *arg)
{
    gallery_t *gallery = arg;
    uint64_t last = 0;
    while (!__atomic_load_n(&gallery->stop, __ATOMIC_ACQUIRE)) {
        image_t *image = tm_slot_get(gallery->epochs, &gallery->slot);
        assert(image != NULL && image->b == ~image->a);
        assert(image->a >= last);
        last = image->a;
        tm_shared_unref(image);
    }
}

static void snapshot__readers_see_whole_and_newer_pictures(void **state)
{
    (void)state;
    gallery_t gallery = {.epochs = tm_epochs_new()};
    tm_slot_swap(gallery.epochs, &gallery.slot, image_new(&gallery, 0));
    tm_thread_t readers[READERS];
    for (uint32_t i = 0; i < READERS; i++)
        assert_int_equal(tm_thread_start(&readers[i], "reader", reader_main, &gallery), TM_OK);
    for (uint64_t i = 1; i <= SWAPS; i++)
        tm_slot_swap(gallery.epochs, &gallery.slot, image_new(&gallery, i));
    __atomic_store_n(&gallery.stop, true, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < READERS; i++)
        tm_thread_join(&readers[i]);
    tm_slot_done(&gallery.slot);
    tm_epochs_free(gallery.epochs);
    assert_int_equal(gallery.alive, 0);
}

static void snapshot__without_readers_few_old_pictures_are_kept(void **state)
{
    (void)state;
    gallery_t gallery = {.epochs = tm_epochs_new()};
    for (uint64_t i = 1; i <= 1000; i++) {
        tm_slot_swap(gallery.epochs, &gallery.slot, image_new(&gallery, i));
        assert_true(gallery.alive < 8);
    }
    tm_slot_done(&gallery.slot);
    tm_epochs_free(gallery.epochs);
    assert_int_equal(gallery.alive, 0);
}

static void late_main(void *arg)
{
    gallery_t *gallery = arg;
    tm_shared_unref(tm_slot_get(gallery->epochs, &gallery->slot));
}

static void snapshot__threads_come_and_go(void **state)
{
    (void)state;
    gallery_t gallery = {.epochs = tm_epochs_new()};
    for (uint64_t i = 1; i <= 50; i++) {
        tm_slot_swap(gallery.epochs, &gallery.slot, image_new(&gallery, i));
        tm_thread_t thread;
        assert_int_equal(tm_thread_start(&thread, "late", late_main, &gallery), TM_OK);
        tm_thread_join(&thread);
    }
    tm_slot_done(&gallery.slot);
    tm_epochs_free(gallery.epochs);
    assert_int_equal(gallery.alive, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot__readers_see_whole_and_newer_pictures),
        cmocka_unit_test(snapshot__without_readers_few_old_pictures_are_kept),
        cmocka_unit_test(snapshot__threads_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
