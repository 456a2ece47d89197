package io.berth.shimclient.shim;

/**
 * Where a process reads and writes: paths of FIFOs, or URIs that the shim knows ({@code file:},
 * {@code binary:}); an empty one means /dev/null. Someone must read the FIFOs of stdout and stderr
 * before the create call, which otherwise waits for it.
 *
 * <p>Without a terminal, stdout and stderr are both given or both empty: with one of them alone the
 * shims measured (1.6.20, 2.1.9) crash in the create call.
 *
 * @param terminal one pseudo-terminal for all three; stderr must then be empty
 */
public record TaskIo(String stdin, String stdout, String stderr, boolean terminal) {
    public static final TaskIo NONE = new TaskIo("", "", "", false);

    public TaskIo {
        if (terminal && !stderr.isEmpty()) {
            throw new IllegalArgumentException(
                    "task io: stderr %s with a terminal; none wanted".formatted(stderr));
        }
        if (!terminal && stdout.isEmpty() != stderr.isEmpty()) {
            throw new IllegalArgumentException(
                    "task io: stdout '%s' and stderr '%s', both or neither wanted"
                            .formatted(stdout, stderr));
        }
    }
}
