/* Chooses the subcommand. */
#include "berth.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *made[4];
static int made_count;

void undo_at_failure(const char *path) {
    made[made_count++ % 4] = path;
}

void give_up(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("berth-native: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    for (int i = 0; i < made_count; i++) {
        unlink(made[i]);
    }
    _exit(code);
}

static const char usage[] =
    "usage: berth-native pause\n"
    "       berth-native userns   (asked on stdin, answers on stdout)\n"
    "       berth-native log --stdout FIFO [--stderr FIFO | --tty] (--log FILE | --discard)\n"
    "                        --control SOCKET [--max-line BYTES] [--stall-millis MILLIS]\n"
    "       berth-native [--address SOCKET] publish --topic TOPIC --namespace NAMESPACE\n"
    "                        [--bundle DIRECTORY]   (event on stdin)\n"
    "       berth-native plugin --socket SOCKET --program PROGRAM\n"
    "       berth-native --version\n";

int main(int argc, char **argv) {
    const char *name = argc > 0 ? strrchr(argv[0], '/') : NULL;
    name = name != NULL ? name + 1 : argc > 0 ? argv[0] : "";
    if (strcmp(name, "criu") == 0) {
        return criu_main(argc, argv);
    }
    if (argc >= 2) {
        const char *first = argv[1];
        if (strcmp(first, "pause") == 0) {
            return pause_main(argc - 1, argv + 1);
        }
        if (strcmp(first, "userns") == 0) {
            return userns_main(argc - 1, argv + 1);
        }
        if (strcmp(first, "log") == 0) {
            return log_main(argc - 1, argv + 1);
        }
        if (strcmp(first, "plugin") == 0) {
            return plugin_main(argc - 1, argv + 1);
        }
        /* Shims put the address before the subcommand: the whole line is publish's to read. */
        if (strcmp(first, "publish") == 0 || strncmp(first, "--address", 9) == 0) {
            return publish_main(argc, argv);
        }
        if (strcmp(first, "--version") == 0) {
            puts("berth-native " BERTH_VERSION);
            return 0;
        }
        if (strcmp(first, "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
    }
    fputs(usage, stderr);
    return EXIT_USAGE;
}
