package io.berth.storage.snapshot;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The snapshotters of a node, by name. One is the standard, which images are unpacked for; others
 * serve those who ask for them. Keys and names are one space over all of them: a key is in one
 * snapshotter, and a name means the same files in whichever has it. So a snapshot that stands is
 * found without knowing whose it is. Any thread; from memory unless a method says otherwise.
 */
public final class Snapshotters {
    private final String standard;
    private final Map<String, Snapshotter> byName;

    /**
     * Those of a map.
     *
     * @param standard the name of one of them
     */
    public Snapshotters(String standard, Map<String, Snapshotter> byName) {
        if (!byName.containsKey(standard)) {
            throw new IllegalArgumentException(
                    "standard snapshotter: found %s, wanted one of %s"
                            .formatted(standard, byName.keySet()));
        }
        this.standard = standard;
        this.byName = new TreeMap<>(byName);
    }

    /** The one that images are unpacked for. */
    public Snapshotter standard() {
        return named(Optional.empty());
    }

    /**
     * The one of a name; the standard for none.
     *
     * @throws IllegalArgumentException if it is not open on this node
     */
    public Snapshotter named(Optional<String> name) {
        var found = byName.get(name.orElse(standard));
        if (found == null) {
            throw new IllegalArgumentException(
                    "snapshotter: found \"%s\", wanted one of %s"
                            .formatted(name.orElse(standard), byName.keySet()));
        }
        return found;
    }

    /** All of them. */
    public Collection<Snapshotter> all() {
        return List.copyOf(byName.values());
    }

    /** The name of the one that has a snapshot, which is the first for a name in several. */
    public Optional<String> holderOf(String keyOrName) {
        return byName.entrySet().stream()
                .filter(each -> each.getValue().stat(keyOrName).isPresent())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private Snapshotter holding(String keyOrName) {
        return named(holderOf(keyOrName));
    }

    /** All snapshots of all of them. */
    public List<SnapshotInfo> list() {
        return byName.values().stream().flatMap(each -> each.list().stream()).toList();
    }

    /** See {@link Snapshotter#mounts}, whichever has the key. */
    public List<MountSpec> mounts(SnapshotKey key) {
        return holding(key.value()).mounts(key);
    }

    /** See {@link Snapshotter#usage}, whichever has it; may walk its files. */
    public Usage usage(String keyOrName) {
        return holding(keyOrName).usage(keyOrName);
    }

    /** Ends an active snapshot or a view, whichever has the key; absent is success. */
    public void remove(SnapshotKey key) {
        holding(key.value()).remove(key.value());
    }
}
