package io.berth.imageservice.pull;

import io.berth.storage.content.Digest;
import io.berth.storage.lease.Leases;
import io.berth.storage.snapshot.SnapshotName;
import java.util.Collection;
import java.util.UUID;

/** Keeps what an operation is making an image of from the collector, until it is closed. */
final class Hold implements AutoCloseable {

    private static final String PREFIX = "image-service/";

    private final Leases leases;
    private final String id;

    private Hold(Leases leases, String id) {
        this.leases = leases;
        this.id = id;
    }

    /**
     * A hold that stands on disk when this returns.
     *
     * @param id one for each operation
     * @param owner what it is for; what a crash left is released at the next start
     */
    static Hold open(Leases leases, String id, String owner) {
        leases.acquire(id, owner);
        return new Hold(leases, id);
    }

    /** An id that no other hold has. */
    static String newId(String kind) {
        return PREFIX + kind + "/" + UUID.randomUUID();
    }

    /** True for the id of a hold, whenever it was opened. */
    static boolean isOurs(String leaseId) {
        return leaseId.startsWith(PREFIX);
    }

    /** From now on what is there of these stays there. */
    void on(Collection<Digest> blobs, Collection<SnapshotName> snapshots) {
        leases.hold(id, blobs, snapshots);
    }

    @Override
    public void close() {
        leases.release(id);
    }
}
