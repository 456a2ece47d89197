/*
 * The log file and the one thread that touches it.
 *
 * The main thread fills one batch with whole log lines while the disk thread writes the other, so
 * that a disk that hangs (NFS, a stuck block device) holds up the disk thread alone. When a batch
 * has not reached the file within the stall limit and the other is full, lines are dropped and
 * counted instead of blocking the container; likewise when the file system refuses the write.
 * Once writing works again a marker line says how much was lost:
 *
 *     2026-11-21T09:54:52.1Z stderr F berth: log lines dropped: stdout=12 stderr=0 bytes=1212 ...
 *
 * A line is never left torn: when a write stops in the middle of one, it is kept and its rest is
 * written first later on; if the file is given up before that, the begun line is cut off again.
 */
#ifndef DISK_H
#define DISK_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STDOUT_STREAM = 0, STDERR_STREAM = 1, STREAMS = 2 };

/* Bytes that a copy may write past the end of a reservation, see lines.c. */
enum { COPY_SLACK = 64 };

struct losses {
    uint64_t lines[STREAMS];
    uint64_t bytes[STREAMS]; /* of content, without the head of the line */
};

struct disk {
    /* Main thread only. */
    char *filling;
    size_t filled;
    size_t capacity;
    bool stalled;
    int stall_millis;

    /* Set before the thread starts. */
    const char *path; /* NULL: lines are counted and thrown away */
    int wake;         /* eventfd: the main thread has something to look at */

    /* Disk thread only. */
    int file;
    bool failing;
    int64_t retry_at;
    char *torn; /* a whole line that was begun in the file */
    size_t torn_length; /* 0: none */
    size_t torn_begun;  /* bytes of it which are in the file */

    /* Under the lock. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char *writing;
    size_t writing_length; /* not 0: handed to the disk thread */
    int64_t writing_since;
    bool wake_wanted;
    bool quit, gone;
    uint64_t reopens_asked, reopens_done;
    int reopen_errno;
    uint64_t written;
    int last_errno;
    bool unmarked; /* losses that no marker line tells yet */
    struct losses lost, lost_told;
};

/* Opens the log file, or explains on stderr and exits. */
void disk_open(struct disk *disk, const char *path, size_t longest_line, int stall_millis);

/* Starts the thread; the caller has blocked all signals. Returns an errno. */
int disk_start(struct disk *disk);

/* Room for a line of n bytes (plus COPY_SLACK), or NULL when it has to be dropped. Waits at most
   for the stall limit, and only once per stall. */
char *disk_reserve_slowly(struct disk *disk, size_t n);

static inline char *disk_reserve(struct disk *disk, size_t n) {
    if (disk->filled + n <= disk->capacity) {
        return disk->filling + disk->filled;
    }
    return disk_reserve_slowly(disk, n);
}

static inline void disk_commit(struct disk *disk, size_t n) {
    disk->filled += n;
}

/* Counts a line that disk_reserve had no room for. */
void disk_drop(struct disk *disk, int stream, size_t content_bytes);

/* Hands what is filled to the thread if it is free; otherwise the eventfd tells when it is. */
void disk_push(struct disk *disk);

/* True when every line so far is written or counted as dropped, and no reopen is open. */
bool disk_settled(struct disk *disk);

/* Asks for the file to be closed and its path opened anew; returns the ticket. The answer is there
   when disk_reopened(ticket) is true; *error is then 0 or an errno and the old file is kept. */
uint64_t disk_reopen(struct disk *disk);
bool disk_reopened(struct disk *disk, uint64_t ticket, int *error);

/* Ends the thread and closes the file; false when the disk does not come back within the limit. */
bool disk_close(struct disk *disk, int limit_millis);

/* Gives the memory of empty batches back to the kernel. */
void disk_shrink(struct disk *disk);

struct disk_report {
    struct losses lost;
    uint64_t written;
    int last_errno;
    bool failing, stalled;
};
void disk_report(struct disk *disk, struct disk_report *report);

/* CLOCK_MONOTONIC in milliseconds. */
int64_t now_millis(void);

#endif
