#include "control.h"
#include "berth.h"
#include "file.h"
#include "writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int try_bind(struct control *control, const struct sockaddr_un *address) {
    mode_t before = umask(0177);
    int result = bind(control->listener, (const struct sockaddr *)address, sizeof *address);
    int error = errno;
    umask(before);
    return result == 0 ? 0 : error;
}

/* True when a process listens at the address, or what is there is no socket. */
static bool answered(const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(address->sun_path, &status) == 0 && !S_ISSOCK(status.st_mode)) {
        return true;
    }
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int result = connect(probe, (const struct sockaddr *)address, sizeof *address);
    bool refused = result != 0 && (errno == ECONNREFUSED || errno == ENOENT);
    close(probe);
    return !refused;
}

void control_open(struct control *control, const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        give_up(EXIT_USAGE, "control socket %s: %zu bytes long, wanted at most %zu", path,
                strlen(path), sizeof address.sun_path - 1);
    }
    strcpy(address.sun_path, path);
    control->path = path;
    control->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (control->listener < 0) {
        give_up(EXIT_FAILED, "control socket: %s", strerror(errno));
    }
    int error = try_bind(control, &address);
    if (error == EADDRINUSE) {
        if (answered(&address)) {
            give_up(EXIT_FAILED, "control socket %s: a live writer listens there, or it is no socket",
                    path);
        }
        unlink(path);
        error = try_bind(control, &address);
    }
    if (error != 0) {
        give_up(EXIT_FAILED, "control socket %s: bind: %s", path, strerror(error));
    }
    if (listen(control->listener, CLIENTS) != 0) {
        give_up(EXIT_FAILED, "control socket %s: listen: %s", path, strerror(errno));
    }
}

static void drop_client(struct client *client) {
    close(client->socket);
    tap_close(&client->tap);
    client->state = CLIENT_FREE;
}

/* Answers one line. The socket's buffer is far larger than any answer: a client whose buffer is
   full has not read earlier answers and is dropped. */
__attribute__((format(printf, 2, 3))) static void answer(struct client *client,
                                                         const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    if (length < 0 || length > (int)sizeof text - 2) {
        length = (int)sizeof text - 2;
    }
    text[length++] = '\n';
    if (send(client->socket, text, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) != length) {
        drop_client(client);
    }
}

static void answer_stats(struct writer *writer, struct client *client, bool done) {
    struct disk_report report;
    disk_report(&writer->disk, &report);
    const char *state = done               ? "done"
                        : writer->draining ? "draining"
                        : report.stalled   ? "stalled"
                        : report.failing   ? "failing"
                                           : "writing";
    const struct lines *out = &writer->lines[STDOUT_STREAM];
    const struct lines *err = &writer->lines[STDERR_STREAM];
    answer(client,
           "ok state=%s written=%" PRIu64 " errno=%d stdout.bytes=%" PRIu64 " stdout.lines=%" PRIu64
           " stdout.dropped_lines=%" PRIu64 " stdout.dropped_bytes=%" PRIu64
           " stderr.bytes=%" PRIu64 " stderr.lines=%" PRIu64 " stderr.dropped_lines=%" PRIu64
           " stderr.dropped_bytes=%" PRIu64,
           state, report.written, report.last_errno, out->bytes, out->lines,
           report.lost.lines[STDOUT_STREAM], report.lost.bytes[STDOUT_STREAM], err->bytes,
           err->lines, report.lost.lines[STDERR_STREAM], report.lost.bytes[STDERR_STREAM]);
}

static void start_tap(struct writer *writer, struct client *client) {
    if (!tap_open(&client->tap)) {
        answer(client, "error tap: no memory");
        return;
    }
    client->state = CLIENT_TAP;
    answer(client, "ok");
    if (client->state == CLIENT_TAP && writer->draining) {
        tap_end(&client->tap);
    }
}

static void command(struct writer *writer, struct client *client, const char *line) {
    client->idle_until = now_millis() + IDLE_MILLIS;
    if (strcmp(line, "ping") == 0) {
        answer(client, "ok pid=%d version=%s", (int)getpid(), BERTH_VERSION);
    } else if (strcmp(line, "stats") == 0) {
        answer_stats(writer, client, false);
    } else if (strcmp(line, "reopen") == 0) {
        client->ticket = disk_reopen(&writer->disk);
        client->state = CLIENT_REOPENING;
    } else if (strcmp(line, "wait") == 0) {
        client->state = CLIENT_WAITING;
    } else if (strcmp(line, "stop") == 0) {
        client->state = CLIENT_WAITING;
        writer->stop_asked = true;
    } else if (strcmp(line, "tap") == 0) {
        start_tap(writer, client);
    } else {
        answer(client, "error unknown command; wanted ping, stats, reopen, wait, stop or tap");
    }
}

/* Runs the whole lines that are here, until one has to wait for its answer. */
static void commands(struct writer *writer, struct client *client) {
    while (client->state == CLIENT_LISTENING) {
        char *newline = memchr(client->line, '\n', client->length);
        if (newline == NULL) {
            if (client->length == COMMAND_LIMIT) {
                answer(client, "error command longer than %d bytes", COMMAND_LIMIT);
                if (client->state != CLIENT_FREE) {
                    drop_client(client);
                }
            }
            return;
        }
        *newline = '\0';
        size_t used = (size_t)(newline - client->line) + 1;
        char line[COMMAND_LIMIT];
        memcpy(line, client->line, used);
        client->length -= used;
        memmove(client->line, newline + 1, client->length);
        command(writer, client, line);
    }
}

static void receive(struct writer *writer, struct client *client) {
    size_t room = COMMAND_LIMIT - client->length;
    ssize_t n = recv(client->socket, client->line + client->length, room, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    /* While an answer is open or a tap runs the client has nothing to say. */
    if (n <= 0 || client->state != CLIENT_LISTENING) {
        drop_client(client);
        return;
    }
    client->length += (size_t)n;
    commands(writer, client);
}

static void welcome(struct control *control) {
    int connection =
        accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection < 0) {
        return;
    }
    struct ucred peer;
    socklen_t size = sizeof peer;
    bool known = getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                 (peer.uid == 0 || peer.uid == getuid());
    for (int i = 0; known && i < CLIENTS; i++) {
        struct client *client = &control->clients[i];
        if (client->state == CLIENT_FREE) {
            client->state = CLIENT_LISTENING;
            client->socket = connection;
            client->length = 0;
            client->idle_until = now_millis() + IDLE_MILLIS;
            return;
        }
    }
    const char *reason = known ? "error too many connections\n" : "error not permitted\n";
    send(connection, reason, strlen(reason), MSG_DONTWAIT | MSG_NOSIGNAL);
    close(connection);
}

int control_poll(struct control *control, struct pollfd *entries) {
    entries[0] = (struct pollfd){.fd = control->listener, .events = POLLIN};
    for (int i = 0; i < CLIENTS; i++) {
        const struct client *client = &control->clients[i];
        bool sending = client->state == CLIENT_TAP && tap_waiting(&client->tap);
        entries[i + 1] = (struct pollfd){
            .fd = client->state == CLIENT_FREE ? -1 : client->socket,
            .events = (short)(sending ? POLLIN | POLLOUT : POLLIN),
        };
    }
    return CLIENTS + 1;
}

void control_serve(struct writer *writer, const struct pollfd *entries) {
    struct control *control = &writer->control;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &control->clients[i];
        if (client->state != CLIENT_FREE && (entries[i + 1].revents & ~POLLOUT) != 0) {
            receive(writer, client);
        }
    }
    if (entries[0].revents != 0) {
        welcome(control);
    }
}

static void answer_reopen(struct writer *writer, struct client *client) {
    int error;
    if (!disk_reopened(&writer->disk, client->ticket, &error)) {
        return;
    }
    client->state = CLIENT_LISTENING;
    if (error == 0) {
        answer(client, "ok");
    } else if (writer->disk.path == NULL) {
        answer(client, "error reopen: this writer keeps no log file");
    } else {
        answer(client, "error reopen %s: %s", writer->disk.path, file_error(error));
    }
}

void control_progress(struct writer *writer) {
    int64_t now = -1;
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &writer->control.clients[i];
        switch (client->state) {
            case CLIENT_REOPENING:
                answer_reopen(writer, client);
                break;
            case CLIENT_TAP:
                if (!tap_send(&client->tap, client->socket) ||
                    (client->tap.ended && client->tap.length == 0)) {
                    drop_client(client);
                }
                break;
            case CLIENT_LISTENING:
                now = now < 0 ? now_millis() : now;
                if (now >= client->idle_until) {
                    drop_client(client);
                }
                break;
            case CLIENT_WAITING:
            case CLIENT_FREE:
                break;
        }
    }
}

int control_timeout(const struct control *control) {
    int64_t next = INT64_MAX;
    for (int i = 0; i < CLIENTS; i++) {
        const struct client *client = &control->clients[i];
        if (client->state == CLIENT_LISTENING && client->idle_until < next) {
            next = client->idle_until;
        }
    }
    if (next == INT64_MAX) {
        return -1;
    }
    int64_t left = next - now_millis();
    return left < 0 ? 0 : (int)left + 1;
}

void control_output(struct control *control, int stream, const char *data, size_t length) {
    for (int i = 0; i < CLIENTS; i++) {
        if (control->clients[i].state == CLIENT_TAP) {
            tap_output(&control->clients[i].tap, stream, data, length);
        }
    }
}

void control_end_output(struct control *control) {
    for (int i = 0; i < CLIENTS; i++) {
        if (control->clients[i].state == CLIENT_TAP) {
            tap_end(&control->clients[i].tap);
        }
    }
}

bool control_output_waiting(const struct control *control) {
    for (int i = 0; i < CLIENTS; i++) {
        if (control->clients[i].state == CLIENT_TAP) {
            return true;
        }
    }
    return false;
}

void control_finish(struct writer *writer, bool complete) {
    if (complete) {
        unlink(writer->control.path);
    }
    for (int i = 0; i < CLIENTS; i++) {
        struct client *client = &writer->control.clients[i];
        if (client->state == CLIENT_REOPENING) {
            answer_reopen(writer, client);
        } else if (client->state == CLIENT_WAITING && complete) {
            answer_stats(writer, client, true);
        } else if (client->state == CLIENT_WAITING) {
            answer(client, "error log file %s: the disk does not answer", writer->disk.path);
        }
    }
}
