/*
 * `berth-native plugin --socket SOCKET --program PROGRAM`: becomes a node plugin that finds its
 * connection as descriptor 3.
 *
 * The process that was started connects, leaves a child in a session of its own that runs PROGRAM,
 * and ends once the kernel has taken PROGRAM: whoever waits for it knows that the plugin runs, or
 * why it does not. The plugin keeps the environment; its other descriptors are /dev/null.
 */
#include "berth.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTION = 3, OUT_OF_THE_WAY = 10 };

static int connected(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        give_up(EXIT_USAGE, "plugin: %s: a socket's path has at most %zu bytes", path,
                sizeof address.sun_path - 1);
    }
    strcpy(address.sun_path, path);
    int found = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (found < 0 || connect(found, (struct sockaddr *)&address, sizeof address) < 0) {
        give_up(EXIT_FAILED, "plugin: %s: %s", path, strerror(errno));
    }
    int moved = fcntl(found, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (moved < 0) {
        give_up(EXIT_FAILED, "plugin: fcntl: %s", strerror(errno));
    }
    close(found);
    return moved;
}

__attribute__((noreturn)) static void become(const char *program, int connection, int report) {
    char *arguments[] = {(char *)program, NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setsid();
    int null = open("/dev/null", O_RDWR);
    if (null >= 0 && dup2(null, 0) >= 0 && dup2(null, 1) >= 0 && dup2(null, 2) >= 0 &&
        dup2(connection, CONNECTION) >= 0) {
        if (null > CONNECTION) {
            close(null);
        }
        execv(program, arguments);
    }
    int why = errno;
    ssize_t told = write(report, &why, sizeof why);
    _exit(told == (ssize_t)sizeof why ? EXIT_FAILED : EXIT_USAGE);
}

int plugin_main(int argc, char **argv) {
    const char *socket_path = NULL;
    const char *program = NULL;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--socket") == 0) {
            socket_path = argv[i + 1];
        } else if (strcmp(argv[i], "--program") == 0) {
            program = argv[i + 1];
        } else {
            give_up(EXIT_USAGE, "plugin: %s: wanted --socket or --program", argv[i]);
        }
    }
    if (!socket_path || !program || argc != 5) {
        give_up(EXIT_USAGE, "plugin: wanted --socket SOCKET --program PROGRAM");
    }
    int connection = connected(socket_path);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        give_up(EXIT_FAILED, "plugin: pipe: %s", strerror(errno));
    }
    int report = fcntl(ends[1], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (report < 0) {
        give_up(EXIT_FAILED, "plugin: fcntl: %s", strerror(errno));
    }
    close(ends[1]);
    pid_t child = fork();
    if (child < 0) {
        give_up(EXIT_FAILED, "plugin: fork: %s", strerror(errno));
    }
    if (child == 0) {
        become(program, connection, report);
    }
    close(report);
    int why = 0;
    ssize_t told;
    do {
        told = read(ends[0], &why, sizeof why);
    } while (told < 0 && errno == EINTR);
    if (told != 0) { /* the pipe closes without a word when the kernel takes the program */
        waitpid(child, NULL, 0);
        give_up(EXIT_FAILED, "plugin: %s: %s", program, strerror(why));
    }
    printf("{\"pid\":%d}\n", (int)child);
    return 0;
}
