package io.berth.streaming;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** One-time names of requests: 128 random bits, taken once, within a minute. */
final class Tokens {
    private static final int BYTES = 16;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /** In the order of their making, which is that of their ends. */
    private final Map<String, Entry> waiting = new LinkedHashMap<>();

    private record Entry(StreamRequest request, Instant until) {}

    Tokens(Clock clock) {
        this.clock = clock;
    }

    /**
     * Gives a request a name.
     *
     * @throws TooManyStreams if as many as may wait for their clients
     */
    synchronized String add(StreamRequest request) {
        var now = clock.instant();
        waiting.values().removeIf(entry -> !entry.until().isAfter(now));
        if (waiting.size() >= StreamSettings.TOKENS) {
            throw new TooManyStreams(
                    "%s: %d streams wait for their clients already, each for up to %s; try later"
                            .formatted(
                                    request.subject(), waiting.size(), StreamSettings.TOKEN_LIFE));
        }
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        var token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        waiting.put(token, new Entry(request, now.plus(StreamSettings.TOKEN_LIFE)));
        return token;
    }

    /** What a token stands for, if it is new, not too old, and for this path. */
    synchronized Optional<StreamRequest> take(String path, String token) {
        var entry = waiting.remove(token);
        return Optional.ofNullable(entry)
                .filter(each -> each.until().isAfter(clock.instant()))
                .map(Entry::request)
                .filter(request -> request.path().equals(path));
    }
}
