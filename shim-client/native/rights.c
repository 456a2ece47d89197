#include "rights.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum { SETS = 5, PATH_SPACE = 128, STATUS_SPACE = 1 << 20 };
enum { CGROUP2 = 0x63677270 }; /* linux/magic.h: CGROUP2_SUPER_MAGIC */

static const char *const sets[SETS] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
static const char *const namespaces[RIGHTS_NAMESPACES] = {"pid", "net",  "ipc",    "uts",
                                                          "mnt", "user", "cgroup", "time"};

static char status[STATUS_SPACE];
static pid_t tree[RIGHTS_TASKS];

__attribute__((format(printf, 3, 4))) static bool because(char *reason, size_t size,
                                                          const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, size, format, arguments);
    va_end(arguments);
    return false;
}

/* Reads a file whole, with a zero behind it; -1 if it cannot be read or is larger. */
static ssize_t whole(int folder, const char *path, char *bytes, size_t space) {
    int file = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) {
        return -1;
    }
    size_t length = 0;
    for (;;) {
        ssize_t n = read(file, bytes + length, space - 1 - length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            int failure = errno;
            close(file);
            errno = failure;
            bytes[length] = '\0';
            return n < 0 ? -1 : (ssize_t)length;
        }
        length += (size_t)n;
        if (length == space - 1) {
            close(file);
            errno = EFBIG;
            return -1;
        }
    }
}

static bool set_right(struct rights *rights, const char *name, char *value, unsigned *seen) {
    for (unsigned i = 0; i < SETS; i++) {
        if (strcmp(name, sets[i]) == 0) {
            char *end;
            rights->capabilities[i] = strtoull(value, &end, 16);
            *seen |= 1U << i;
            return *value != '\0' && *end == '\0';
        }
    }
    for (unsigned i = 0; i < RIGHTS_NAMESPACES; i++) {
        if (strncmp(name, "ns-", 3) == 0 && strcmp(name + 3, namespaces[i]) == 0) {
            rights->namespaces[i] = value;
            *seen |= 1U << (SETS + i);
            return *value != '\0';
        }
    }
    static const char *const others[] = {"NoNewPrivs", "Seccomp", "Uid", "Gid", "Groups", "Cgroup"};
    const char **texts[] = {&rights->uids, &rights->gids, &rights->groups};
    for (unsigned i = 0; i < 6; i++) {
        if (strcmp(name, others[i]) == 0) {
            *seen |= 1U << (SETS + RIGHTS_NAMESPACES + i);
            switch (i) {
            case 0: rights->no_new_privs = strcmp(value, "1") == 0; break;
            case 1: rights->seccomp = strcmp(value, "1") == 0; break;
            case 5: rights->cgroup = value; break;
            default: *texts[i - 2] = strcmp(value, "any") == 0 ? NULL : value; break;
            }
            return true;
        }
    }
    return false;
}

bool rights_read(struct rights *rights, int folder, const char *name, char *reason, size_t size) {
    if (whole(folder, name, rights->text, sizeof rights->text) < 0) {
        return because(reason, size, "%s: %s", name, strerror(errno));
    }
    unsigned seen = 0;
    for (char *line = rights->text; *line != '\0';) {
        char *end = strchr(line, '\n');
        char *value = strchr(line, ':');
        if (end == NULL || value == NULL || value > end) {
            return because(reason, size, "%s: found a line that is not NAME:VALUE", name);
        }
        *end = '\0';
        *value++ = '\0';
        if (!set_right(rights, line, value, &seen)) {
            return because(reason, size, "%s: found '%s:%s'", name, line, value);
        }
        line = end + 1;
    }
    if (seen != (1U << (SETS + RIGHTS_NAMESPACES + 6)) - 1) {
        return because(reason, size, "%s: found it without all rights", name);
    }
    return true;
}

/* Where the value of a field of the status begins; NULL if there is none. */
static const char *field(const char *name) {
    size_t length = strlen(name);
    for (const char *line = status; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == ':') {
            return line + length + 1 + strspn(line + length + 1, " \t");
        }
    }
    return NULL;
}

static bool ids(const char *name, const char *allowed, pid_t thread, char *reason, size_t size) {
    const char *at = field(name);
    if (at == NULL) {
        return because(reason, size, "thread %d: %s: found none", thread, name);
    }
    while (allowed != NULL && *at != '\n' && *at != '\0') {
        size_t length = strcspn(at, " \t\n");
        char wanted[24];
        snprintf(wanted, sizeof wanted, " %.*s ", (int)(length > 20 ? 20 : length), at);
        if (strstr(allowed, wanted) == NULL) {
            return because(reason, size, "thread %d: %s: found%s, wanted one of%s", thread, name,
                           wanted, allowed);
        }
        at += length;
        at += strspn(at, " \t");
    }
    return true;
}

/* A process that has ended runs nothing and has rights no more. */
static bool ended(void) {
    const char *state = field("State");
    return state != NULL && (*state == 'Z' || *state == 'X');
}

static bool credentials(const struct rights *rights, pid_t thread, char *reason, size_t size) {
    const char *state = field("State");
    if (state == NULL || *state != 't') {
        return because(reason, size, "thread %d: State: found %c, wanted one that CRIU holds",
                       thread, state == NULL ? '?' : *state);
    }
    for (unsigned i = 0; i < SETS; i++) {
        const char *value = field(sets[i]);
        uint64_t found = value == NULL ? UINT64_MAX : strtoull(value, NULL, 16);
        if ((found & ~rights->capabilities[i]) != 0) {
            return because(reason, size, "thread %d: %s: found %016llx, wanted no more than %016llx",
                           thread, sets[i], (unsigned long long)found,
                           (unsigned long long)rights->capabilities[i]);
        }
    }
    const char *privileges = field("NoNewPrivs");
    if (rights->no_new_privs && (privileges == NULL || *privileges != '1')) {
        return because(reason, size, "thread %d: NoNewPrivs: found none, wanted 1", thread);
    }
    const char *seccomp = field("Seccomp");
    if (rights->seccomp && (seccomp == NULL || *seccomp != '2')) {
        return because(reason, size, "thread %d: Seccomp: found %c, wanted 2", thread,
                       seccomp == NULL ? '?' : *seccomp);
    }
    return ids("Uid", rights->uids, thread, reason, size) &&
           ids("Gid", rights->gids, thread, reason, size) &&
           ids("Groups", rights->groups, thread, reason, size);
}

static bool same(const struct stat *one, const struct stat *other) {
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

static bool in_namespaces(const struct rights *rights, pid_t root, pid_t thread, char *reason,
                          size_t size) {
    for (unsigned i = 0; i < RIGHTS_NAMESPACES; i++) {
        char path[PATH_SPACE];
        struct stat found, ours, first, wanted;
        snprintf(path, sizeof path, "/proc/self/ns/%s", namespaces[i]);
        if (stat(path, &ours) != 0) {
            continue; /* a kernel without this kind */
        }
        snprintf(path, sizeof path, "/proc/%d/ns/%s", thread, namespaces[i]);
        bool seen = stat(path, &found) == 0;
        snprintf(path, sizeof path, "/proc/%d/ns/%s", root, namespaces[i]);
        seen = seen && stat(path, &first) == 0;
        const char *how = rights->namespaces[i];
        bool right = seen && same(&found, &first);
        if (strcmp(how, "host") == 0) {
            right = right && same(&found, &ours);
        } else if (strcmp(how, "new") == 0) {
            right = right && !same(&found, &ours);
        } else if (strcmp(how, "any") != 0) {
            right = right && stat(how, &wanted) == 0 && same(&found, &wanted);
        }
        if (!right) {
            return because(reason, size, "thread %d: %s namespace: found another, wanted %s", thread,
                           namespaces[i], how);
        }
    }
    return true;
}

/* Whether runtimes leave a hierarchy out: on cgroup v2 all but that one, on v1 that one and misc. */
static bool left_out(const char *controllers) {
    struct statfs cgroups;
    bool second = statfs("/sys/fs/cgroup", &cgroups) == 0 && cgroups.f_type == CGROUP2;
    bool unified = strcmp(controllers, ":") == 0;
    return second ? !unified : unified || strcmp(controllers, ":misc") == 0;
}

/* The path in each hierarchy has the container's cgroup in it. */
static bool in_cgroup(const struct rights *rights, pid_t thread, char *reason, size_t size) {
    static char lines[64 * 1024];
    char path[PATH_SPACE];
    snprintf(path, sizeof path, "/proc/%d/cgroup", thread);
    if (whole(AT_FDCWD, path, lines, sizeof lines) < 0) {
        return because(reason, size, "thread %d: cgroup: %s", thread, strerror(errno));
    }
    size_t length = strlen(rights->cgroup);
    for (char *line = lines; *line != '\0';) {
        char *end = strchr(line, '\n');
        char *controllers = strchr(line, ':');
        char *where = controllers == NULL ? NULL : strchr(controllers + 1, ':');
        if (end == NULL || where == NULL || where > end) {
            return because(reason, size, "thread %d: cgroup: found a line of another form", thread);
        }
        *end = '\0';
        *where++ = '\0';
        bool inside = false;
        for (char *part = where; part != NULL && !inside; part = strchr(part, '/')) {
            part += *part == '/';
            inside = strncmp(part, rights->cgroup, length) == 0 &&
                     (part[length] == '/' || part[length] == '\0');
        }
        if (!inside && !left_out(controllers)) {
            return because(reason, size, "thread %d: cgroup%s: found %s, wanted one in %s", thread,
                           controllers, where, rights->cgroup);
        }
        line = end + 1;
    }
    return true;
}

/* Adds the children that the threads of a process have. */
static bool add_children(pid_t parent, int *count) {
    static char children[1 << 20];
    char path[PATH_SPACE];
    snprintf(path, sizeof path, "/proc/%d/task", parent);
    DIR *threads = opendir(path);
    if (threads == NULL) {
        return errno == ENOENT;
    }
    bool fits = true;
    for (struct dirent *entry = readdir(threads); entry != NULL && fits; entry = readdir(threads)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/children", parent, entry->d_name);
        if (whole(AT_FDCWD, path, children, sizeof children) < 0) {
            fits = errno == ENOENT || errno == ESRCH;
            continue;
        }
        for (char *at = children; *at >= '0' && *at <= '9' && fits; at += strspn(at, " ")) {
            fits = *count < RIGHTS_TASKS;
            if (fits) {
                tree[(*count)++] = (pid_t)strtol(at, &at, 10);
            }
        }
    }
    closedir(threads);
    return fits;
}

/* How many processes the tree has; -1 if it has too many. */
static int grow(pid_t root) {
    int count = 1;
    tree[0] = root;
    for (int i = 0; i < count; i++) {
        if (!add_children(tree[i], &count)) {
            return -1;
        }
    }
    return count;
}

static int check_threads(const struct rights *rights, pid_t root, pid_t process, char *reason,
                         size_t size) {
    char path[PATH_SPACE];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *threads = opendir(path);
    if (threads == NULL) {
        because(reason, size, "process %d: %s", process, strerror(errno));
        return -1;
    }
    int count = 0;
    for (struct dirent *entry = readdir(threads); entry != NULL && count >= 0;
         entry = readdir(threads)) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);
        snprintf(path, sizeof path, "/proc/%d/task/%d/status", process, thread);
        bool right = whole(AT_FDCWD, path, status, sizeof status) > 0;
        if (!right) {
            because(reason, size, "thread %d: status: %s", thread, strerror(errno));
        } else if (!ended()) {
            right = credentials(rights, thread, reason, size) &&
                    in_namespaces(rights, root, thread, reason, size) &&
                    in_cgroup(rights, thread, reason, size);
        }
        count = right ? count + 1 : -1;
    }
    closedir(threads);
    return count;
}

int rights_check(const struct rights *rights, pid_t root, char *reason, size_t size) {
    int processes = grow(root);
    if (processes < 0) {
        because(reason, size, "process %d: found more than %d descendants, or could not list them",
                root, RIGHTS_TASKS);
        return -1;
    }
    int threads = 0;
    for (int i = 0; i < processes; i++) {
        int some = check_threads(rights, root, tree[i], reason, size);
        if (some < 0) {
            return -1;
        }
        threads += some;
    }
    return threads;
}

void rights_kill(pid_t root) {
    int count = grow(root);
    for (int i = 0; i < (count < 0 ? RIGHTS_TASKS : count); i++) {
        if (tree[i] > 1) {
            kill(tree[i], SIGKILL);
        }
    }
}
