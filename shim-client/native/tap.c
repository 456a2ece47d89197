#include "tap.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { HEAD = 5, GAP = 3, END = 4 };

bool tap_open(struct tap *tap) {
    void *memory =
        mmap(NULL, TAP_RING, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *tap = (struct tap){.ring = memory == MAP_FAILED ? NULL : memory};
    return tap->ring != NULL;
}

void tap_close(struct tap *tap) {
    if (tap->ring != NULL) {
        munmap(tap->ring, TAP_RING);
        tap->ring = NULL;
    }
}

static void put(struct tap *tap, const char *data, size_t length) {
    size_t at = (tap->start + tap->length) % TAP_RING;
    size_t first = TAP_RING - at < length ? TAP_RING - at : length;
    memcpy(tap->ring + at, data, first);
    memcpy(tap->ring, data + first, length - first);
    tap->length += length;
}

static void big_endian(char *out, uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) {
        out[i] = (char)value;
        value >>= 8;
    }
}

static bool put_frame(struct tap *tap, char type, const char *body, size_t length) {
    if (tap->length + HEAD + length > TAP_RING) {
        return false;
    }
    char head[HEAD];
    head[0] = type;
    big_endian(head + 1, length, 4);
    put(tap, head, HEAD);
    put(tap, body, length);
    return true;
}

static bool put_gap(struct tap *tap) {
    if (tap->skipped == 0) {
        return true;
    }
    char body[8];
    big_endian(body, tap->skipped, 8);
    if (!put_frame(tap, GAP, body, sizeof body)) {
        return false;
    }
    tap->skipped = 0;
    return true;
}

void tap_output(struct tap *tap, int stream, const char *data, size_t length) {
    while (length > 0) {
        size_t chunk = length < TAP_CHUNK ? length : TAP_CHUNK;
        if (!put_gap(tap) || !put_frame(tap, (char)(1 + stream), data, chunk)) {
            tap->skipped += chunk;
        }
        data += chunk;
        length -= chunk;
    }
}

void tap_end(struct tap *tap) {
    tap->ending = true;
    if (!tap->ended && put_gap(tap)) {
        tap->ended = put_frame(tap, END, "", 0);
    }
}

bool tap_send(struct tap *tap, int socket) {
    while (tap->length > 0) {
        size_t first = TAP_RING - tap->start < tap->length ? TAP_RING - tap->start : tap->length;
        struct iovec parts[2] = {{tap->ring + tap->start, first},
                                 {tap->ring, tap->length - first}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        ssize_t sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
        }
        tap->start = (tap->start + (size_t)sent) % TAP_RING;
        tap->length -= (size_t)sent;
        if (tap->ending) {
            tap_end(tap);
        }
    }
    tap->start = 0;
    return true;
}

bool tap_waiting(const struct tap *tap) {
    return tap->length > 0 || (tap->ending && !tap->ended);
}
