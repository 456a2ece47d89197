/*
 * `berth-native log`: writes one container's output, from its FIFOs to its log file.
 *
 * The caller's process opens everything, leaves a daemon behind and exits 0 with {"pid":…} on
 * stdout: when it has exited, the FIFOs have a reader and the control socket answers. On failure it
 * removes what it made, explains on stderr and exits otherwise.
 *
 * The daemon is one poll loop plus the disk thread (disk.h). It ends when both streams have ended,
 * which the kernel reports once a FIFO has had writers and has none left, or when told to.
 */
#include "berth.h"
#include "log_options.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    INPUT = 32 * 1024,       /* bytes a read; with BATCH in disk.c a busy writer stays under 300 KiB */
    PIPE = 256 * 1024,       /* what a FIFO holds while the writer waits for the disk */
    WARM_MILLIS = 2000,      /* quiet time after which buffers go back to the kernel */
    STOP_BYTES = 4 << 20,    /* what stop takes at most from a FIFO that is filled on */
    TAP_END_MILLIS = 1000,   /* how long taps may take to fetch the last output */
};

/* With after_loss the FIFO had writers before: so that their end is told also if it has come already,
   it has one for a moment. */
static int open_fifo(const char *path, bool after_loss) {
    if (mkfifo(path, 0600) == 0) {
        undo_at_failure(path);
    } else if (errno != EEXIST) {
        give_up(EXIT_FAILED, "fifo %s: mkfifo: %s", path, strerror(errno));
    }
    int fifo = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fifo < 0) {
        give_up(EXIT_FAILED, "fifo %s: open: %s", path, strerror(errno));
    }
    struct stat status;
    if (fstat(fifo, &status) != 0 || !S_ISFIFO(status.st_mode)) {
        give_up(EXIT_FAILED, "fifo %s: not a FIFO", path);
    }
    if (after_loss) {
        int writer = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
        if (writer >= 0) {
            close(writer);
        }
    }
    fcntl(fifo, F_SETPIPE_SZ, PIPE); /* a limit for users without CAP_SYS_RESOURCE may refuse */
    return fifo;
}

/* Leaves 0, 1 and 2 open, whatever the launcher did, and nothing else. */
static void close_inherited(void) {
    int null;
    do {
        null = open("/dev/null", O_RDWR);
    } while (null >= 0 && null <= 2);
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0) {
        return;
    }
#endif
    for (int fd = 3; fd < 65536; fd++) {
        close(fd);
    }
}

static void open_writer(struct writer *writer, const struct log_options *options) {
    const char *paths[STREAMS] = {options->out, options->err};
    bool fresh_log = options->log != NULL && access(options->log, F_OK) != 0;
    disk_open(&writer->disk, options->log, HEAD_LIMIT + options->max_line + 1,
              options->stall_millis);
    if (fresh_log) {
        undo_at_failure(options->log);
    }
    for (int i = 0; i < STREAMS; i++) {
        lines_open(&writer->lines[i], &writer->disk, i, options->max_line);
        writer->fifos[i] = paths[i] == NULL ? -1 : open_fifo(paths[i], options->after_loss);
    }
    writer->input = mmap(NULL, INPUT + READ_SLACK, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (writer->input == MAP_FAILED) {
        give_up(EXIT_FAILED, "log: no memory for input");
    }
    control_open(&writer->control, options->control);
    undo_at_failure(options->control);
}

static void end_stream(struct writer *writer, int stream) {
    lines_end(&writer->lines[stream]);
    close(writer->fifos[stream]);
    writer->fifos[stream] = -1;
}

/* Reads once; returns the number of bytes, 0 when there are none now. */
static size_t read_stream(struct writer *writer, int stream, bool hung_up) {
    ssize_t n = read(writer->fifos[stream], writer->input, INPUT);
    if (n > 0) {
        lines_feed(&writer->lines[stream], writer->input, (size_t)n);
        control_output(&writer->control, stream, writer->input, (size_t)n);
        return (size_t)n;
    }
    if ((n == 0 && hung_up) || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        end_stream(writer, stream);
    }
    return 0;
}

/* Takes what is in the FIFOs now and ends both streams. */
static void stop(struct writer *writer) {
    for (int i = 0; i < STREAMS; i++) {
        size_t taken = 0, n = 1;
        while (n > 0 && taken < STOP_BYTES && writer->fifos[i] >= 0) {
            n = read_stream(writer, i, true);
            taken += n;
        }
        if (writer->fifos[i] >= 0) {
            end_stream(writer, i);
        }
    }
    writer->give_up_at = now_millis() + writer->disk.stall_millis;
}

/* The loop's last steps; true when it may end. */
static bool drained(struct writer *writer, int64_t *taps_until) {
    if (!writer->draining) {
        if (writer->fifos[STDOUT_STREAM] >= 0 || writer->fifos[STDERR_STREAM] >= 0) {
            return false;
        }
        writer->draining = true;
        *taps_until = now_millis() + TAP_END_MILLIS;
        control_end_output(&writer->control);
        control_progress(writer);
    }
    disk_push(&writer->disk);
    if (!disk_settled(&writer->disk)) {
        return writer->give_up_at != 0 && now_millis() >= writer->give_up_at;
    }
    return !control_output_waiting(&writer->control) || now_millis() >= *taps_until;
}

static int loop_timeout(const struct writer *writer, bool warm, int64_t taps_until) {
    int timeout = control_timeout(&writer->control);
    int wanted = -1;
    if (writer->draining) {
        int64_t at = writer->give_up_at != 0 ? writer->give_up_at : taps_until;
        int64_t left = at - now_millis();
        /* Past taps_until only the disk is waited for, and that wakes us. */
        wanted = left > 0 ? (int)left : -1;
    } else if (warm) {
        wanted = WARM_MILLIS;
    }
    return wanted >= 0 && (timeout < 0 || wanted < timeout) ? wanted : timeout;
}

static void shrink(struct writer *writer) {
    disk_shrink(&writer->disk);
    madvise(writer->input, INPUT, MADV_DONTNEED);
}

static void run(struct writer *writer) {
    enum { SIGNALS, WAKE, FIFOS, CONTROL = FIFOS + STREAMS };
    bool warm = false;
    int64_t taps_until = 0;
    while (!drained(writer, &taps_until)) {
        struct pollfd entries[CONTROL + CLIENTS + 1];
        int signals = writer->draining ? -1 : writer->signals; /* once is enough */
        entries[SIGNALS] = (struct pollfd){.fd = signals, .events = POLLIN};
        entries[WAKE] = (struct pollfd){.fd = writer->disk.wake, .events = POLLIN};
        for (int i = 0; i < STREAMS; i++) {
            entries[FIFOS + i] = (struct pollfd){.fd = writer->fifos[i], .events = POLLIN};
        }
        int count = CONTROL + control_poll(&writer->control, entries + CONTROL);
        int ready = poll(entries, (nfds_t)count, loop_timeout(writer, warm, taps_until));
        if (ready == 0 && warm) {
            warm = false;
            shrink(writer);
        }
        if (ready > 0) {
            if (entries[WAKE].revents != 0) {
                uint64_t ignored;
                warm = read(writer->disk.wake, &ignored, sizeof ignored) > 0 || warm;
            }
            for (int i = 0; i < STREAMS; i++) {
                short events = entries[FIFOS + i].revents;
                if (writer->fifos[i] >= 0 && events != 0) {
                    warm = read_stream(writer, i, (events & POLLHUP) != 0) > 0 || warm;
                }
            }
            control_serve(writer, entries + CONTROL);
            if ((writer->stop_asked || entries[SIGNALS].revents != 0) && !writer->draining) {
                stop(writer);
            }
        }
        disk_push(&writer->disk);
        control_progress(writer);
    }
}

/* Says in the log that an earlier writer was killed with what it had read and not written. */
static void mark_loss(struct writer *writer) {
    static const char text[] =
        "berth: log writer was killed; output may be missing before this line"
        "                "; /* READ_SLACK */
    lines_mark(&writer->lines[STDERR_STREAM], text, sizeof text - 1 - READ_SLACK);
    disk_push(&writer->disk);
}

/* The daemon: detached, deaf to everything but TERM and INT, then ready. */
static void become_daemon(struct writer *writer, int ready) {
    setsid();
    if (chdir("/") != 0) {
        give_up(EXIT_FAILED, "log: chdir /: %s", strerror(errno));
    }
    sigset_t all, stops;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    writer->signals = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int error = disk_start(&writer->disk);
    if (writer->signals < 0 || null < 0 || error != 0) {
        give_up(EXIT_FAILED, "log: signalfd, /dev/null or thread: %s",
                strerror(error != 0 ? error : errno));
    }
    for (int fd = 0; fd <= 2; fd++) {
        dup2(null, fd);
    }
    close(null);
    ssize_t ignored = write(ready, "", 1);
    (void)ignored;
    close(ready);
}

int log_main(int argc, char **argv) {
    struct log_options options;
    log_options_parse(&options, argc, argv);
    close_inherited();
    umask(0);
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);

    static struct writer writer;
    open_writer(&writer, &options);
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) {
        give_up(EXIT_FAILED, "log: pipe: %s", strerror(errno));
    }
    pid_t pid = fork();
    if (pid < 0) {
        give_up(EXIT_FAILED, "log: fork: %s", strerror(errno));
    }
    if (pid > 0) {
        close(ready[1]);
        char byte;
        if (read(ready[0], &byte, 1) != 1) {
            return EXIT_FAILED; /* the child has explained itself */
        }
        printf("{\"pid\":%d}\n", (int)pid);
        return fflush(stdout) == 0 ? 0 : EXIT_FAILED;
    }
    close(ready[0]);
    become_daemon(&writer, ready[1]);
    if (options.after_loss) {
        mark_loss(&writer);
    }
    run(&writer);
    bool complete = disk_settled(&writer.disk) && disk_close(&writer.disk, options.stall_millis);
    control_finish(&writer, complete);
    _exit(complete ? 0 : EXIT_FAILED);
}
