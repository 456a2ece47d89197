package io.berth.e2e.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What can be measured, in the order in which it is. */
enum Part {
    /** Start of the daemon without pods, and its memory then. */
    START,
    /** Each call of a pod's life. */
    LIFE,
    /** Commands in a container. */
    EXEC,
    /** Pods per second, started and ended by several at a time. */
    RATE,
    /** A cold pull. */
    PULL,
    /** Output of a container to its log. */
    LOG,
    /** Memory and processor time with pods and without calls. */
    IDLE,
    /** Start of the daemon with pods that run. */
    RESTART,
    /** Lists with many pods. */
    LIST;

    /** As it is written in an option. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Part> of(String word) {
        return Arrays.stream(values()).filter(part -> part.word().equals(word)).findFirst();
    }
}
