/* dress.h - the library's own error answers in our form.
 *
 * Threads: register: before the loops. */
#ifndef TM_HTTP_DRESS_H
#define TM_HTTP_DRESS_H
#include <h2o.h>

/* For answers the library gives before any handler runs: 413, 400, 417. */
void tm_dress_register(h2o_hostconf_t *host);
#endif
