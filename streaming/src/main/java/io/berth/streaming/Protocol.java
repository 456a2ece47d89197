package io.berth.streaming;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Versions of the exec and attach protocol, by what they can do. */
enum Protocol {
    V1("channel.k8s.io", false, false),
    V2("v2.channel.k8s.io", false, false),
    V3("v3.channel.k8s.io", true, false),
    V4("v4.channel.k8s.io", true, true),
    V5("v5.channel.k8s.io", true, true);

    private final String word;
    private final boolean resizes;
    private final boolean statuses;

    Protocol(String word, boolean resizes, boolean statuses) {
        this.word = word;
        this.resizes = resizes;
        this.statuses = statuses;
    }

    /** What clients call it. */
    String word() {
        return word;
    }

    /** Whether a terminal's size has a stream. */
    boolean resizes() {
        return resizes;
    }

    /** Whether the error stream carries a Status in JSON, with the exit code; plain text else. */
    boolean statuses() {
        return statuses;
    }

    /** All words, the newest first. */
    static List<String> words() {
        return Arrays.stream(values()).map(Protocol::word).toList().reversed();
    }

    /** The first of a client's wishes that we know. */
    static Optional<Protocol> choose(Collection<String> wanted) {
        return wanted.stream()
                .flatMap(word -> Arrays.stream(values()).filter(each -> each.word.equals(word)))
                .findFirst();
    }
}
