/* The time at the head of a log line: RFC 3339 with nanoseconds, UTC, trailing zeros trimmed. */
#ifndef STAMP_H
#define STAMP_H

#include <stddef.h>
#include <time.h>

/* Longest stamp: 2006-01-02T15:04:05.999999999Z */
enum { STAMP_LIMIT = 30 };

/* Writes the stamp (not terminated) and returns its length. */
size_t stamp(char *out, const struct timespec *time);

#endif
