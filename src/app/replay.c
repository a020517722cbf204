/* replay.c - `trailmix replay` and `trailmix verify`: the journal read, nothing changed.
 *
 * Why:     the same journal must give the same state hash on any machine; an auditor must be able
 *          to check every byte.
 * Threads: main. */
#include "app/commands.h"
#include "app/state.h"

#include "base/time.h"
#include "store/checkpoint.h"
#include "store/recovery.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES 1200

static const char replay_usage[] =
    "usage: trailmix replay [--data DIR] [--full] [--json]\n\n"
    "Rebuilds all state from the newest good checkpoint and the journal behind it, changes "
    "nothing, prints the state's hash.\n"
    "  --full  from the journal alone, archived segments too\n";
static const char verify_usage[] =
    "usage: trailmix verify [--data DIR] [--json]\n\n"
    "Checks every checksum and the hash chain of the journal, archived segments too, and every "
    "checkpoint; names the first bad record or file (exit 1).\n";

typedef struct options {
    const char *data;
    bool json, full;
} options_t;

static int parse_options(const char *name, const char *usage, int argc, char **argv, options_t *ret)
{
    static const char *const flags[] = {"--json", "--full", "--help", "-h", NULL};
    tm_args_t args = {.argc = argc, .argv = argv, .at = 1, .flags = flags};
    const char *value = NULL;
    const char *from_env = getenv("TRAILMIX_DATA");
    *ret = (options_t){.data = from_env != NULL && from_env[0] != '\0' ? from_env : "./data"};
    for (const char *option; (option = tm_args_next(&args, &value)) != NULL;) {
        if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0) {
            (void)fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(option, "--json") == 0) {
            ret->json = true;
        } else if (strcmp(option, "--full") == 0 && strcmp(name, "replay") == 0) {
            ret->full = true;
        } else if (strcmp(option, "--data") == 0 && value != NULL) {
            ret->data = value;
        } else {
            return tm_command_fail(name, 2, "cannot use \"%s\" (see --help)",
                                   option[0] == '\0' ? value : option);
        }
    }
    return 0;
}

/* One commit a message, numbered from 1. */
static void print_replay(const options_t *o, const tm_journal_info_t *info, double seconds,
                         const tm_sha256_t *hash)
{
    char hex[TM_SHA256_TEXT];
    tm_sha256_format(hash, hex);
    if (o->json) {
        (void)printf("{\"seq\":%llu,\"messages\":%llu,\"seconds\":%.3f,\"state_sha256\":\"%s\"}\n",
                     (unsigned long long)info->last, (unsigned long long)info->last, seconds, hex);
    } else {
        (void)printf("commit %llu, %llu messages in %.3f s, state %s\n",
                     (unsigned long long)info->last, (unsigned long long)info->last, seconds, hex);
    }
}

int tm_replay_command(int argc, char **argv)
{
    options_t o;
    tm_why_t why;
    tm_why_clear(&why);
    tm_state_t state;
    const int bad = parse_options("replay", replay_usage, argc, argv, &o);
    if (bad != 0)
        return bad;
    const int64_t began = tm_time_mono_ns();
    if (tm_state_open(o.data, o.full, &state, &why) != TM_OK)
        return tm_command_why("replay", &why);
    const tm_sha256_t hash = tm_runtime_hash(state.recovery.rt);
    print_replay(&o, &state.info, (double)(tm_time_mono_ns() - began) / 1e9, &hash);
    tm_state_close(&state);
    return 0;
}

/* ---- verify ---- */

#define CHECKPOINTS_MAX 64

typedef struct verified {
    uint64_t first, commits;
    uint32_t checkpoints;
} verified_t;

static tm_err_t verify_one(void *ctx, uint64_t number, tm_str_t body, tm_why_t *why)
{
    verified_t *v = ctx;
    v->first = v->commits++ == 0 ? number : v->first;
    TM_AUTO(tm_arena_free_p) tm_arena_t *arena = tm_arena_new(256u << 20);
    tm_commit_view_t commit;
    const tm_err_t err = tm_commit_decode(body, arena, &commit);
    return err == TM_OK ? TM_OK
                        : tm_why_add(why, err, NULL, "commit %llu cannot be decoded",
                                     (unsigned long long)number);
}

/* Each listed checkpoint: its own checksums, and that it is of this journal. Files that a server
 * removes meanwhile are not missed. */
static tm_err_t verify_checkpoints(const tm_disk_t *disk, tm_journal_t *journal,
                                   const uint64_t *numbers, uint32_t n, verified_t *v,
                                   tm_why_t *why)
{
    for (uint32_t i = 0; i < n; i++) {
        tm_checkpoint_head_t head;
        tm_sha256_t chain;
        char name[TM_CHECKPOINT_NAME];
        tm_why_t bad;
        tm_why_clear(&bad);
        tm_err_t err = tm_checkpoint_verify(disk, numbers[i], &head, &bad);
        if (err == TM_ENOTFOUND)
            continue;
        if (err != TM_OK)
            return tm_why_add(why, err, NULL, "%s", bad.faults[0].text);
        tm_checkpoint_name(numbers[i], name);
        if (numbers[i] > tm_journal_durable(journal))
            return tm_why_add(why, TM_EDAMAGED, NULL, "the journal ends before the checkpoint %s",
                              name);
        err = tm_journal_chain(journal, numbers[i], &chain);
        if (err != TM_OK || memcmp(&chain, &head.chain, sizeof chain) != 0)
            return tm_why_add(why, TM_EDAMAGED, NULL, "the checkpoint %s is of another journal",
                              name);
        v->checkpoints++;
    }
    return TM_OK;
}

static void print_verified(const options_t *o, const tm_journal_info_t *info, const verified_t *v)
{
    if (o->json) {
        (void)printf("{\"commits\":%llu,\"from\":%llu,\"segments\":%llu,\"bytes\":%llu,"
                     "\"torn_bytes\":%llu,\"checkpoints\":%u,\"ok\":true}\n",
                     (unsigned long long)v->commits, (unsigned long long)v->first,
                     (unsigned long long)info->segments, (unsigned long long)info->bytes,
                     (unsigned long long)info->torn_bytes, v->checkpoints);
        return;
    }
    (void)printf("%llu commits from commit %llu on: checksums and chain hold%s\n",
                 (unsigned long long)v->commits, (unsigned long long)v->first,
                 info->torn_bytes > 0 ? "; a torn tail follows, nothing of it was acknowledged"
                                      : "");
    (void)printf("%u checkpoints: checksums hold\n", v->checkpoints);
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
    /* Listed before the journal is opened: whatever they hold was durable then. */
    tm_disk_t checkpoints = {0};
    uint64_t numbers[CHECKPOINTS_MAX];
    uint32_t n = 0;
    if (tm_state_checkpoints(o.data, &checkpoints) &&
        tm_checkpoint_list(&checkpoints, CHECKPOINTS_MAX, numbers, &n) != TM_OK) {
        tm_disk_close(&checkpoints);
        return tm_command_fail("verify", 1, "the folder of checkpoints cannot be read");
    }
    tm_err_t err = tm_state_journal(o.data, &disk, &journal, &info, &why);
    if (err != TM_OK) {
        tm_disk_close(&checkpoints);
        return tm_command_why("verify", &why);
    }
    verified_t v = {0};
    err = tm_journal_replay(journal, 0, true, verify_one, &v, &why);
    err = err != TM_OK ? err : verify_checkpoints(&checkpoints, journal, numbers, n, &v, &why);
    if (err == TM_OK) {
        print_verified(&o, &info, &v);
    }
    tm_disk_close(&checkpoints);
    tm_journal_free(journal);
    tm_disk_close(&disk);
    return err == TM_OK ? 0 : tm_command_why("verify", &why);
}
