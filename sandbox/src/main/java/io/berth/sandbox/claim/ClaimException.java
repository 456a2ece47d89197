package io.berth.sandbox.claim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/** A daemon that must not start: it would end tasks that it knows nothing of. */
public final class ClaimException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int NAMED = 3;

    ClaimException(Claim.Why why, Path root, Path state, Set<String> unknown) {
        super(text(why, root, state, unknown));
    }

    private static String text(Claim.Why why, Path root, Path state, Set<String> unknown) {
        var tasks =
                "state %s: found %d running tasks that root %s has no record of (%s%s)"
                        .formatted(
                                state,
                                unknown.size(),
                                root,
                                unknown.stream()
                                        .sorted()
                                        .limit(NAMED)
                                        .collect(Collectors.joining(", ")),
                                unknown.size() > NAMED ? ", …" : "");
        var forget = "to end the tasks, run \"berth state forget\"";
        return tasks
                + switch (why) {
                    case ROOT_IS_EMPTY ->
                            ": this root has no pods. If its disk is not mounted, mount it. To take"
                                    + " the tasks into this root, run \"berth state adopt\"; "
                                    + forget;
                    case STATE_IS_FOREIGN ->
                            ": the state folder belongs to another root. Give the daemon that root"
                                    + " or another state folder; "
                                    + forget;
                    case RECORDS_ARE_MISSING ->
                            ": the root has lost records. To bring them back, run \"berth store"
                                    + " salvage\"; "
                                    + forget;
                };
    }
}
