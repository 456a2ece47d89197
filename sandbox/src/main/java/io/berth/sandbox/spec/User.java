package io.berth.sandbox.spec;

import java.util.List;

/**
 * As whom a process runs, in the numbers of its user namespace.
 *
 * @param additionalGids its further groups; the primary one stands among them, so that a file which
 *     a group is shut out of stays shut when the process changes its primary group
 */
public record User(int uid, int gid, List<Integer> additionalGids) {
    public User {
        if (uid < 0 || gid < 0) {
            throw new IllegalArgumentException(
                    "user: found %d:%d, wanted ids of at least 0".formatted(uid, gid));
        }
        additionalGids = List.copyOf(additionalGids);
    }
}
