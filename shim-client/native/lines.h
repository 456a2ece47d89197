/*
 * Container output, split into the lines of the CRI log format:
 *
 *     2026-11-21T09:54:52.123456789Z stdout F content\n
 *
 * The tag is F for a line that the container ended with a newline and P for a part: a line longer
 * than the maximum is written as parts of exactly the maximum and a last F, and what stands
 * unterminated at the end of the stream is a P. One carriage return before the newline is removed,
 * and is not counted for the length; any other stays. Content is bytes: nothing is decoded.
 * The kubelet's reader and containerd's writer (internal/cri/io/logger.go) agree on these rules.
 *
 * An unfinished line is held until its newline, the maximum or the end of the stream. The time is
 * that of the read which brought the end of the line.
 */
#ifndef LINES_H
#define LINES_H

#include "disk.h"
#include "stamp.h"

#include <stddef.h>
#include <stdint.h>

/* Longest head: stamp, stream, tag, three spaces. */
enum { HEAD_LIMIT = STAMP_LIMIT + sizeof " stdout F " - 1 };

/* Bytes that must be readable behind the data given to lines_feed. */
enum { READ_SLACK = 16 };

struct lines {
    struct disk *disk;
    int stream;
    size_t maximum;
    char *held; /* maximum + 1 bytes, the last one for a carriage return, and READ_SLACK */
    size_t held_length;
    uint64_t bytes; /* read from the container */
    uint64_t lines; /* written or dropped */
    char head[HEAD_LIMIT + READ_SLACK];
    size_t head_length;
};

void lines_open(struct lines *lines, struct disk *disk, int stream, size_t maximum);

/* Takes the next bytes of the stream. */
void lines_feed(struct lines *lines, const char *data, size_t length);

/* Writes a whole line of ours; READ_SLACK bytes must be readable behind it. */
void lines_mark(struct lines *lines, const char *text, size_t length);

/* The stream has ended. */
void lines_end(struct lines *lines);

#endif
