/*
 * A live copy of a container's output for one client (attach), which must never hold it up.
 *
 *     frame:  type (1 byte) | length (4 bytes, big endian) | body
 *     type 1  bytes of stdout            type 3  a gap: body is the number of bytes of output that
 *     type 2  bytes of stderr                    were thrown away here (8 bytes, big endian)
 *     type 4  the output has ended; length 0, the last frame
 *
 * Bodies are at most TAP_CHUNK bytes. Frames wait in a ring; what does not fit in it is thrown away
 * and told by the next gap frame. A connection that closes without a type 4 frame lost its writer.
 */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TAP_RING = 256 * 1024, TAP_CHUNK = 16 * 1024 };

struct tap {
    char *ring; /* TAP_RING bytes; NULL: no tap */
    size_t start, length;
    uint64_t skipped; /* bytes thrown away and not told yet */
    bool ending, ended;
};

/* Returns false without memory. */
bool tap_open(struct tap *tap);
void tap_close(struct tap *tap);

void tap_output(struct tap *tap, int stream, const char *data, size_t length);
void tap_end(struct tap *tap);

/* Sends what the socket takes; false when the client is gone. */
bool tap_send(struct tap *tap, int socket);

/* True when something waits to be sent. */
bool tap_waiting(const struct tap *tap);

#endif
