package io.berth.streaming;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sockets that anybody may open and that have proved nothing yet, in the order of their coming.
 * There are few at once: a further one takes the place of the oldest from the peer that has most of
 * them, so that one peer that opens many does not push out the others.
 *
 * <p>Guarded by its owner's lock.
 *
 * @param <T> a socket
 */
public final class Strangers<T> {
    private final int most;
    private final Map<T, String> peers = new LinkedHashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    /**
     * @param most how many there may be at once
     */
    public Strangers(int most) {
        this.most = most;
    }

    /** Adds a socket, and returns the one that has to go for it. */
    public Optional<T> add(T socket, String peer) {
        var dropped = peers.size() < most ? Optional.<T>empty() : oldestOfTheMost();
        dropped.ifPresent(this::remove);
        peers.put(socket, peer);
        counts.merge(peer, 1, Integer::sum);
        return dropped;
    }

    private Optional<T> oldestOfTheMost() {
        int largest = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return peers.entrySet().stream()
                .filter(each -> counts.getOrDefault(each.getValue(), 0) == largest)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Removes a socket, if it is here. */
    public void remove(T socket) {
        var peer = peers.remove(socket);
        if (peer != null) {
            counts.computeIfPresent(peer, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    /** How many there are. */
    public int size() {
        return peers.size();
    }

    /** All of them, the oldest first. */
    public Collection<T> all() {
        return List.copyOf(peers.keySet());
    }
}
