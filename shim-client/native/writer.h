/* The log writer's whole state, shared by its loop (log.c) and its control socket (control.c). */
#ifndef WRITER_H
#define WRITER_H

#include "control.h"
#include "disk.h"
#include "lines.h"

struct writer {
    struct disk disk;
    struct lines lines[STREAMS];
    int fifos[STREAMS]; /* -1: not there or ended */
    struct control control;
    char *input;
    int signals; /* signalfd: TERM and INT */
    bool stop_asked;
    bool draining;    /* both streams ended */
    int64_t give_up_at; /* 0: the disk is waited for as long as it takes */
};

#endif
