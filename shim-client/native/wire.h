/*
 * The few bytes of protobuf and ttrpc that an event needs, written by hand.
 *
 * A ttrpc message on the socket is
 *
 *     length (4, big endian) | stream id (4, big endian) | type (1: 1 request, 2 response) | flags (1)
 *
 * and then length bytes of protobuf. The calls below append to a buffer of a fixed size and remember
 * when it overflowed, so that only the end has to be checked.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire {
    unsigned char *bytes;
    size_t length, capacity;
    bool overflowed;
};

/* Protobuf fields: a varint (left out when 0), and bytes. */
void wire_number(struct wire *wire, int field, uint64_t value);
void wire_bytes(struct wire *wire, int field, const void *bytes, size_t length);
void wire_text(struct wire *wire, int field, const char *text);

void wire_raw(struct wire *wire, const void *bytes, size_t length);
void wire_big_endian(unsigned char *out, uint32_t value);
uint32_t wire_read_big_endian(const unsigned char *in);

/* One field of a message, read; bytes is NULL for a number. */
struct wire_field {
    int number;
    uint64_t value;
    const unsigned char *bytes;
    size_t length;
};

/* Reads the field at *position and moves on; false at the end or, with *malformed set, on nonsense. */
bool wire_next(const unsigned char *message, size_t length, size_t *position,
               struct wire_field *field, bool *malformed);

#endif
