package io.berth.sandbox.claim;

import java.util.Optional;
import java.util.Set;

/** Whether a root may take a state folder. */
public sealed interface Claim {

    /** The root takes the state folder, whose id becomes the root's. */
    record Taken() implements Claim {}

    /** It may not: tasks run there that the root does not know. */
    record Refused(Why why) implements Claim {}

    /** What is wrong. */
    enum Why {
        /** The root has no pods: a new disk, or one that is not mounted. */
        ROOT_IS_EMPTY,
        /** The state folder belongs to another root. */
        STATE_IS_FOREIGN,
        /** The root is the right one, and has lost records. */
        RECORDS_ARE_MISSING
    }

    /**
     * A root.
     *
     * @param id absent of a new one, and of one that only an older berth has used
     * @param pods whether it has records of pods
     */
    record Root(Optional<String> id, boolean pods) {}

    /**
     * A state folder.
     *
     * @param id absent of a new one, and of one that only an older berth has used
     * @param unknown the tasks that run there and that the root's ledger does not name
     * @param forget whether an operator has ordered to end those
     */
    record State(Optional<String> id, Set<String> unknown, boolean forget) {
        public State {
            unknown = Set.copyOf(unknown);
        }
    }

    /**
     * Decides. Ids only tell why: what counts is that the ledger names every task that runs, as it
     * does of each from before it is started. So a state folder without tasks is anybody's, and one
     * without an id belongs to the root that knows its tasks.
     */
    static Claim of(Root root, State state) {
        if (state.unknown().isEmpty() || state.forget()) {
            return new Taken();
        }
        if (!root.pods()) {
            return new Refused(Why.ROOT_IS_EMPTY);
        }
        boolean own = state.id().isPresent() && state.id().equals(root.id());
        return new Refused(own ? Why.RECORDS_ARE_MISSING : Why.STATE_IS_FOREIGN);
    }
}
