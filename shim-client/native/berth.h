/*
 * What every file of berth-native may use: the subcommands and a way to give up.
 *
 * The program is one static binary with jobs that must outlive the daemon, start within a
 * millisecond, cost kilobytes or have one thread: `pause` (holds a pod's namespaces), `userns`
 * (begins a user namespace), `log` (writes a container's output), `publish` (hands a shim's
 * event to the daemon, or keeps it while the daemon is down) and `plugin` (starts a node plugin
 * with its connection). Under the name `criu` it checks restored processes before they run.
 */
#ifndef BERTH_H
#define BERTH_H

#ifndef BERTH_VERSION
#error "BERTH_VERSION is set by build.sh"
#endif

/* Exit codes: 1 the job failed, 2 it was asked wrongly. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

int pause_main(int argc, char **argv);
int userns_main(int argc, char **argv);
int log_main(int argc, char **argv);
int publish_main(int argc, char **argv);
int plugin_main(int argc, char **argv);
int criu_main(int argc, char **argv);

/* Remembers a path that give_up removes: what a failing command has made does not stay. */
void undo_at_failure(const char *path);

/* Prints "berth-native: MESSAGE" to stderr and exits with the code. */
__attribute__((noreturn, format(printf, 2, 3))) void give_up(int code, const char *format, ...);

#endif
