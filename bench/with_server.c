/* with_server.c - children with a port, and the small things one asks of them. */
#include "with_server.h"
#include "base/memory.h"
#include "base/thread.h"
#include "with_figures.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_WAIT_S 300 /* a journal of a million lines is read first */
#define LAG_WAIT_S 300
#define LAG_EVERY_US 20000
#define ANSWER_BYTES_MAX (64u << 20)
#define STATIONS 400
#define MARKETS 20

extern char **environ;

/* The one folder and the children that still run: what must go when the program ends, also by
 * bench_die. */
static struct {
    char folder[BENCH_PATH_MAX];
    pid_t children[16];
} run;

static void run_end(void)
{
    for (size_t i = 0; i < TM_COUNT(run.children); i++) {
        if (run.children[i] > 0) {
            kill(run.children[i], SIGKILL);
            waitpid(run.children[i], NULL, 0);
        }
    }
    char command[BENCH_PATH_MAX + 16];
    snprintf(command, sizeof(command), "rm -rf '%s'", run.folder);
    if (system(command) != 0)
        fprintf(stderr, "could not remove %s\n", run.folder);
}

const char *bench_folder(void)
{
    if (run.folder[0] != '\0')
        return run.folder;
    char here[BENCH_PATH_MAX / 2];
    if (getcwd(here, sizeof(here)) == NULL)
        bench_die("the working directory's name is too long");
    snprintf(run.folder, sizeof(run.folder), "%s/bench_XXXXXX", here);
    if (mkdtemp(run.folder) == NULL)
        bench_die("cannot make a folder");
    atexit(run_end);
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max; /* a thousand subscribers */
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    signal(SIGPIPE, SIG_IGN);
    return run.folder;
}

void server_program(const char *name, char ret[BENCH_PATH_MAX])
{
    char self[BENCH_PATH_MAX / 2];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (n <= 0)
        bench_die("cannot find this program");
    self[n] = '\0';
    char *slash = strrchr(self, '/');
    assert(slash != NULL);
    *slash = '\0';
    snprintf(ret, BENCH_PATH_MAX, "%s/%s", self, name);
}

static pid_t start(char *const argv[], const char *log)
{
    bench_folder();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t pid = 0;
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0)
        bench_die("cannot start %s", argv[0]);
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; i < TM_COUNT(run.children); i++) {
        if (run.children[i] == 0) {
            run.children[i] = pid;
            return pid;
        }
    }
    bench_die("too many servers");
}

static int try_connect(uint16_t port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in sa = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0)
        return fd;
    close(fd);
    return -1;
}

static void wait_for(const server_t *server, const char *log)
{
    const double until = bench_now_s() + START_WAIT_S;
    while (bench_now_s() < until) {
        const int fd = try_connect(server->port);
        if (fd >= 0) {
            close(fd);
            return;
        }
        if (waitpid(server->pid, NULL, WNOHANG) == server->pid)
            break;
        usleep(20000);
    }
    char command[BENCH_PATH_MAX + 16];
    snprintf(command, sizeof(command), "tail -5 '%s' >&2", log);
    if (system(command) != 0)
        fprintf(stderr, "and no log\n");
    bench_die("a server did not start");
}

uint16_t server_free_port(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(sa);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&sa, n) != 0 ||
        getsockname(fd, (struct sockaddr *)&sa, &n) != 0)
        bench_die("no free port");
    close(fd);
    return ntohs(sa.sin_port);
}

server_t server_start_program(const char *name, char *const argv[], uint16_t port)
{
    char log[BENCH_PATH_MAX];
    snprintf(log, sizeof(log), "%s/%s.log", bench_folder(), name);
    const server_t server = {.pid = start(argv, log), .port = port};
    wait_for(&server, log);
    return server;
}

server_t server_start(const char *name)
{
    return server_start_on(name, 1, NULL);
}

server_t server_start_on(const char *name, uint32_t loops, const char *database)
{
    char program[BENCH_PATH_MAX];
    char data[BENCH_PATH_MAX];
    char listen[64];
    char loops_text[16];
    const uint16_t port = server_free_port();
    server_program("trailmix", program);
    snprintf(data, sizeof(data), "%s/%s", bench_folder(), name);
    snprintf(listen, sizeof(listen), "127.0.0.1:%u", port);
    snprintf(loops_text, sizeof(loops_text), "%u", loops);
    char *const argv[] = {program, "serve",   "--listen", listen, "--data",
                          data,    "--loops", loops_text, NULL};
    setenv("SYSTEM_API_KEY", BENCH_KEY, 1);
    if (database == NULL)
        unsetenv("DATABASE_URL");
    else
        setenv("DATABASE_URL", database, 1);
    return server_start_program(name, argv, port);
}

server_t server_start_bare(const char *program, const char *file)
{
    char path[BENCH_PATH_MAX];
    char port_text[16];
    char file_copy[BENCH_PATH_MAX];
    const uint16_t port = server_free_port();
    server_program(program, path);
    snprintf(port_text, sizeof(port_text), "%u", port);
    snprintf(file_copy, sizeof(file_copy), "%s", file);
    char *const argv[] = {path, port_text, file_copy, "1", NULL};
    return server_start_program(program, argv, port);
}

void server_stop(server_t *server)
{
    kill(server->pid, SIGTERM);
    waitpid(server->pid, NULL, 0);
    for (size_t i = 0; i < TM_COUNT(run.children); i++) {
        if (run.children[i] == server->pid)
            run.children[i] = 0;
    }
    server->pid = 0;
}

static bool process_cpu_s(pid_t pid, double *ret)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return false;
    *ret = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    return true;
}

double server_cpu_s(const server_t *server)
{
    double all = 0;
    if (!process_cpu_s(server->pid, &all))
        bench_die("a server is gone");
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", server->pid, server->pid);
    FILE *children = fopen(path, "re");
    int child = 0;
    double part = 0;
    while (children != NULL && fscanf(children, "%d", &child) == 1) {
        if (process_cpu_s(child, &part)) /* or it has just ended */
            all += part;
    }
    if (children != NULL)
        fclose(children);
    return all;
}

double server_resident_bytes(const server_t *server)
{
    char path[64];
    long total = 0;
    long resident = 0;
    snprintf(path, sizeof(path), "/proc/%d/statm", server->pid);
    FILE *in = fopen(path, "re");
    if (in == NULL || fscanf(in, "%ld %ld", &total, &resident) != 2)
        bench_die("no %s", path);
    fclose(in);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

void server_ask(const server_t *server, const char *path, const char *body, int want,
                tm_buf_t *ret_body)
{
    const int fd = try_connect(server->port);
    if (fd < 0)
        bench_die("no connection for %s", path);
    tm_buf_t text;
    tm_buf_init(&text, ANSWER_BYTES_MAX);
    tm_buf_printf(&text, "%s %s HTTP/1.0\r\nHost: bench\r\nx-api-key: " BENCH_KEY "\r\n",
                  body == NULL ? "GET" : "POST", path);
    if (body != NULL)
        tm_buf_printf(&text, "content-type: application/json\r\ncontent-length: %zu\r\n",
                      strlen(body));
    tm_buf_printf(&text, "\r\n%s", body == NULL ? "" : body);
    if (send(fd, text.p, text.n, MSG_NOSIGNAL) != (ssize_t)text.n)
        bench_die("cannot send %s", path);
    tm_buf_clear(&text);
    ssize_t got = 1;
    while (got > 0 && tm_buf_reserve(&text, 65536)) {
        got = recv(fd, text.p + text.n, 65536, 0);
        text.n += got > 0 ? (size_t)got : 0;
    }
    close(fd);
    tm_buf_add_char(&text, '\0');
    const char *begin = text.full ? NULL : strstr(text.p, "\r\n\r\n");
    if (begin == NULL || strtol(text.p + 9, NULL, 10) != want)
        bench_die("%s answers:\n%.2000s", path, text.p);
    tm_buf_clear(ret_body);
    tm_buf_add(ret_body, begin + 4, text.n - 1 - (size_t)(begin + 4 - text.p));
    tm_buf_done(&text);
}

uint64_t json_number(const tm_buf_t *text, const char *name)
{
    char mark[64];
    const int n = snprintf(mark, sizeof(mark), "\"%s\":", name);
    const char *at = memmem(text->p, text->n, mark, (size_t)n);
    if (at == NULL)
        bench_die("no %s in %.*s", name, (int)TM_MIN(text->n, (size_t)500), text->p);
    char digits[32] = "";
    const size_t left = text->n - (size_t)(at + n - text->p);
    memcpy(digits, at + n, TM_MIN(left, sizeof(digits) - 1));
    return strtoull(digits, NULL, 10);
}

uint64_t server_lag(const server_t *server)
{
    tm_buf_t health;
    tm_buf_init(&health, ANSWER_BYTES_MAX);
    server_ask(server, "/api/v1/health", NULL, 200, &health);
    const bool away = memmem(health.p, health.n, "\"away\"", 6) != NULL;
    const uint64_t lag = away ? UINT64_MAX : json_number(&health, "lag_commits");
    tm_buf_done(&health);
    return lag;
}

void server_caught_up(const server_t *server)
{
    const double until = bench_now_s() + LAG_WAIT_S;
    while (server_lag(server) != 0) {
        if (bench_now_s() > until)
            bench_die("the database does not catch up");
        usleep(LAG_EVERY_US);
    }
}

void server_campaign(const server_t *server, char ret_id[BENCH_ID_MAX])
{
    tm_buf_t answer;
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    server_ask(
        server, "/api/v1/campaigns",
        "{\"name\":\"Bench\",\"election_date\":\"2026-11-03\",\"markets\":[],\"advertisers\":"
        "[{\"name\":\"Alpha for Senate\",\"side\":\"for\"}]}",
        201, &answer);
    const char *id = memmem(answer.p, answer.n, "cmp_", 4);
    const char *end = id == NULL ? NULL : memchr(id, '"', answer.n - (size_t)(id - answer.p));
    if (end == NULL || end - id >= BENCH_ID_MAX)
        bench_die("a campaign without id");
    memcpy(ret_id, id, (size_t)(end - id));
    ret_id[end - id] = '\0';
    tm_buf_done(&answer);
}

void line_json(const char *campaign, uint64_t i, tm_buf_t *out)
{
    const unsigned station = (unsigned)(i % STATIONS);
    tm_buf_printf(out,
                  "{\"campaign_id\":\"%s\",\"advertiser\":\"Alpha for Senate\",\"station\":"
                  "\"W%c%c%c\",\"market\":%u,\"medium\":\"broadcast\",\"flight_from\":"
                  "\"2026-09-01\",\"flight_to\":\"2026-10-25\",\"gross_cents\":%llu,"
                  "\"order_no\":\"7%llu\"}",
                  campaign, 'A' + (int)(station % 26), 'A' + (int)(station / 26), 'B',
                  501 + station % MARKETS, 100000 + (unsigned long long)(i * 7919 % 5000000),
                  (unsigned long long)i + 10000);
}

uint64_t server_fill(const server_t *server, const char *path, const char *campaign, size_t bytes,
                     tm_buf_t *matrix)
{
    tm_buf_t line;
    tm_buf_t answer;
    tm_buf_init(&line, ANSWER_BYTES_MAX);
    tm_buf_init(&answer, ANSWER_BYTES_MAX);
    uint64_t i = 0;
    for (; matrix->n < bytes; i++) {
        tm_buf_clear(&line);
        line_json(campaign, i, &line);
        tm_buf_add_char(&line, '\0');
        server_ask(server, "/api/v1/buy-lines", line.p, 201, &answer);
        server_ask(server, path, NULL, 200, matrix);
    }
    tm_buf_done(&line);
    tm_buf_done(&answer);
    return i;
}
