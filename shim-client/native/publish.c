/*
 * `berth-native publish`: hands one event of a shim to the daemon.
 *
 * Shims that do not speak ttrpc to the daemon themselves run the program they were given as
 * -publish-binary, in the bundle's directory, as
 *
 *     PROGRAM --address SOCKET publish --topic TOPIC --namespace NAMESPACE
 *
 * with a google.protobuf.Any on stdin. SOCKET is the daemon's CRI socket; events go to the ttrpc
 * socket beside it, SOCKET.ttrpc (to TTRPC_ADDRESS when there is no --address). When the daemon does not take the event it is kept in the bundle
 * (journal.h), where the daemon finds it when it is back. Exit code 0: delivered or kept.
 */
#include "berth.h"
#include "journal.h"
#include "wire.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Longest event; answers are a status and no more. ttrpc itself allows 4 MiB. */
enum { EVENT_LIMIT = 256 * 1024, ANSWER_LIMIT = 64 * 1024, TIMEOUT_SECONDS = 5 };
enum { FRAME_HEAD = 10, REQUEST = 1, RESPONSE = 2, REMOTE_CLOSED = 1 };

struct event {
    const char *address, *topic, *namespace, *bundle;
    unsigned char any[EVENT_LIMIT + 1];
    size_t length;
};

static const char *value_of(int argc, char **argv, int *i, const char *name) {
    size_t length = strlen(name);
    if (strncmp(argv[*i], name, length) != 0) {
        return NULL;
    }
    if (argv[*i][length] == '=') {
        return argv[*i] + length + 1;
    }
    if (argv[*i][length] != '\0') {
        return NULL;
    }
    if (*i + 1 >= argc) {
        give_up(EXIT_USAGE, "publish: %s: its value is missing", name);
    }
    return argv[++*i];
}

static void read_arguments(struct event *event, int argc, char **argv) {
    static const char *const names[] = {"--address", "--topic", "--namespace", "--bundle"};
    const char **values[] = {&event->address, &event->topic, &event->namespace, &event->bundle};
    event->bundle = ".";
    for (int i = 1; i < argc; i++) {
        bool known = strcmp(argv[i], "publish") == 0;
        for (int j = 0; j < 4 && !known; j++) {
            const char *value = value_of(argc, argv, &i, names[j]);
            if (value != NULL) {
                *values[j] = value;
                known = true;
            }
        }
        if (!known) {
            give_up(EXIT_USAGE, "publish: %s: unknown option", argv[i]);
        }
    }
    if (event->topic == NULL || event->topic[0] != '/') {
        give_up(EXIT_USAGE, "publish: wanted --topic with a topic like /tasks/exit");
    }
    if (event->namespace == NULL || event->namespace[0] == '\0') {
        give_up(EXIT_USAGE, "publish: wanted --namespace");
    }
}

/* Reads the Any: field 1 its type, field 2 its value. */
static void read_event(struct event *event) {
    for (;;) {
        ssize_t n =
            read(STDIN_FILENO, event->any + event->length, sizeof event->any - event->length);
        if (n < 0 && errno != EINTR) {
            give_up(EXIT_FAILED, "publish: stdin: %s", strerror(errno));
        }
        if (n == 0) {
            break;
        }
        event->length += n > 0 ? (size_t)n : 0;
        if (event->length > EVENT_LIMIT) {
            give_up(EXIT_USAGE, "publish: event on stdin larger than %d bytes", EVENT_LIMIT);
        }
    }
    struct wire_field field;
    size_t position = 0;
    bool malformed = false, typed = false;
    while (wire_next(event->any, event->length, &position, &field, &malformed)) {
        typed = typed || (field.number == 1 && field.length > 0);
        malformed = field.number <= 2 && field.bytes == NULL;
        if (malformed) {
            break;
        }
    }
    if (malformed || !typed) {
        give_up(EXIT_USAGE, "publish: %zu bytes on stdin, wanted a google.protobuf.Any",
                event->length);
    }
}

/* containerd.types.Envelope: timestamp 1, namespace 2, topic 3, event 4. */
static void write_envelope(struct wire *envelope, const struct event *event) {
    unsigned char time_bytes[32];
    struct wire when = {.bytes = time_bytes, .capacity = sizeof time_bytes};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    wire_number(&when, 1, (uint64_t)now.tv_sec);
    wire_number(&when, 2, (uint64_t)now.tv_nsec);
    wire_bytes(envelope, 1, when.bytes, when.length);
    wire_text(envelope, 2, event->namespace);
    wire_text(envelope, 3, event->topic);
    wire_bytes(envelope, 4, event->any, event->length);
}

/* A ttrpc Request: service 1, method 2, payload 3, timeout in nanoseconds 4, metadata 5. The payload
   is a ForwardRequest, whose field 1 is the envelope. */
static void write_request(struct wire *frame, const struct wire *forward,
                          const struct event *event) {
    unsigned char bytes[512];
    struct wire metadata = {.bytes = bytes, .capacity = sizeof bytes};
    wire_text(&metadata, 1, "containerd-namespace-ttrpc");
    wire_text(&metadata, 2, event->namespace);
    unsigned char head[FRAME_HEAD] = {0};
    wire_raw(frame, head, FRAME_HEAD);
    wire_text(frame, 1, "containerd.services.events.ttrpc.v1.Events");
    wire_text(frame, 2, "Forward");
    wire_bytes(frame, 3, forward->bytes, forward->length);
    wire_number(frame, 4, TIMEOUT_SECONDS * 1000000000ULL);
    wire_bytes(frame, 5, metadata.bytes, metadata.length);
    wire_big_endian(frame->bytes, (uint32_t)(frame->length - FRAME_HEAD));
    wire_big_endian(frame->bytes + 4, 1);
    frame->bytes[8] = REQUEST;
    frame->bytes[9] = REMOTE_CLOSED;
    frame->overflowed = frame->overflowed || metadata.overflowed;
}

/* Connects to the ttrpc socket that belongs to the address; -1 with a reason. */
static int connect_daemon(const char *address, const char **reason) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *suffix = ".ttrpc";
    if (address == NULL || address[0] == '\0') {
        address = getenv("TTRPC_ADDRESS");
        suffix = "";
    }
    if (address == NULL) {
        *reason = "neither --address nor TTRPC_ADDRESS is set";
        return -1;
    }
    if (strncmp(address, "unix://", 7) == 0) {
        address += 7;
    }
    size_t length = strlen(address);
    if (length > 6 && strcmp(address + length - 6, ".ttrpc") == 0) {
        suffix = "";
    }
    int printed = snprintf(to.sun_path, sizeof to.sun_path, "%s%s", address, suffix);
    if (printed < 0 || (size_t)printed >= sizeof to.sun_path) {
        *reason = "address longer than a socket's path may be";
        return -1;
    }
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(connection, (struct sockaddr *)&to, sizeof to) != 0) {
        *reason = strerror(errno);
        close(connection);
        return -1;
    }
    return connection;
}

static bool send_all(int connection, const unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = send(connection, bytes, length, MSG_NOSIGNAL);
        if (n < 0 && errno != EINTR) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool receive_all(int connection, unsigned char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = recv(connection, bytes, length, 0);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        bytes += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A Response is a status (field 1: code 1, message 2), absent when all is well, and a payload. */
static bool accepted(const unsigned char *message, size_t length) {
    struct wire_field field, part;
    size_t position = 0;
    bool malformed = false;
    while (wire_next(message, length, &position, &field, &malformed)) {
        size_t inner = 0;
        while (field.number == 1 && field.bytes != NULL &&
               wire_next(field.bytes, field.length, &inner, &part, &malformed)) {
            if (part.number == 1 && part.value != 0) {
                return false;
            }
        }
    }
    return !malformed;
}

/* NULL when the daemon has taken the event, else why not. */
static const char *deliver(const char *address, const struct wire *frame) {
    static unsigned char message[ANSWER_LIMIT];
    const char *reason = NULL;
    int connection = connect_daemon(address, &reason);
    if (connection < 0) {
        return reason;
    }
    unsigned char head[FRAME_HEAD];
    if (!send_all(connection, frame->bytes, frame->length) ||
        !receive_all(connection, head, FRAME_HEAD)) {
        return "no answer";
    }
    uint32_t length = wire_read_big_endian(head);
    if (head[8] != RESPONSE || wire_read_big_endian(head + 4) != 1 || length > ANSWER_LIMIT) {
        return "an answer that is not ttrpc";
    }
    if (!receive_all(connection, message, length)) {
        return "an answer cut short";
    }
    return accepted(message, length) ? NULL : "refused";
}

int publish_main(int argc, char **argv) {
    static struct event event;
    static unsigned char bytes[3][EVENT_LIMIT + 4096];
    struct wire envelope = {.bytes = bytes[0], .capacity = sizeof bytes[0]};
    struct wire forward = {.bytes = bytes[1], .capacity = sizeof bytes[1]};
    struct wire frame = {.bytes = bytes[2], .capacity = sizeof bytes[2]};

    read_arguments(&event, argc, argv);
    read_event(&event);
    write_envelope(&envelope, &event);
    wire_bytes(&forward, 1, envelope.bytes, envelope.length);
    write_request(&frame, &forward, &event);
    if (envelope.overflowed || forward.overflowed || frame.overflowed) {
        give_up(EXIT_USAGE, "publish: topic or namespace too long");
    }

    const char *reason = deliver(event.address, &frame);
    if (reason == NULL) {
        return 0;
    }
    bool important =
        strcmp(event.topic, "/tasks/exit") == 0 || strcmp(event.topic, "/tasks/oom") == 0;
    bool kept = journal_append(event.bundle, envelope.bytes, envelope.length, important);
    fprintf(stderr, "berth-native: publish: %s: daemon at %s: %s; event %s\n", event.topic,
            event.address == NULL ? "(no address)" : event.address, reason,
            kept ? "kept in the bundle" : "lost");
    return kept ? 0 : EXIT_FAILED;
}
