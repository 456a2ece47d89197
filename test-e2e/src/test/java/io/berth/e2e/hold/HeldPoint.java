package io.berth.e2e.hold;

/**
 * A moment in the life of one call of a foreign program.
 *
 * @param program its name, such as {@code runc}
 * @param verb the action that it was called for, such as {@code create}
 * @param occurrence its number among the calls of this program for this verb, from 1
 */
public record HeldPoint(String program, String verb, int occurrence, Moment moment) {
    /** Where in the call the program halts. */
    public enum Moment {
        /** Before it has done anything. */
        BEFORE,
        /** When an OCI runtime has made the folder of its state, which is empty then. */
        INSIDE,
        /** When an OCI runtime has written its state; its process may wait to be started. */
        WRITTEN,
        /** When it has done everything and its caller does not know yet. */
        AFTER;

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** The call, as wrappers count it. */
    public String call() {
        return program + "." + verb;
    }

    @Override
    public String toString() {
        return "%s#%d %s".formatted(call(), occurrence, moment.word());
    }
}
