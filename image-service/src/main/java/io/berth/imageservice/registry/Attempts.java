package io.berth.imageservice.registry;

import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every attempt at one thing, over all hosts, so that an error can name each. One thread. */
final class Attempts {

    private static final int MAX_NAMED = 12;

    private final String subject;
    private final Map<String, Integer> messages = new LinkedHashMap<>();
    private @Nullable AttemptFailed last;
    private boolean refused;
    private boolean absentAtOrigin;
    private boolean mismatched;

    /** Attempts at {@code subject}, such as {@code image docker.io/library/redis:7}. */
    Attempts(String subject) {
        this.subject = subject;
    }

    /** Remembers one failure; equal ones are counted. */
    void add(AttemptFailed failed) {
        messages.merge(String.valueOf(failed.getMessage()), 1, Integer::sum);
        last = failed;
        refused |= failed.kind() == Kind.UNAUTHORIZED;
        mismatched |= failed.kind() == Kind.WRONG_DIGEST;
        absentAtOrigin |= failed.origin() && failed.kind() == Kind.NOT_FOUND;
    }

    /** The exception that all attempts together amount to. */
    ImageException exception() {
        String text =
                messages.isEmpty()
                        ? subject + ": no host of its registry may be asked for it"
                        : subject + ": " + list();
        if (mismatched) {
            return new ImageException.DigestMismatch(text, last);
        }
        if (absentAtOrigin) {
            return new ImageException.NotFound(text);
        }
        if (refused) {
            return new ImageException.Unauthorized(text);
        }
        return new ImageException.RegistryUnavailable(text, last);
    }

    private String list() {
        String named =
                messages.entrySet().stream()
                        .limit(MAX_NAMED)
                        .map(
                                e ->
                                        e.getKey()
                                                + (e.getValue() > 1
                                                        ? " (" + e.getValue() + " times)"
                                                        : ""))
                        .collect(Collectors.joining("; "));
        int more = messages.size() - MAX_NAMED;
        return more > 0 ? named + "; and " + more + " more" : named;
    }
}
