/* replay.c - `trailmix replay` and `trailmix verify`: the journal read, nothing changed.
 *
 * Why:     the same journal must give the same state hash on any machine; an auditor must be able
 *          to check every byte.
 * Threads: main. */
#include "app/commands.h"

#include "actors/kinds.h"
#include "base/time.h"
#include "store/journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES 1200

static const char replay_usage[] =
    "usage: trailmix replay [--data DIR] [--json]\n\n"
    "Rebuilds all state from the journal, changes nothing, prints the state's hash.\n";
static const char verify_usage[] = "usage: trailmix verify [--data DIR] [--json]\n\n"
                                   "Checks every checksum and the hash chain of the journal; names "
                                   "the first bad record (exit 1).\n";

typedef struct options {
    const char *data;
    bool json;
} options_t;

static int parse_options(const char *name, const char *usage, int argc, char **argv, options_t *ret)
{
    static const char *const flags[] = {"--json", "--help", "-h", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    const char *from_env = getenv("TRAILMIX_DATA");
    *ret = (options_t){from_env != NULL && from_env[0] != '\0' ? from_env : "./data", false};
    for (const char *option; (option = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(option, "--json") == 0) {
            ret->json = true;
        } else if (strcmp(option, "--data") == 0 && value != NULL) {
            ret->data = value;
        } else {
            return tm_command_fail(name, 2, "cannot use \"%s\" (see --help)",
                                   option[0] == '\0' ? value : option);
        }
    }
    return 0;
}

static tm_err_t open_journal(const char *data, tm_disk_t *disk, tm_journal_t **ret,
                             tm_journal_info_t *info, tm_why_t *why)
{
    char path[PATH_BYTES];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/journal", data);
    if (stat(path, &st) != 0)
        return tm_why_add(why, TM_ENOTFOUND, NULL, "there is no journal in %s", data);
    tm_err_t err = tm_disk_folder(path, disk, why);
    if (err != TM_OK)
        return err;
    const tm_journal_options_t options = {.disk = *disk, .segment_bytes = UINT64_C(16) << 20};
    err = tm_journal_open(&options, ret, info, why);
    if (err != TM_OK) {
        tm_disk_close(disk);
    }
    return err;
}

/* ---- replay ---- */

static tm_err_t replay_one(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    return tm_runtime_replay(ctx, number, body, why);
}

/* Replay only applies: nothing is staged, sent or answered, so nothing of the world is asked. */
static tm_ms_t no_clock(void *self TM_UNUSED)
{
    return (tm_ms_t){0};
}

static void no_random(void *self TM_UNUSED, void *p, size_t n)
{
    memset(p, 0, n);
}

static tm_err_t no_reserve(void *self TM_UNUSED, size_t bytes TM_UNUSED)
{
    return TM_EDISKFULL;
}

static void no_push(void *self TM_UNUSED, tm_commit_t *first TM_UNUSED, tm_commit_t *last TM_UNUSED)
{
    assert(false && "replay stages nothing");
}

static void no_answer(void *self TM_UNUSED, uint64_t number TM_UNUSED, tm_reply_to_t to TM_UNUSED)
{
}

static void no_job(void *self TM_UNUSED, uint32_t actor TM_UNUSED, uint16_t type TM_UNUSED,
                   const tm_desc_t *desc TM_UNUSED, const void *record TM_UNUSED)
{
}

static void no_reply(void *self TM_UNUSED, tm_reply_to_t to TM_UNUSED,
                     const tm_answer_t *answer TM_UNUSED)
{
}

static void no_live(void *self TM_UNUSED, uint32_t actor TM_UNUSED) {}

static const tm_env_t no_world = {
    .now = no_clock,
    .random = no_random,
    .journal_reserve = no_reserve,
    .journal_push = no_push,
    .journal_answer = no_answer,
    .job_start = no_job,
    .reply = no_reply,
    .live = no_live,
};

static void print_replay(const options_t *o, const tm_journal_info_t *info, double seconds,
                         const tm_sha256_t *hash)
{
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(hash, hex);
    if (o->json) {
        (void)printf("{\"seq\":%llu,\"messages\":%llu,\"seconds\":%.3f,\"state_sha256\":\"%s\"}\n",
                     (unsigned long long)info->last, (unsigned long long)info->commits, seconds,
                     hex);
    } else {
        (void)printf("commit %llu, %llu messages in %.3f s, state %s\n",
                     (unsigned long long)info->last, (unsigned long long)info->commits, seconds,
                     hex);
    }
}

int tm_replay_command(int argc, char **argv)
{
    options_t o;
    tm_why_t why;
    tm_why_clear(&why);
    tm_disk_t disk;
    tm_journal_t *journal = NULL;
    tm_journal_info_t info;
    const int bad = parse_options("replay", replay_usage, argc, argv, &o);
    if (bad != 0)
        return bad;
    if (open_journal(o.data, &disk, &journal, &info, &why) != TM_OK)
        return tm_command_why("replay", &why);
    const tm_runtime_options_t options = {
        .kinds = tm_kinds,
        .messages = tm_messages,
        .n_messages = TM_MSG_COUNT,
        .env = no_world,
    };
    tm_runtime_t *rt = tm_runtime_new(&options);
    tm_actors_ensure(rt);
    const int64_t began = tm_time_mono_ns();
    const tm_err_t err = tm_journal_replay(journal, false, replay_one, rt, &why);
    if (err == TM_OK) {
        const tm_sha256_t hash = tm_runtime_hash(rt);
        print_replay(&o, &info, (double)(tm_time_mono_ns() - began) / 1e9, &hash);
    }
    tm_runtime_free(rt);
    tm_journal_free(journal);
    tm_disk_close(&disk);
    return err == TM_OK ? 0 : tm_command_why("replay", &why);
}

/* ---- verify ---- */

static tm_err_t verify_one(void *ctx TM_UNUSED, uint64_t number, tm_str_t body, tm_why_t *why)
{
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(256u << 20);
    tm_commit_view_t commit;
    const tm_err_t err = tm_commit_decode(body, arena, &commit);
    return err == TM_OK ? TM_OK
                        : tm_why_add(why, err, NULL, "commit %llu cannot be decoded",
                                     (unsigned long long)number);
}

int tm_verify_command(int argc, char **argv)
{
    options_t o;
    tm_why_t why;
    tm_why_clear(&why);
    tm_disk_t disk;
    tm_journal_t *journal = NULL;
    tm_journal_info_t info;
    const int bad = parse_options("verify", verify_usage, argc, argv, &o);
    if (bad != 0)
        return bad;
    if (open_journal(o.data, &disk, &journal, &info, &why) != TM_OK)
        return tm_command_why("verify", &why);
    const tm_err_t err = tm_journal_replay(journal, true, verify_one, NULL, &why);
    if (err == TM_OK && o.json) {
        (void)printf(
            "{\"commits\":%llu,\"segments\":%llu,\"bytes\":%llu,\"torn_bytes\":%llu,\"ok\":true}\n",
            (unsigned long long)info.commits, (unsigned long long)info.segments,
            (unsigned long long)info.bytes, (unsigned long long)info.torn_bytes);
    } else if (err == TM_OK) {
        (void)printf("%llu commits in %llu segments: checksums and chain hold%s\n",
                     (unsigned long long)info.commits, (unsigned long long)info.segments,
                     info.torn_bytes > 0 ? "; a torn tail follows, nothing of it was acknowledged"
                                         : "");
    }
    tm_journal_free(journal);
    tm_disk_close(&disk);
    return err == TM_OK ? 0 : tm_command_why("verify", &why);
}
