#include "lines.h"
#include "berth.h"

#include <emmintrin.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The two loops below run once for 16 bytes of output and are most of the writer's work besides the
   kernel's. They read up to READ_SLACK bytes too far and write up to COPY_SLACK bytes too far, which
   all buffers allow for; musl's memchr and memcpy are several times slower on short lines. */

static const char *find_newline(const char *from, const char *end) {
    const __m128i newline = _mm_set1_epi8('\n');
    for (; from < end; from += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)from);
        int found = _mm_movemask_epi8(_mm_cmpeq_epi8(block, newline));
        if (found != 0) {
            from += __builtin_ctz((unsigned)found);
            return from < end ? from : NULL;
        }
    }
    return NULL;
}

static void copy(char *to, const char *from, size_t length) {
    for (size_t i = 0; i < length; i += 16) {
        _mm_storeu_si128((__m128i *)(void *)(to + i),
                         _mm_loadu_si128((const __m128i *)(const void *)(from + i)));
    }
}

void lines_open(struct lines *lines, struct disk *disk, int stream, size_t maximum) {
    lines->disk = disk;
    lines->stream = stream;
    lines->maximum = maximum;
    lines->held = malloc(maximum + 1 + READ_SLACK);
    if (lines->held == NULL) {
        give_up(EXIT_FAILED, "log: no memory for lines of %zu bytes", maximum);
    }
}

static void begin_batch(struct lines *lines) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    size_t length = stamp(lines->head, &now);
    memcpy(lines->head + length, lines->stream == STDOUT_STREAM ? " stdout ? " : " stderr ? ", 10);
    lines->head_length = length + 10;
}

static void emit(struct lines *lines, char tag, const char *content, size_t length) {
    size_t size = lines->head_length + length + 1;
    char *out = disk_reserve(lines->disk, size);
    lines->lines++;
    if (out == NULL) {
        disk_drop(lines->disk, lines->stream, length);
        return;
    }
    copy(out, lines->head, lines->head_length);
    out[lines->head_length - 2] = tag;
    copy(out + lines->head_length, content, length);
    out[size - 1] = '\n';
    disk_commit(lines->disk, size);
}

/* A line whose bytes are all here; it ends in a newline that is not counted. */
static void emit_line(struct lines *lines, const char *content, size_t length) {
    if (length > 0 && content[length - 1] == '\r') {
        length--;
    }
    while (length > lines->maximum) {
        emit(lines, 'P', content, lines->maximum);
        content += lines->maximum;
        length -= lines->maximum;
    }
    emit(lines, 'F', content, length);
}

/* Keeps bytes of an unfinished line. A part goes out once the line is known to be too long: a
   carriage return right behind the maximum may still belong to the newline. */
static void hold(struct lines *lines, const char *data, size_t length) {
    size_t room = lines->maximum + 1;
    while (length > 0) {
        if (lines->held_length == room) {
            emit(lines, 'P', lines->held, lines->maximum);
            lines->held[0] = lines->held[lines->maximum];
            lines->held_length = 1;
        }
        size_t taken = room - lines->held_length;
        taken = taken < length ? taken : length;
        memcpy(lines->held + lines->held_length, data, taken);
        lines->held_length += taken;
        data += taken;
        length -= taken;
    }
    if (lines->held_length == room && lines->held[lines->maximum] != '\r') {
        emit(lines, 'P', lines->held, lines->maximum);
        lines->held[0] = lines->held[lines->maximum];
        lines->held_length = 1;
    }
}

void lines_feed(struct lines *lines, const char *data, size_t length) {
    const char *end = data + length;
    lines->bytes += length;
    begin_batch(lines);
    while (data < end) {
        const char *newline = find_newline(data, end);
        if (newline == NULL) {
            hold(lines, data, (size_t)(end - data));
            return;
        }
        if (lines->held_length == 0) {
            emit_line(lines, data, (size_t)(newline - data));
        } else {
            hold(lines, data, (size_t)(newline - data));
            emit_line(lines, lines->held, lines->held_length);
            lines->held_length = 0;
        }
        data = newline + 1;
    }
}

void lines_mark(struct lines *lines, const char *text, size_t length) {
    begin_batch(lines);
    emit(lines, 'F', text, length);
}

void lines_end(struct lines *lines) {
    if (lines->held_length == 0) {
        return;
    }
    begin_batch(lines);
    if (lines->held_length > lines->maximum) {
        emit(lines, 'P', lines->held, lines->maximum);
        emit(lines, 'P', lines->held + lines->maximum, 1);
    } else {
        emit(lines, 'P', lines->held, lines->held_length);
    }
    lines->held_length = 0;
}
