package io.berth.e2e.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Which runs are done, one line each in a file, so that a sweep goes on where it was cut. */
final class SweepState {
    private final Optional<Path> file;
    private final Set<String> done = new HashSet<>();

    private SweepState(Optional<Path> file) {
        this.file = file;
    }

    /** Reads what is done; without a file nothing is, and nothing is kept. */
    static SweepState of(Optional<Path> file) throws IOException {
        var state = new SweepState(file);
        if (file.isPresent() && Files.exists(file.get())) {
            state.done.addAll(Files.readAllLines(file.get()));
        }
        return state;
    }

    boolean isDone(String run) {
        return done.contains(run);
    }

    void add(String run) throws IOException {
        done.add(run);
        if (file.isPresent()) {
            Files.writeString(
                    file.get(), run + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
