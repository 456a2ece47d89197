#include "log_options.h"
#include "berth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The kubelet's readers expect 16 KiB lines; the upper limit keeps a writer's memory small. */
enum { LINE_DEFAULT = 16384, LINE_LEAST = 64, LINE_MOST = 1 << 20 };
enum { STALL_DEFAULT = 2000, STALL_LEAST = 50, STALL_MOST = 60000 };

static long number(const char *name, const char *text, long least, long most) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most) {
        give_up(EXIT_USAGE, "log: %s %s: wanted %ld to %ld", name, text, least, most);
    }
    return value;
}

/* The daemon's own directory is /, and its answers are lines. */
static const char *path(const char *name, const char *text) {
    if (text[0] != '/') {
        give_up(EXIT_USAGE, "log: %s %s: wanted an absolute path", name, text);
    }
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ') {
            give_up(EXIT_USAGE, "log: %s: control character in the path", name);
        }
    }
    return text;
}

void log_options_parse(struct log_options *options, int argc, char **argv) {
    *options = (struct log_options){.max_line = LINE_DEFAULT, .stall_millis = STALL_DEFAULT};
    bool terminal = false, discard = false;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--tty") == 0) {
            terminal = true;
            continue;
        }
        if (strcmp(name, "--discard") == 0) {
            discard = true;
            continue;
        }
        if (strcmp(name, "--after-loss") == 0) {
            options->after_loss = true;
            continue;
        }
        const char *value = i + 1 < argc ? argv[++i] : NULL;
        if (value == NULL) {
            give_up(EXIT_USAGE, "log: %s: unknown, or its value is missing", name);
        }
        if (strcmp(name, "--stdout") == 0) {
            options->out = path(name, value);
        } else if (strcmp(name, "--stderr") == 0) {
            options->err = path(name, value);
        } else if (strcmp(name, "--log") == 0) {
            options->log = path(name, value);
        } else if (strcmp(name, "--control") == 0) {
            options->control = path(name, value);
        } else if (strcmp(name, "--max-line") == 0) {
            options->max_line = (size_t)number(name, value, LINE_LEAST, LINE_MOST);
        } else if (strcmp(name, "--stall-millis") == 0) {
            options->stall_millis = (int)number(name, value, STALL_LEAST, STALL_MOST);
        } else {
            give_up(EXIT_USAGE, "log: %s: unknown option", name);
        }
    }
    if (options->out == NULL || options->control == NULL) {
        give_up(EXIT_USAGE, "log: wanted --stdout and --control");
    }
    if ((options->err != NULL) == terminal) {
        give_up(EXIT_USAGE, "log: wanted either --stderr or --tty");
    }
    if ((options->log != NULL) == discard) {
        give_up(EXIT_USAGE, "log: wanted either --log or --discard");
    }
}
