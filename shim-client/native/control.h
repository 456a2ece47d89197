/*
 * The control socket: how any daemon, also one that started later, reaches a log writer.
 *
 * A unix stream socket, mode 0600, callers of our own user or root only. One command a line, one
 * answer line each, in order:
 *
 *     ping      ok pid=4711 version=0.1.0
 *     stats     ok state=writing written=… errno=0 stdout.bytes=… stdout.lines=… …
 *     reopen    ok | error …       closes and opens the log path anew; after ok no line goes to the
 *                                  old file; after error the old file is kept
 *     wait      ok <as stats>      once both streams have ended and the log is complete
 *     stop      ok <as stats>      takes what the FIFOs hold now, then ends as above
 *     tap       ok                 and then frames, see tap.h; the client sends nothing more
 *
 * state is writing, failing (the file system refuses), stalled (the disk does not answer),
 * draining (streams ended, log not complete yet) or done. After wait, stop and reopen the client
 * sends nothing until it is answered.
 *
 * The end: the log is completed, then the socket's path is removed, then wait and stop are answered.
 * So a missing socket means a complete log (losses are told in it by a marker line); a socket that
 * nobody answers means that the writer was killed. A connection may be closed unanswered at the very
 * end; the path tells then too.
 *
 * Against a hostile or careless client: COMMAND_LIMIT bytes a line, CLIENTS connections, closed
 * after IDLE_MILLIS without a command; nobody is ever waited for.
 */
#ifndef CONTROL_H
#define CONTROL_H

#include "tap.h"

#include <poll.h>
#include <stdint.h>

struct writer;

enum { CLIENTS = 16, COMMAND_LIMIT = 128, IDLE_MILLIS = 30000 };

enum client_state { CLIENT_FREE, CLIENT_LISTENING, CLIENT_REOPENING, CLIENT_WAITING, CLIENT_TAP };

struct client {
    enum client_state state;
    int socket;
    char line[COMMAND_LIMIT];
    size_t length;
    int64_t idle_until;
    uint64_t ticket;
    struct tap tap;
};

struct control {
    const char *path;
    int listener;
    struct client clients[CLIENTS];
};

/* Binds the socket. A dead writer's socket at the path is replaced, a live one's never. Explains on
   stderr and exits when it cannot. */
void control_open(struct control *control, const char *path);

/* The entries for poll: the listener and the clients. Returns how many (at most CLIENTS + 1). */
int control_poll(struct control *control, struct pollfd *entries);

/* Serves what poll has found, in the order of control_poll; entries it did not fill are absent. */
void control_serve(struct writer *writer, const struct pollfd *entries);

/* Answers what the disk thread has finished, sends taps, drops idle clients. */
void control_progress(struct writer *writer);

/* Milliseconds until control_progress has to run by itself, -1 for never. */
int control_timeout(const struct control *control);

void control_output(struct control *control, int stream, const char *data, size_t length);
void control_end_output(struct control *control);
bool control_output_waiting(const struct control *control);

/* Removes the socket's path if the log is complete, and answers wait and stop. */
void control_finish(struct writer *writer, bool complete);

#endif
