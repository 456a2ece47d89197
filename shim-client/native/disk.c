/* The main thread's side of disk.h: batches handed over, tickets, and the counters. */
#include "disk.h"
#include "berth.h"
#include "file.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>

/* A batch: large enough that a write costs little per line, small enough to keep a busy writer's
   memory low. Measured by bench/run. */
enum { BATCH = 64 * 1024, THREAD_STACK = 64 * 1024 };

int64_t now_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *pages(size_t bytes) {
    void *memory =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        give_up(EXIT_FAILED, "log: %zu bytes of memory: %s", bytes, strerror(errno));
    }
    return memory;
}

void disk_open(struct disk *disk, const char *path, size_t longest_line, int stall_millis) {
    disk->path = path;
    disk->stall_millis = stall_millis;
    disk->capacity = longest_line > BATCH ? longest_line : BATCH;
    disk->filling = pages(disk->capacity + COPY_SLACK);
    disk->writing = pages(disk->capacity + COPY_SLACK);
    disk->torn = pages(longest_line > MARKER_LIMIT ? longest_line : MARKER_LIMIT);
    disk->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (disk->wake < 0) {
        give_up(EXIT_FAILED, "log: eventfd: %s", strerror(errno));
    }
    disk->file = -1;
    if (path != NULL) {
        int error = file_open(path, &disk->file);
        if (error != 0) {
            give_up(EXIT_FAILED, "log file %s: %s", path, file_error(error));
        }
    }
}

int disk_start(struct disk *disk) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&disk->lock, NULL);
    pthread_cond_init(&disk->changed, &monotonic);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED); /* it may hang for good */
    pthread_t thread;
    return pthread_create(&thread, &attributes, file_thread, disk);
}

static struct timespec at_millis(int64_t millis) {
    return (struct timespec){.tv_sec = (time_t)(millis / 1000),
                             .tv_nsec = (long)(millis % 1000) * 1000000};
}

static void hand_over(struct disk *disk) {
    char *empty = disk->writing;
    disk->writing = disk->filling;
    disk->writing_length = disk->filled;
    disk->writing_since = now_millis();
    disk->filling = empty;
    disk->filled = 0;
    pthread_cond_broadcast(&disk->changed);
}

char *disk_reserve_slowly(struct disk *disk, size_t n) {
    pthread_mutex_lock(&disk->lock);
    if (!disk->stalled && disk->writing_length != 0) {
        struct timespec until = at_millis(disk->writing_since + disk->stall_millis);
        while (disk->writing_length != 0) {
            if (pthread_cond_timedwait(&disk->changed, &disk->lock, &until) == ETIMEDOUT) {
                break;
            }
        }
    }
    disk->stalled = disk->writing_length != 0;
    if (!disk->stalled) {
        hand_over(disk);
    }
    pthread_mutex_unlock(&disk->lock);
    return disk->stalled || n > disk->capacity ? NULL : disk->filling;
}

void disk_drop(struct disk *disk, int stream, size_t content_bytes) {
    pthread_mutex_lock(&disk->lock);
    disk->lost.lines[stream]++;
    disk->lost.bytes[stream] += content_bytes;
    disk->unmarked = true;
    pthread_mutex_unlock(&disk->lock);
}

void disk_push(struct disk *disk) {
    if (disk->filled == 0) {
        return;
    }
    pthread_mutex_lock(&disk->lock);
    if (disk->writing_length == 0) {
        disk->stalled = false;
        hand_over(disk);
    } else {
        disk->wake_wanted = true;
    }
    pthread_mutex_unlock(&disk->lock);
}

bool disk_settled(struct disk *disk) {
    pthread_mutex_lock(&disk->lock);
    bool settled = disk->filled == 0 && disk->writing_length == 0 &&
                   disk->reopens_done == disk->reopens_asked;
    disk->wake_wanted = disk->wake_wanted || !settled;
    pthread_mutex_unlock(&disk->lock);
    return settled;
}

uint64_t disk_reopen(struct disk *disk) {
    pthread_mutex_lock(&disk->lock);
    uint64_t ticket = ++disk->reopens_asked;
    disk->wake_wanted = true;
    pthread_cond_broadcast(&disk->changed);
    pthread_mutex_unlock(&disk->lock);
    return ticket;
}

bool disk_reopened(struct disk *disk, uint64_t ticket, int *error) {
    pthread_mutex_lock(&disk->lock);
    bool done = disk->reopens_done >= ticket;
    *error = disk->reopen_errno;
    disk->wake_wanted = disk->wake_wanted || !done;
    pthread_mutex_unlock(&disk->lock);
    return done;
}

bool disk_close(struct disk *disk, int limit_millis) {
    struct timespec until = at_millis(now_millis() + limit_millis);
    pthread_mutex_lock(&disk->lock);
    disk->quit = true;
    pthread_cond_broadcast(&disk->changed);
    while (!disk->gone) {
        if (pthread_cond_timedwait(&disk->changed, &disk->lock, &until) == ETIMEDOUT) {
            break;
        }
    }
    bool gone = disk->gone;
    pthread_mutex_unlock(&disk->lock);
    return gone;
}

void disk_shrink(struct disk *disk) {
    pthread_mutex_lock(&disk->lock);
    if (disk->filled == 0) {
        madvise(disk->filling, disk->capacity, MADV_DONTNEED);
    }
    if (disk->writing_length == 0) {
        madvise(disk->writing, disk->capacity, MADV_DONTNEED);
    }
    pthread_mutex_unlock(&disk->lock);
}

void disk_report(struct disk *disk, struct disk_report *report) {
    pthread_mutex_lock(&disk->lock);
    report->lost = disk->lost;
    report->written = disk->written;
    report->last_errno = disk->last_errno;
    report->failing = disk->last_errno != 0;
    report->stalled = disk->stalled || (disk->writing_length != 0 &&
                                        now_millis() - disk->writing_since > disk->stall_millis);
    pthread_mutex_unlock(&disk->lock);
}
