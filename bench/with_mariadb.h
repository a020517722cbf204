/* with_mariadb.h - a MariaDB of the benchmark's own, in its folder, on a port of its own.
 *
 * How:     every commit is durable (innodb_flush_log_at_trx_commit=1), there is no binlog, memory
 *          holds the data; otherwise as it comes.
 * Threads: one. */
#ifndef TM_BENCH_WITH_MARIADB_H
#define TM_BENCH_WITH_MARIADB_H
#include "with_server.h"

#define MARIADB_USER "trail"
#define MARIADB_PASSWORD "mix"

bool mariadb_is_installed(void);
/* With the empty databases trailmix and peer. */
server_t mariadb_start(void);
void mariadb_url(const server_t *mariadb, const char *database, char ret[BENCH_PATH_MAX]);
#endif
