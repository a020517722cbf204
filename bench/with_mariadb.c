/* with_mariadb.c - mariadb-install-db, then mariadbd with an init file. */
#include "with_mariadb.h"
#include "with_figures.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAEMON "/usr/sbin/mariadbd"

bool mariadb_is_installed(void)
{
    return access(DAEMON, X_OK) == 0;
}

static void write_init(const char *path)
{
    static const char *const databases[] = {"trailmix", "peer"};
    FILE *out = fopen(path, "we");
    if (out == NULL)
        bench_die("cannot write %s", path);
    fprintf(out, "CREATE USER '%s'@'127.0.0.1' IDENTIFIED BY '%s';\n", MARIADB_USER,
            MARIADB_PASSWORD);
    for (size_t i = 0; i < TM_COUNT(databases); i++)
        fprintf(out,
                "CREATE DATABASE %s CHARACTER SET utf8mb4;\n"
                "GRANT ALL ON %s.* TO '%s'@'127.0.0.1';\n",
                databases[i], databases[i], MARIADB_USER);
    if (fclose(out) != 0)
        bench_die("cannot write %s", path);
}

server_t mariadb_start(void)
{
    const char *folder = bench_folder();
    char command[BENCH_PATH_MAX * 2];
    snprintf(command, sizeof(command),
             "mariadb-install-db --no-defaults --datadir='%s/mariadb' --skip-test-db "
             "--auth-root-authentication-method=normal $([ $(id -u) != 0 ] || echo --user=root) "
             ">/dev/null 2>&1",
             folder);
    if (system(command) != 0)
        bench_die("mariadb-install-db failed");
    const uint16_t port = server_free_port();
    char args[4][BENCH_PATH_MAX];
    snprintf(args[0], BENCH_PATH_MAX, "--datadir=%s/mariadb", folder);
    snprintf(args[1], BENCH_PATH_MAX, "--pid-file=%s/mariadb.pid", folder);
    snprintf(args[2], BENCH_PATH_MAX, "--init-file=%s/mariadb.sql", folder);
    snprintf(args[3], BENCH_PATH_MAX, "--port=%u", port);
    write_init(args[2] + strlen("--init-file="));
    char *const argv[] = {DAEMON,
                          "--no-defaults",
                          "--user=root", /* without effect unless we are */
                          "--skip-log-bin",
                          "--bind-address=127.0.0.1",
                          "--socket=s", /* in its folder: a longer name might be too long */
                          "--skip-name-resolve",
                          "--innodb-flush-log-at-trx-commit=1",
                          "--innodb-buffer-pool-size=512M",
                          "--innodb-log-file-size=256M",
                          "--max-connections=400",
                          args[0],
                          args[1],
                          args[2],
                          args[3],
                          NULL};
    return server_start_program("mariadb", argv, port);
}

void mariadb_url(const server_t *mariadb, const char *database, char ret[BENCH_PATH_MAX])
{
    snprintf(ret, BENCH_PATH_MAX, "mysql://%s:%s@127.0.0.1:%u/%s", MARIADB_USER, MARIADB_PASSWORD,
             mariadb->port, database);
}
