package io.berth.storage.lease;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A hold on blobs and committed snapshots while something is being made of them. It also holds
 * whatever is committed, by anyone, while it is open: that covers what could not be named before.
 *
 * @param id chosen by the holder, such as {@code pull/sha256:…}
 * @param owner the object that it belongs to; what no live owner claims is released at start
 * @param since when it was opened
 */
public record Lease(
        String id, String owner, Instant since, Set<Digest> blobs, Set<SnapshotName> snapshots) {
    /** Checks that id and owner are given. */
    public Lease {
        blobs = Set.copyOf(blobs);
        snapshots = Set.copyOf(snapshots);
        if (id.isEmpty() || owner.isEmpty()) {
            throw new IllegalArgumentException(
                    "lease: found id \"%s\" and owner \"%s\", wanted neither empty"
                            .formatted(id, owner));
        }
    }

    Lease with(Collection<Digest> moreBlobs, Collection<SnapshotName> moreSnapshots) {
        var allBlobs = new TreeSet<>(blobs);
        allBlobs.addAll(moreBlobs);
        var allSnapshots =
                Stream.concat(snapshots.stream(), moreSnapshots.stream())
                        .collect(Collectors.toUnmodifiableSet());
        return new Lease(id, owner, since, allBlobs, allSnapshots);
    }

    boolean holds(Object resource) {
        return switch (resource) {
            case Digest digest -> blobs.contains(digest);
            case SnapshotName name -> snapshots.contains(name);
            default -> false;
        };
    }

    @Override
    public String toString() {
        return "lease %s of %s since %s".formatted(id, owner, since);
    }
}
