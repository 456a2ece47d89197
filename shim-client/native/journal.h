/*
 * Events kept in the bundle while the daemon is down: BUNDLE/events.journal
 *
 *     "berthev1"                                                                  8 bytes, once
 *     length (4, big endian) | CRC-32 of the payload (4, big endian) | payload    any number of times
 *
 * The payload is a containerd.types.Envelope. Writers and the daemon hold a POSIX record lock on the
 * whole file; a record is synced before the writer says that it is kept. A record that a crash cut
 * short is removed by the next writer and ignored by the reader, which truncates the file once it
 * has taken the events.
 *
 * JOURNAL_LIMIT bounds the file. Exits and OOM kills must not be lost for the sake of lesser events:
 * those are refused from half of it on.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

enum { JOURNAL_LIMIT = 1 << 20 };

/* Appends one payload; false after explaining on stderr. */
bool journal_append(const char *bundle, const void *payload, size_t length, bool important);

#endif
