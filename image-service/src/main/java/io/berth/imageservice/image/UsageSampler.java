package io.berth.imageservice.image;

import io.berth.storage.content.Blob;
import io.berth.storage.content.ContentStore;
import io.berth.storage.snapshot.SnapshotException;
import io.berth.storage.snapshot.SnapshotInfo;
import io.berth.storage.snapshot.SnapshotKind;
import io.berth.storage.snapshot.Snapshotter;
import io.berth.storage.snapshot.Snapshotters;
import io.berth.storage.snapshot.Usage;
import java.io.Closeable;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Counts what blobs and committed snapshots take on disk, again and again in the background. */
public final class UsageSampler implements Closeable {

    private static final System.Logger LOG = System.getLogger(UsageSampler.class.getName());

    private final ContentStore content;
    private final Snapshotters snapshotters;
    private final Clock clock;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile ImageUsage latest;

    /** Samples when {@link #start} is called; until then everything is empty. */
    public UsageSampler(ContentStore content, Snapshotters snapshotters, Clock clock) {
        this.content = content;
        this.snapshotters = snapshotters;
        this.clock = clock;
        this.latest = new ImageUsage(0, 0, clock.instant());
    }

    /** Samples now, and then each time {@code period} has passed. */
    public UsageSampler start(Duration period) {
        Thread.ofVirtual().name("image-usage").start(() -> run(period));
        return this;
    }

    /** Samples at once, for who has just brought or taken an image. */
    public void refresh() {
        latest = sample();
    }

    /** The last sample. */
    public ImageUsage latest() {
        return latest;
    }

    private void run(Duration period) {
        boolean stopped = false;
        while (!stopped) {
            try {
                latest = sample();
            } catch (RuntimeException failed) {
                LOG.log(System.Logger.Level.WARNING, "image usage: not sampled", failed);
            }
            try {
                stopped = stopping.await(period.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException stop) {
                stopped = true;
            }
        }
    }

    /** Counts once. */
    ImageUsage sample() {
        long bytes = content.usedBytes();
        long inodes = content.blobs().map(Blob::digest).count();
        for (Snapshotter snapshotter : snapshotters.all()) {
            Usage usage = committed(snapshotter);
            bytes += usage.bytes();
            inodes += usage.inodes();
        }
        return new ImageUsage(bytes, inodes, clock.instant());
    }

    private static Usage committed(Snapshotter snapshotter) {
        long bytes = 0;
        long inodes = 0;
        for (SnapshotInfo snapshot : snapshotter.list()) {
            if (snapshot.kind() == SnapshotKind.COMMITTED) {
                try {
                    Usage usage = snapshotter.usage(snapshot.id());
                    bytes += usage.bytes();
                    inodes += usage.inodes();
                } catch (SnapshotException.NotFound removed) {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "image usage: snapshot {0} went meanwhile",
                            removed.getMessage());
                }
            }
        }
        return new Usage(bytes, inodes);
    }

    @Override
    public void close() {
        stopping.countDown();
    }
}
