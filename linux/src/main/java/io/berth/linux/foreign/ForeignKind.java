package io.berth.linux.foreign;

/** A kind of foreign bytes. Each kind has its own part of the budget, which no other kind takes. */
public enum ForeignKind {
    /** Requests of the CRI, from their first byte until their operations have ended. */
    REQUESTS("requests", 270),

    /** Answers of the CRI, from when they are made until their callers have read them. */
    ANSWERS("answers", 190),

    /** Labels, annotations and names of the pods, containers and images that exist. */
    RECORDS("records", 190),

    /** Manifests, configurations and other documents, while they are read. */
    DOCUMENTS("documents", 190),

    /** Bytes of exec, attach and port-forward that a client or a process has not taken yet. */
    STREAMS("streams", 70),

    /** Output of commands and programs, while it is collected. */
    OUTPUT("output", 50),

    /** Messages of shims and of the node's plugins. */
    MESSAGES("messages", 25),

    /** Requests of the metrics port and answers to them. */
    METRICS("metrics", 15);

    private final String word;
    private final int perMille;

    ForeignKind(String word, int perMille) {
        this.word = word;
        this.perMille = perMille;
    }

    /** The word for this kind in messages and metrics. */
    public String word() {
        return word;
    }

    /** The part of a budget that belongs to this kind. */
    long of(long total) {
        return total * perMille / 1000;
    }
}
