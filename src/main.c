/* main.c - the command `trailmix`.
 *
 * How:     `child` comes first: the sandboxed children of a server are this binary too and must
 *          start fast. */
#include "app/commands.h"
#include "feeds/reader.h"

#include <stdio.h>

typedef struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} command_t;

static const command_t commands[] = {
    {"serve", tm_serve_command, "the server"},
    {"read", tm_read_command, "read documents, store nothing"},
    {"import", tm_import_command, "store documents or tables and wait until they are read"},
    {"match-names", tm_match_names_command, "raw advertiser names against a list of known ones"},
    {"replay", tm_replay_command, "rebuild all state from the journal, print its hash"},
    {"verify", tm_verify_command, "check the journal's checksums and hash chain"},
    {"rebuild", tm_rebuild_command, "make the SQL database anew from the state"},
    {"check-database", tm_check_database_command, "compare the SQL database with the state"},
    {"dump", tm_dump_command, "what the program knows about itself"},
    {"check-config", tm_check_config_command, "every setting with its origin"},
};

static int help(FILE *out, int status)
{
    (void)fputs("usage: trailmix COMMAND [OPTIONS]\n\nTrailMix keeps one live spend matrix per "
                "political race.\n\n",
                out);
    for (size_t i = 0; i < TM_COUNT(commands); i++) {
        (void)fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].what);
    }
    (void)fputs("\n`trailmix COMMAND --help` tells more.\n", out);
    return status;
}

int main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "child") == 0)
        return tm_sandbox_child_main(argc, argv);
    if (argc < 2)
        return help(stderr, 2);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0)
        return help(stdout, 0);
    for (size_t i = 0; i < TM_COUNT(commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    (void)fprintf(stderr, "trailmix: there is no command \"%s\"\n\n", argv[1]);
    return help(stderr, 2);
}
