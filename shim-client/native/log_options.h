/* The command line of `berth-native log`, checked. */
#ifndef LOG_OPTIONS_H
#define LOG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct log_options {
    const char *out;
    const char *err; /* NULL: a terminal, which has one stream */
    const char *log; /* NULL: the output is read and thrown away */
    const char *control;
    size_t max_line;
    int stall_millis;
    bool after_loss; /* an earlier writer of these FIFOs was killed */
};

/* Explains on stderr and exits when something is wrong. */
void log_options_parse(struct log_options *options, int argc, char **argv);

#endif
