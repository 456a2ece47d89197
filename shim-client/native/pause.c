/*
 * `berth-native pause`: the process that holds a pod's namespaces.
 *
 * In a pod's pid namespace it is pid 1. The kernel throws away a signal that pid 1 has neither
 * blocked nor handled, so the signals are blocked by the very first call and then fetched one by
 * one: none can be lost after that call, and no handler is needed. Orphans of the pod are reaped.
 */
#include "berth.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

int pause_main(int argc, char **argv) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGINT);
    sigaddset(&awaited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &awaited, NULL);

    if (argc > 1) {
        if (strcmp(argv[1], "--version") == 0) {
            puts("berth-native " BERTH_VERSION);
            return 0;
        }
        give_up(EXIT_USAGE, "pause: %s: wanted no argument or --version", argv[1]);
    }
    for (;;) {
        siginfo_t info;
        int number = sigwaitinfo(&awaited, &info);
        if (number == SIGTERM || number == SIGINT) {
            return 0;
        }
        if (number < 0 && errno != EINTR) {
            give_up(EXIT_FAILED, "pause: sigwaitinfo: %s", strerror(errno));
        }
        /* One SIGCHLD may stand for many children. */
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
    }
}
