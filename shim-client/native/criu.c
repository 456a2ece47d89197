/*
 * `criu`, found before the real one in the PATH that shims are given: stands between an OCI runtime
 * and CRIU while processes are restored, and checks them before they run.
 *
 * Runtimes start `criu swrk FD` and speak CRIU's protocol over the descriptor, messages of protobuf
 * on a socket that keeps their bounds. CRIU asks before each stage. At "pre-resume" the processes are
 * complete, with their credentials and filters, and CRIU holds every thread by ptrace; at
 * "post-restore" neither is set yet. CRIU goes on whatever it is answered at "pre-resume", so
 * processes that have too many rights are killed, and CRIU after them.
 *
 *     FOLDER/checkpoint   the images, which the runtime has open
 *     FOLDER/rights       what the processes may have; without it nothing is restored
 *     FOLDER/verdict      "held N" for N threads that were checked, or "refused REASON"; ours
 *
 * For all but a restore this program becomes the real one at once.
 */
#include "berth.h"
#include "rights.h"
#include "wire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Our own descriptors are above those that a runtime hands down, and below the usual limit. */
enum { OUT_OF_THE_WAY = 512, MESSAGE_SPACE = 1 << 20, DESCRIPTORS = 16 };
/* criu_req and criu_resp: type 1, opts 2 (images_dir_fd 1), notify_success 3, notify 5 (script 1, pid 2) */
enum { RESTORE = 2, NOTIFY = 6 };

static unsigned char message[MESSAGE_SPACE];
static struct rights rights;
static char reason[512];

/* The first criu in PATH that is not this program. */
static const char *real_criu(void) {
    static char found[4096];
    struct stat ours, other;
    const char *path = getenv("PATH");
    if (path == NULL || stat("/proc/self/exe", &ours) != 0) {
        give_up(EXIT_FAILED, "criu: PATH or /proc/self/exe is missing");
    }
    while (*path != '\0') {
        int length = (int)strcspn(path, ":");
        int printed = snprintf(found, sizeof found, "%.*s/criu", length, path);
        if (length > 0 && printed > 0 && (size_t)printed < sizeof found &&
            stat(found, &other) == 0 && access(found, X_OK) == 0 &&
            (other.st_dev != ours.st_dev || other.st_ino != ours.st_ino)) {
            return found;
        }
        path += length + (path[length] == ':');
    }
    give_up(EXIT_FAILED, "criu: found no criu in PATH");
}

/* A number of a message; missing if it has none. */
static uint64_t number(const unsigned char *bytes, size_t length, int wanted, uint64_t missing) {
    struct wire_field field;
    size_t position = 0;
    bool malformed = false;
    while (wire_next(bytes, length, &position, &field, &malformed)) {
        if (field.number == wanted && field.bytes == NULL) {
            missing = field.value;
        }
    }
    return missing;
}

static bool inner(const unsigned char *bytes, size_t length, int wanted, struct wire_field *found) {
    struct wire_field field;
    size_t position = 0;
    bool malformed = false, any = false;
    while (wire_next(bytes, length, &position, &field, &malformed)) {
        if (field.number == wanted && field.bytes != NULL) {
            *found = field;
            any = true;
        }
    }
    return any;
}

static int away(int descriptor) {
    int moved = fcntl(descriptor, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (moved < 0) {
        give_up(EXIT_FAILED, "criu: fcntl: %s", strerror(errno));
    }
    close(descriptor);
    return moved;
}

/* CRIU opens folders by the numbers that they have in the process at the other end: in this one. */
static void same_folders(pid_t runtime) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", runtime);
    for (int low = 3; low < OUT_OF_THE_WAY; low++) {
        close(low);
    }
    DIR *all = opendir(path);
    if (all == NULL) {
        give_up(EXIT_FAILED, "criu: %s: %s", path, strerror(errno));
    }
    int list = fcntl(dirfd(all), F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    closedir(all);
    all = list < 0 ? NULL : fdopendir(list);
    for (struct dirent *entry = all == NULL ? NULL : readdir(all); entry != NULL;
         entry = readdir(all)) {
        struct stat status;
        long wanted = strtol(entry->d_name, NULL, 10);
        if (wanted < 3 || wanted >= OUT_OF_THE_WAY || fstatat(list, entry->d_name, &status, 0) != 0 ||
            !S_ISDIR(status.st_mode)) {
            continue;
        }
        int opened = openat(list, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (opened >= 0 && opened != (int)wanted) {
            dup3(opened, (int)wanted, O_CLOEXEC);
            close(opened);
        }
    }
    if (all != NULL) {
        closedir(all);
    }
}

/* Takes a message and the descriptors that come with it; its length, 0 at the end. */
static ssize_t receive(int from, struct msghdr *header, struct iovec *bytes, void *control,
                       size_t space) {
    *bytes = (struct iovec){.iov_base = message, .iov_len = sizeof message};
    *header = (struct msghdr){.msg_iov = bytes,
                              .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = (socklen_t)space};
    ssize_t n;
    do {
        n = recvmsg(from, header, MSG_CMSG_CLOEXEC);
    } while (n < 0 && errno == EINTR);
    if (n > 0 && (header->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        give_up(EXIT_FAILED, "criu: found a message of more than %d bytes", MESSAGE_SPACE);
    }
    return n;
}

/* Passes the message on; false if the other end is gone. */
static bool pass(int to, struct msghdr *header, struct iovec *bytes, size_t length) {
    bytes->iov_len = length;
    header->msg_flags = 0;
    if (header->msg_controllen == 0) {
        header->msg_control = NULL;
    }
    ssize_t sent;
    do {
        sent = sendmsg(to, header, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    /* All descriptors of a message are in one part. */
    struct cmsghdr *part = CMSG_FIRSTHDR(header);
    size_t count = part != NULL && part->cmsg_type == SCM_RIGHTS
                       ? (part->cmsg_len - CMSG_LEN(0)) / sizeof(int)
                       : 0;
    for (size_t i = 0; i < count; i++) {
        int descriptor;
        memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
        close(descriptor);
    }
    return sent == (ssize_t)length;
}

/* Writes the verdict beside the images; false if that cannot be done. */
static bool verdict(int images, const char *word, const char *more) {
    char text[640];
    int length = snprintf(text, sizeof text, "%s %s\n", word, more);
    int file = openat(images, "../verdict.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                      0600);
    bool written = file >= 0 && write(file, text, (size_t)length) == length;
    if (file >= 0) {
        close(file);
    }
    return written && renameat(images, "../verdict.new", images, "../verdict") == 0;
}

/* Judges the processes, which are complete and held by CRIU; those that may not go on are killed. */
static bool judge(int images, pid_t root) {
    char count[16];
    int held = root > 1 ? rights_check(&rights, root, reason, sizeof reason) : -1;
    if (root <= 1) {
        snprintf(reason, sizeof reason, "CRIU named no first process");
    }
    snprintf(count, sizeof count, "%d", held);
    if (held > 0 && verdict(images, "held", count)) {
        return true;
    }
    if (root > 1) {
        rights_kill(root);
    }
    verdict(images, "refused", held > 0 ? "the verdict cannot be written" : reason);
    return false;
}

/*
 * Ends CRIU when the processes that it holds are killed: it would wait for the first one for ever,
 * which waits for the others, which wait for CRIU as their tracer. The runtime is told of a failure.
 */
static void give_back(pid_t criu, int runtime) {
    static const unsigned char failed[] = {0x08, RESTORE, 0x10, 0x00};
    kill(criu, SIGKILL);
    send(runtime, failed, sizeof failed, MSG_NOSIGNAL);
}

/* Answers CRIU in place of a runtime that is gone. */
static void refuse(int criu) {
    static const unsigned char no[] = {0x08, NOTIFY, 0x18, 0x00};
    send(criu, no, sizeof no, MSG_NOSIGNAL);
}

/* Hands messages on until CRIU has ended; the processes are judged even if the runtime has gone. */
static void between(int runtime, int criu, int images, pid_t child) {
    static union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
    } control;
    struct msghdr header;
    struct iovec bytes;
    pid_t root = 0;
    struct pollfd ends[] = {{.fd = criu, .events = POLLIN}, {.fd = runtime, .events = POLLIN}};
    for (;;) {
        if (poll(ends, 2, -1) < 0) {
            if (errno == EINTR) {
                continue;
            }
            give_up(EXIT_FAILED, "criu: poll: %s", strerror(errno));
        }
        if (ends[1].revents != 0) {
            ssize_t n = receive(runtime, &header, &bytes, &control, sizeof control);
            if (n <= 0 || !pass(criu, &header, &bytes, (size_t)n)) {
                ends[1].fd = -1;
                ends[1].revents = 0;
            }
        }
        if (ends[0].revents != 0) {
            ssize_t n = receive(criu, &header, &bytes, &control, sizeof control);
            if (n <= 0) {
                return;
            }
            struct wire_field notify, script;
            bool asks = number(message, (size_t)n, 1, 0) == NOTIFY &&
                        inner(message, (size_t)n, 5, &notify);
            if (asks) {
                root = (pid_t)number(notify.bytes, notify.length, 2, (uint64_t)root);
                if (inner(notify.bytes, notify.length, 1, &script) && script.length == 10 &&
                    memcmp(script.bytes, "pre-resume", 10) == 0 && !judge(images, root)) {
                    give_back(child, runtime);
                    return;
                }
            }
            if (ends[1].fd < 0 || !pass(runtime, &header, &bytes, (size_t)n)) {
                if (asks) {
                    refuse(criu);
                }
                ends[1].fd = -1;
            }
        }
    }
}

static int restore(const char *real, int runtime, char **argv, int images_number) {
    int pair[2], type = SOCK_SEQPACKET;
    struct ucred peer;
    socklen_t type_size = sizeof type, peer_size = sizeof peer;
    getsockopt(runtime, SOL_SOCKET, SO_TYPE, &type, &type_size);
    if (getsockopt(runtime, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) != 0 ||
        socketpair(AF_UNIX, type, 0, pair) != 0) {
        give_up(EXIT_FAILED, "criu: the socket of the OCI runtime: %s", strerror(errno));
    }
    int number_wanted = runtime;
    int ours = away(pair[0]), theirs = away(pair[1]);
    runtime = away(runtime);
    pid_t child = fork();
    if (child < 0) {
        give_up(EXIT_FAILED, "criu: fork: %s", strerror(errno));
    }
    if (child == 0) {
        if (dup2(theirs, number_wanted) == number_wanted) {
            execv(real, argv);
        }
        give_up(EXIT_FAILED, "criu: %s: %s", real, strerror(errno));
    }
    close(theirs);
    same_folders(peer.pid);
    int images = fcntl(images_number, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (images < 0) {
        give_up(EXIT_FAILED, "criu: found no folder of images at descriptor %d", images_number);
    }
    unlinkat(images, "../verdict", 0);
    if (!rights_read(&rights, images, "../rights", reason, sizeof reason)) {
        verdict(images, "refused", reason);
        give_up(EXIT_FAILED, "criu: %s", reason);
    }
    between(runtime, ours, images, child);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

int criu_main(int argc, char **argv) {
    const char *real = real_criu();
    if (argc == 3 && strcmp(argv[1], "swrk") == 0) {
        int runtime = atoi(argv[2]);
        ssize_t n;
        do {
            n = recv(runtime, message, sizeof message, MSG_PEEK);
        } while (n < 0 && errno == EINTR);
        struct wire_field options;
        if (n > 0 && number(message, (size_t)n, 1, 0) == RESTORE) {
            bool named = inner(message, (size_t)n, 2, &options);
            int images = named ? (int)number(options.bytes, options.length, 1, UINT64_MAX) : -1;
            return restore(real, runtime, argv, images);
        }
    }
    execv(real, argv);
    give_up(EXIT_FAILED, "criu: %s: %s", real, strerror(errno));
}
