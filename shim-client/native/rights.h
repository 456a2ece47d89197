/* What a restored process may have, and whether the processes of a tree have no more. */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RIGHTS_NAMESPACES = 8, RIGHTS_TASKS = 65536, RIGHTS_FILE = 64 * 1024 };

/* An ids list is the text " 0 1000 "; NULL allows any. */
struct rights {
    uint64_t capabilities[5]; /* inheritable, permitted, effective, bounding, ambient */
    bool no_new_privs, seccomp;
    const char *uids, *gids, *groups;
    const char *namespaces[RIGHTS_NAMESPACES]; /* "host", "new", "any" or a path */
    const char *cgroup;                        /* name of the container's cgroup */
    char text[RIGHTS_FILE + 1];
};

/* Reads the rights from a file that berth wrote; false with a reason. */
bool rights_read(struct rights *rights, int folder, const char *name, char *reason, size_t size);

/*
 * Checks every thread of a process and of its descendants, none of which may run meanwhile. Returns
 * how many threads it saw, or -1 with a reason.
 */
int rights_check(const struct rights *rights, pid_t root, char *reason, size_t size);

/* Kills a process and all of its descendants, which do not run meanwhile. */
void rights_kill(pid_t root);

#endif
