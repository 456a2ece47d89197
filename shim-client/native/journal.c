#include "journal.h"
#include "wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char magic[] = "berthev1";
enum { MAGIC = 8, HEAD = 8, LOCK_TRIES = 250, LOCK_NANOS = 20 * 1000 * 1000 };

static uint32_t crc32(const unsigned char *bytes, size_t length) {
    uint32_t crc = ~0U;
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
        }
    }
    return ~crc;
}

static bool complain(const char *what) {
    fprintf(stderr, "berth-native: events.journal: %s: %s\n", what, strerror(errno));
    return false;
}

/* Waits at most LOCK_TRIES * LOCK_NANOS, 5 s. */
static bool lock(int file) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (fcntl(file, F_SETLK, &whole) == 0) {
            return true;
        }
        if (errno != EACCES && errno != EAGAIN) {
            return complain("lock");
        }
        struct timespec pause = {.tv_nsec = LOCK_NANOS};
        nanosleep(&pause, NULL);
    }
    errno = ETIMEDOUT;
    return complain("lock");
}

/* Where the last whole record ends; 0 when there is not even a head. */
static size_t whole_records(const unsigned char *bytes, size_t length) {
    if (length < MAGIC || memcmp(bytes, magic, MAGIC) != 0) {
        return 0;
    }
    size_t end = MAGIC;
    while (length - end >= HEAD) {
        size_t size = wire_read_big_endian(bytes + end);
        if (size > length - end - HEAD ||
            crc32(bytes + end + HEAD, size) != wire_read_big_endian(bytes + end + 4)) {
            break;
        }
        end += HEAD + size;
    }
    return end;
}

static bool write_all(int file, const void *bytes, size_t length, size_t at) {
    while (length > 0) {
        ssize_t n = pwrite(file, bytes, length, (off_t)at);
        if (n <= 0) {
            if (n < 0 && errno == EINTR) {
                continue;
            }
            return false;
        }
        bytes = (const char *)bytes + n;
        length -= (size_t)n;
        at += (size_t)n;
    }
    return true;
}

static bool read_whole(int file, unsigned char *bytes, size_t *length) {
    *length = 0;
    while (*length < JOURNAL_LIMIT) {
        ssize_t n = pread(file, bytes + *length, JOURNAL_LIMIT - *length, (off_t)*length);
        if (n < 0 && errno != EINTR) {
            return complain("read");
        }
        if (n == 0) {
            break;
        }
        *length += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* Appends to the locked file; on failure the file ends where it ended. */
static bool append(int file, const void *payload, size_t length, bool important) {
    static unsigned char kept_before[JOURNAL_LIMIT];
    size_t size;
    if (!read_whole(file, kept_before, &size)) {
        return false;
    }
    size_t end = whole_records(kept_before, size);
    size_t begin = end == 0 ? MAGIC : end;
    size_t limit = important ? JOURNAL_LIMIT : JOURNAL_LIMIT / 2;
    if (begin + HEAD + length > limit) {
        errno = EFBIG;
        return complain("full; start the daemon, which empties it");
    }
    unsigned char head[HEAD];
    wire_big_endian(head, (uint32_t)length);
    wire_big_endian(head + 4, crc32(payload, length));
    bool kept = ftruncate(file, (off_t)end) == 0 &&
                (end != 0 || write_all(file, magic, MAGIC, 0)) &&
                write_all(file, head, HEAD, begin) &&
                write_all(file, payload, length, begin + HEAD) && fsync(file) == 0;
    if (!kept) {
        complain("write");
        int ignored = ftruncate(file, (off_t)end);
        (void)ignored;
    }
    return kept;
}

bool journal_append(const char *bundle, const void *payload, size_t length, bool important) {
    int directory = open(bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) {
        return complain(bundle);
    }
    if (faccessat(directory, "config.json", F_OK, 0) != 0) {
        return complain("not in a bundle: config.json");
    }
    int file = openat(directory, "events.journal",
                      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file < 0) {
        return complain("open");
    }
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        errno = EINVAL;
        return complain("not a regular file");
    }
    return lock(file) && append(file, payload, length, important) && fsync(directory) == 0;
}
