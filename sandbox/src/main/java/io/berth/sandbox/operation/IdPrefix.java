package io.berth.sandbox.operation;

import io.berth.sandbox.SandboxException;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;

/** Finds what a person means by the beginning of an id. */
final class IdPrefix {
    private IdPrefix() {}

    /**
     * The one with this id, or else the only one whose id begins so.
     *
     * @throws SandboxException.InvalidRequest if several begin so: taking that for "none" would let
     *     a stop or a removal report success
     */
    static <T> Optional<T> find(String id, Collection<T> all, Function<T, String> idOf) {
        if (id.isEmpty()) {
            return Optional.empty();
        }
        var matches =
                all.stream().filter(each -> idOf.apply(each).startsWith(id)).limit(2).toList();
        if (matches.size() > 1) {
            throw new SandboxException.InvalidRequest(
                    "id '%s': several ids begin so, wanted one or more digits more".formatted(id));
        }
        return matches.stream().findFirst();
    }
}
