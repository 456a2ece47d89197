package io.berth.streaming;

import java.util.Optional;

/** The streams of exec and attach, with the numbers of their WebSocket channels. */
enum StreamKind {
    STDIN(0),
    STDOUT(1),
    STDERR(2),
    ERROR(3),
    RESIZE(4);

    private final int channel;

    StreamKind(int channel) {
        this.channel = channel;
    }

    int channel() {
        return channel;
    }

    /** The kind that a SPDY stream's {@code streamtype} header names. */
    static Optional<StreamKind> of(String word) {
        return switch (word) {
            case "stdin" -> Optional.of(STDIN);
            case "stdout" -> Optional.of(STDOUT);
            case "stderr" -> Optional.of(STDERR);
            case "error" -> Optional.of(ERROR);
            case "resize" -> Optional.of(RESIZE);
            default -> Optional.empty();
        };
    }
}
