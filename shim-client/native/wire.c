#include "wire.h"

#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

void wire_raw(struct wire *wire, const void *bytes, size_t length) {
    if (wire->overflowed || length > wire->capacity - wire->length) {
        wire->overflowed = true;
        return;
    }
    memcpy(wire->bytes + wire->length, bytes, length);
    wire->length += length;
}

static void varint(struct wire *wire, uint64_t value) {
    unsigned char out[10];
    size_t n = 0;
    do {
        out[n] = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
        n++;
    } while (value != 0);
    wire_raw(wire, out, n);
}

void wire_number(struct wire *wire, int field, uint64_t value) {
    if (value != 0) {
        varint(wire, (uint64_t)field << 3 | VARINT);
        varint(wire, value);
    }
}

void wire_bytes(struct wire *wire, int field, const void *bytes, size_t length) {
    varint(wire, (uint64_t)field << 3 | BYTES);
    varint(wire, length);
    wire_raw(wire, bytes, length);
}

void wire_text(struct wire *wire, int field, const char *text) {
    wire_bytes(wire, field, text, strlen(text));
}

void wire_big_endian(unsigned char *out, uint32_t value) {
    for (int i = 3; i >= 0; i--) {
        out[i] = (unsigned char)value;
        value >>= 8;
    }
}

uint32_t wire_read_big_endian(const unsigned char *in) {
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

static bool read_varint(const unsigned char *message, size_t length, size_t *position,
                        uint64_t *value) {
    *value = 0;
    for (int shift = 0; shift < 64 && *position < length; shift += 7) {
        unsigned char byte = message[(*position)++];
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

bool wire_next(const unsigned char *message, size_t length, size_t *position,
               struct wire_field *field, bool *malformed) {
    if (*position >= length) {
        return false;
    }
    uint64_t key, size;
    *malformed = true;
    *field = (struct wire_field){0};
    if (!read_varint(message, length, position, &key) || key >> 3 == 0 || key >> 3 > 536870911) {
        return false;
    }
    field->number = (int)(key >> 3);
    switch (key & 7) {
        case VARINT:
            if (!read_varint(message, length, position, &field->value)) {
                return false;
            }
            break;
        case BYTES:
            if (!read_varint(message, length, position, &size) || size > length - *position) {
                return false;
            }
            field->bytes = message + *position;
            field->length = (size_t)size;
            *position += field->length;
            break;
        case FIXED64:
        case FIXED32:
            size = (key & 7) == FIXED64 ? 8 : 4;
            if (size > length - *position) {
                return false;
            }
            *position += (size_t)size;
            break;
        default:
            return false;
    }
    *malformed = false;
    return true;
}
