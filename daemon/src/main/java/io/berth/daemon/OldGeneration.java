package io.berth.daemon;

import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.Optional;
import javax.management.ListenerNotFoundException;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/**
 * Has the old generation collected once it holds twice of what lived in it, and at least {@link
 * #FLOOR_BYTES}, but no later than halfway from there to its limit. The serial collector by itself
 * collects it when it is as large as it may become, and what it has once used stays with the
 * process: a few pulls would cost the node a heap of garbage for as long as the daemon runs. A
 * collection stops the daemon for some 50 ms.
 *
 * <p>Does nothing under other collectors, or where the old generation may not become as large.
 */
final class OldGeneration implements Closeable {
    private static final Logger LOG = System.getLogger(OldGeneration.class.getName());
    private static final String SERIAL = "Tenured Gen";
    static final long FLOOR_BYTES = 32L << 20;

    private final MemoryPoolMXBean pool;
    private final NotificationEmitter emitter;
    private final NotificationListener listener = (told, _) -> heard(told);

    private OldGeneration(MemoryPoolMXBean pool, NotificationEmitter emitter) {
        this.pool = pool;
        this.emitter = emitter;
    }

    /** Watches from now on, if there is something to watch. */
    static Optional<OldGeneration> watch() {
        if (!(ManagementFactory.getMemoryMXBean() instanceof NotificationEmitter emitter)) {
            return Optional.empty();
        }
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(each -> each.getName().equals(SERIAL))
                .filter(MemoryPoolMXBean::isUsageThresholdSupported)
                .filter(each -> each.getUsage().getMax() > FLOOR_BYTES)
                .findFirst()
                .map(each -> new OldGeneration(each, emitter).started());
    }

    private OldGeneration started() {
        emitter.addNotificationListener(listener, null, null);
        pool.setUsageThreshold(FLOOR_BYTES);
        return this;
    }

    private void heard(Notification told) {
        if (told.getType().equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED)
                && told.getUserData() instanceof CompositeData data
                && MemoryNotificationInfo.from(data).getPoolName().equals(pool.getName())) {
            collect();
        }
    }

    private void collect() {
        var begun = System.nanoTime();
        var before = pool.getUsage().getUsed();
        System.gc();
        var lives = pool.getUsage().getUsed();
        // Where it may not become twice as large, half of what is left has to do.
        var halfway = (lives + pool.getUsage().getMax()) / 2;
        pool.setUsageThreshold(Math.min(Math.max(FLOOR_BYTES, 2 * lives), halfway));
        LOG.log(
                Logger.Level.DEBUG,
                () ->
                        "old generation: %d of %d KiB live, collected in %d ms"
                                .formatted(
                                        lives >> 10,
                                        before >> 10,
                                        Duration.ofNanos(System.nanoTime() - begun).toMillis()));
    }

    @Override
    public void close() {
        pool.setUsageThreshold(0);
        try {
            emitter.removeNotificationListener(listener);
        } catch (ListenerNotFoundException never) {
            throw new AssertionError("it was added when this was made", never);
        }
    }
}
