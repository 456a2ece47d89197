package io.berth.shimclient.writer;

import java.nio.file.Path;
import java.util.List;

/** The FIFOs of a container's output; the writer makes those that are missing. */
public sealed interface LogStreams {
    /** Arguments of {@code berth-native log}. */
    List<String> arguments();

    /** A container without a terminal: two streams. */
    record Separate(Path stdout, Path stderr) implements LogStreams {
        @Override
        public List<String> arguments() {
            return List.of("--stdout", stdout.toString(), "--stderr", stderr.toString());
        }
    }

    /** A container with a terminal: all its output is stdout. */
    record Terminal(Path stdout) implements LogStreams {
        @Override
        public List<String> arguments() {
            return List.of("--stdout", stdout.toString(), "--tty");
        }
    }
}
