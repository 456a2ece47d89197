package io.berth.imageservice.pull;

import io.berth.imageservice.image.ImageRecords;
import io.berth.storage.Storage;
import io.berth.storage.content.ContentStore;
import io.berth.storage.content.Digest;
import io.berth.storage.content.Ingest;
import io.berth.storage.lease.Leases;
import io.berth.storage.snapshot.Snapshotter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Semaphore;

/**
 * What pulls, loads and imports share: the stores, the limits on how much is done at once, and the
 * order on each blob.
 */
final class Workshop {

    private final Storage storage;
    private final ImageRecords records;
    private final PullSettings settings;
    private final Semaphore downloads;
    private final Semaphore unpacks;
    private final KeyedLocks<Digest> blobs = new KeyedLocks<>();

    Workshop(Storage storage, ImageRecords records, PullSettings settings) {
        this.storage = storage;
        this.records = records;
        this.settings = settings;
        this.downloads = new Semaphore(settings.concurrentDownloads(), true);
        this.unpacks = new Semaphore(settings.concurrentUnpacks(), true);
    }

    ContentStore content() {
        return storage.content();
    }

    /** The snapshotter of a name; the standard one for none. */
    Snapshotter snapshotter(Optional<String> name) {
        return storage.snapshotters().named(name);
    }

    Leases leases() {
        return storage.leases();
    }

    ImageRecords records() {
        return records;
    }

    PullSettings settings() {
        return settings;
    }

    LayerUnpack unpackTo(Snapshotter snapshotter) {
        return new LayerUnpack(snapshotter, storage.layers(), settings.layerLimits());
    }

    /** A place among the layers that come over the network; free again when closed. */
    Place download() {
        downloads.acquireUninterruptibly();
        return downloads::release;
    }

    /** A place among the layers that are unpacked; free again when closed. */
    Place unpacking() {
        unpacks.acquireUninterruptibly();
        return unpacks::release;
    }

    /** Such a place if one is free now. */
    Optional<Place> unpackingNow() {
        return unpacks.tryAcquire() ? Optional.of(unpacks::release) : Optional.empty();
    }

    /** Excludes everybody else who fetches the same blob. */
    Place blob(Digest digest) {
        KeyedLocks.Held held = blobs.lock(digest);
        return held::close;
    }

    /** One of a bounded number; given back by close. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** Deletes what is half here of these blobs, unless somebody is writing one now. */
    void forgetPartial(Iterable<Digest> blobs) {
        for (Digest digest : blobs) {
            try (var _ = blob(digest)) {
                content().abandon("blob/" + digest);
            }
        }
    }

    /** Deletes what loads of before a crash left, and partial blobs that nobody resumed. */
    void sweepPartial(Instant olderThan) {
        for (var entry : storage.ledger().entries()) {
            boolean stale = entry.owner().startsWith("blob/") && entry.since().isBefore(olderThan);
            if (entry.kind().equals("ingest") && (stale || entry.owner().startsWith("load/"))) {
                content().abandon(entry.owner());
            }
        }
    }

    /** Has small bytes in the content store, durable when this returns. */
    void store(Digest digest, byte[] bytes) {
        try (var _ = blob(digest)) {
            if (content().find(digest).isPresent()) {
                return;
            }
            try (Ingest ingest =
                    content()
                            .ingest(
                                    "blob/" + digest,
                                    OptionalLong.of(bytes.length),
                                    Optional.of(digest))) {
                ingest.restart();
                ingest.write(ByteBuffer.wrap(bytes));
                ingest.commit();
            }
        }
    }
}
