/* The disk thread's side of disk.h. */
#include "file.h"
#include "disk.h"
#include "stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* While writes fail one attempt is made per interval: each costs a full disk a journal commit. */
enum { RETRY_MILLIS = 250 };

int file_open(const char *path, int *file) {
    int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
    int opened = open(path, flags, 0640);
    if (opened < 0) {
        return errno;
    }
    struct stat status;
    if (fstat(opened, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(opened);
        return EINVAL;
    }
    char last = '\n';
    if (status.st_size > 0 && pread(opened, &last, 1, status.st_size - 1) == 1 && last != '\n') {
        /* On a full disk the newline is missing again, which costs one unreadable line. */
        ssize_t ignored = write(opened, "\n", 1);
        (void)ignored;
    }
    *file = opened;
    return 0;
}

const char *file_error(int error) {
    switch (error) {
        case EINVAL:
            return "not a regular file";
        case ELOOP:
            return "a symbolic link, wanted a regular file";
        default:
            return strerror(error);
    }
}

/* Writes as much as the file takes; returns what it took, short only with *error set. */
static size_t append(int file, const char *data, size_t length, int *error) {
    size_t done = 0;
    *error = 0;
    while (done < length) {
        ssize_t n = write(file, data + done, length - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            *error = n == 0 ? EIO : errno;
            break;
        }
    }
    return done;
}

static void note_written(struct disk *disk, size_t bytes, int error) {
    pthread_mutex_lock(&disk->lock);
    disk->written += bytes;
    disk->last_errno = error;
    pthread_mutex_unlock(&disk->lock);
}

/* Counts whole formatted lines as lost: "TIME SP stdout|stderr SP TAG SP CONTENT LF". */
static void lose_lines(struct disk *disk, const char *data, const char *end) {
    struct losses lost = {0};
    while (data < end) {
        const char *space = memchr(data, ' ', (size_t)(end - data));
        const char *newline = memchr(data, '\n', (size_t)(end - data));
        if (space == NULL || newline == NULL) {
            break;
        }
        int stream = space[4] == 'o' ? STDOUT_STREAM : STDERR_STREAM;
        lost.lines[stream]++;
        lost.bytes[stream] += (size_t)(newline - (space + sizeof " stdout F " - 1));
        data = newline + 1;
    }
    pthread_mutex_lock(&disk->lock);
    for (int i = 0; i < STREAMS; i++) {
        disk->lost.lines[i] += lost.lines[i];
        disk->lost.bytes[i] += lost.bytes[i];
    }
    disk->unmarked = true;
    pthread_mutex_unlock(&disk->lock);
}

static void keep_torn(struct disk *disk, const char *line, size_t length, size_t begun) {
    memcpy(disk->torn, line, length);
    disk->torn_length = length;
    disk->torn_begun = begun;
}

/* Appends lines; when the file stops taking them, keeps the rest of a begun line and drops the
   lines after it. Returns 0 or the errno. */
static int write_lines(struct disk *disk, const char *data, size_t length) {
    int error;
    size_t done = append(disk->file, data, length, &error);
    if (error != 0) {
        const char *rest = data + done;
        const char *end = data + length;
        const char *begin = rest;
        while (begin > data && begin[-1] != '\n') {
            begin--;
        }
        if (begin < rest) {
            const char *next = memchr(rest, '\n', (size_t)(end - rest));
            next = next == NULL ? end : next + 1;
            keep_torn(disk, begin, (size_t)(next - begin), (size_t)(rest - begin));
            rest = next;
        }
        lose_lines(disk, rest, end);
    }
    note_written(disk, done, error);
    return error;
}

/* Completes a torn line. */
static int write_torn(struct disk *disk) {
    int error = 0;
    if (disk->torn_length > 0) {
        size_t done = append(disk->file, disk->torn + disk->torn_begun,
                             disk->torn_length - disk->torn_begun, &error);
        disk->torn_begun += done;
        if (error == 0) {
            disk->torn_length = 0;
        }
        note_written(disk, done, error);
    }
    return error;
}

/* Says in the log what was lost since the last marker; nothing when nothing was. */
static int write_marker(struct disk *disk) {
    struct losses now, told;
    pthread_mutex_lock(&disk->lock);
    bool wanted = disk->unmarked;
    now = disk->lost;
    told = disk->lost_told;
    pthread_mutex_unlock(&disk->lock);
    if (!wanted) {
        return 0;
    }
    char text[MARKER_LIMIT];
    struct timespec clock;
    clock_gettime(CLOCK_REALTIME, &clock);
    size_t length = stamp(text, &clock);
    length += (size_t)snprintf(
        text + length, sizeof text - length,
        " stderr F berth: log lines dropped: stdout=%" PRIu64 " stderr=%" PRIu64 " bytes=%" PRIu64
        "; the log file could not be written\n",
        now.lines[0] - told.lines[0], now.lines[1] - told.lines[1],
        now.bytes[0] - told.bytes[0] + now.bytes[1] - told.bytes[1]);
    int error;
    size_t done = append(disk->file, text, length, &error);
    if (error != 0 && done == 0) {
        note_written(disk, 0, error);
        return error;
    }
    if (error != 0) {
        /* A begun marker is finished later like any other line. */
        keep_torn(disk, text, length, done);
    }
    pthread_mutex_lock(&disk->lock);
    disk->written += done;
    disk->last_errno = error;
    disk->lost_told = now;
    disk->unmarked = disk->lost.lines[0] != now.lines[0] || disk->lost.lines[1] != now.lines[1];
    pthread_mutex_unlock(&disk->lock);
    return error;
}

static void remember(struct disk *disk, int error) {
    disk->failing = error != 0;
    disk->retry_at = now_millis() + RETRY_MILLIS;
}

/* Brings the file to a line boundary with all losses told. Returns 0 or the errno. */
static int catch_up(struct disk *disk) {
    int error = write_torn(disk);
    if (error == 0) {
        error = write_marker(disk);
    }
    remember(disk, error);
    return error;
}

static void write_batch(struct disk *disk, const char *data, size_t length) {
    if (disk->path == NULL) {
        return;
    }
    bool too_soon = disk->failing && now_millis() < disk->retry_at;
    if (too_soon || catch_up(disk) != 0) {
        lose_lines(disk, data, data + length);
        return;
    }
    remember(disk, write_lines(disk, data, length));
}

/* Leaves the file at a line boundary: a line that cannot be completed is cut off and lost. */
static void settle(struct disk *disk) {
    if (disk->file < 0) {
        return;
    }
    catch_up(disk);
    struct stat status;
    if (disk->torn_length > 0 && fstat(disk->file, &status) == 0 &&
        status.st_size >= (off_t)disk->torn_begun) {
        int ignored = ftruncate(disk->file, status.st_size - (off_t)disk->torn_begun);
        (void)ignored;
        lose_lines(disk, disk->torn, disk->torn + disk->torn_length);
    }
    disk->torn_length = 0;
}

static int reopen(struct disk *disk) {
    if (disk->path == NULL) {
        return ENOTSUP;
    }
    int opened;
    int error = file_open(disk->path, &opened);
    if (error != 0) {
        return error;
    }
    settle(disk);
    close(disk->file);
    disk->file = opened;
    disk->failing = false;
    return 0;
}

/* Waits for work; a writer with losses to tell wakes by itself. Called and left with the lock. */
static void await_work(struct disk *disk) {
    while (disk->writing_length == 0 && disk->reopens_done == disk->reopens_asked && !disk->quit) {
        bool behind = disk->path != NULL && (disk->unmarked || disk->torn_length > 0);
        if (!behind) {
            pthread_cond_wait(&disk->changed, &disk->lock);
            continue;
        }
        int64_t at = now_millis() + RETRY_MILLIS;
        struct timespec until = {.tv_sec = (time_t)(at / 1000),
                                 .tv_nsec = (long)(at % 1000) * 1000000};
        if (pthread_cond_timedwait(&disk->changed, &disk->lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&disk->lock);
            catch_up(disk);
            pthread_mutex_lock(&disk->lock);
        }
    }
}

void *file_thread(void *argument) {
    struct disk *disk = argument;
    pthread_mutex_lock(&disk->lock);
    for (;;) {
        await_work(disk);
        if (disk->writing_length != 0) {
            char *data = disk->writing;
            size_t length = disk->writing_length;
            pthread_mutex_unlock(&disk->lock);
            write_batch(disk, data, length);
            pthread_mutex_lock(&disk->lock);
            disk->writing_length = 0;
        } else if (disk->reopens_done != disk->reopens_asked) {
            uint64_t ticket = disk->reopens_asked;
            pthread_mutex_unlock(&disk->lock);
            int error = reopen(disk);
            pthread_mutex_lock(&disk->lock);
            disk->reopen_errno = error;
            disk->reopens_done = ticket;
        } else {
            break;
        }
        pthread_cond_broadcast(&disk->changed);
        if (disk->wake_wanted) {
            disk->wake_wanted = false;
            uint64_t one = 1;
            ssize_t ignored = write(disk->wake, &one, sizeof one);
            (void)ignored;
        }
    }
    pthread_mutex_unlock(&disk->lock);
    settle(disk);
    pthread_mutex_lock(&disk->lock);
    disk->gone = true;
    pthread_cond_broadcast(&disk->changed);
    pthread_mutex_unlock(&disk->lock);
    return NULL;
}
