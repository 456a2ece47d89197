package io.berth.shimclient.writer;

import java.nio.file.Path;
import java.util.List;

/** Where a container's output goes. */
public sealed interface LogTarget {
    /** Arguments of {@code berth-native log}. */
    List<String> arguments();

    /** To a log file in the CRI format, appended to, created with mode 0640. */
    record LogFile(Path path) implements LogTarget {
        @Override
        public List<String> arguments() {
            return List.of("--log", path.toString());
        }
    }

    /** Nowhere: it is read, counted and thrown away (a CRI container without a log path). */
    record Discard() implements LogTarget {
        @Override
        public List<String> arguments() {
            return List.of("--discard");
        }
    }
}
