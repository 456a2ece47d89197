/*
 * `berth-native userns`: the process in which a pod's user namespace begins.
 *
 * A namespace needs a process until it is pinned, and a program of many threads cannot enter a new
 * user namespace itself. The daemon speaks, a byte at a time:
 *
 *     to the daemon   u   this process is in a new user namespace that has no maps yet
 *     from it         n   the maps are written: make a network namespace that this one owns
 *     to the daemon   n   it is there
 *     from it         end of input: everything is pinned
 *
 * Whatever becomes of the daemon, its end of the pipe closes, and this process goes.
 */
#include "berth.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static void say(char what) {
    if (write(STDOUT_FILENO, &what, 1) != 1) {
        give_up(EXIT_FAILED, "userns: the daemon is gone: %s", strerror(errno));
    }
}

int userns_main(int argc, char **argv) {
    if (argc > 1) {
        give_up(EXIT_USAGE, "userns: %s: wanted no argument", argv[1]);
    }
    if (unshare(CLONE_NEWUSER) != 0) {
        give_up(EXIT_FAILED, "userns: unshare: %s", strerror(errno));
    }
    say('u');
    for (;;) {
        char asked;
        ssize_t count = read(STDIN_FILENO, &asked, 1);
        if (count == 0) {
            return 0;
        }
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            give_up(EXIT_FAILED, "userns: read: %s", strerror(errno));
        }
        if (asked != 'n') {
            give_up(EXIT_USAGE, "userns: found byte %d, wanted n or the end", asked);
        }
        if (unshare(CLONE_NEWNET) != 0) {
            give_up(EXIT_FAILED, "userns: unshare of the network: %s", strerror(errno));
        }
        say('n');
    }
}
