package io.berth.shimclient.bootstrap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Chooses among the runc shims of a machine by the generation of containerd that each was built
 * from, since older ones lose the ends of processes when many end at once. The generation is read
 * from the program's file: which module it was built from, and whether it knows the start call of
 * 2.3. Of two of one generation the first stays.
 */
public final class NewestShim {
    /** The main package of a shim of containerd 2, as Go notes it in the program. */
    private static final byte[] SECOND =
            "containerd/containerd/v2/cmd/containerd-shim-runc-v2".getBytes(ISO_8859_1);

    private NewestShim() {}

    /** The newest of the programs that are there; empty if none is. */
    public static Optional<Path> of(List<Path> programs) {
        var there = programs.stream().filter(Files::isExecutable).toList();
        if (there.size() < 2) {
            return there.stream().findFirst();
        }
        var newest = there.getFirst();
        int highest = generation(newest);
        for (var program : there.subList(1, there.size())) {
            int generation = generation(program);
            if (generation > highest) {
                newest = program;
                highest = generation;
            }
        }
        return Optional.of(newest);
    }

    /** A file that cannot be read, or that is no program of Go, counts as the oldest. */
    private static int generation(Path program) {
        try {
            if (!Files.isRegularFile(program)) {
                return 0;
            }
            return BootstrapForms.contains(program, BootstrapForms.MARK)
                    ? 3
                    : BootstrapForms.contains(program, SECOND) ? 2 : 1;
        } catch (IOException unreadable) {
            return 0;
        }
    }
}
