package io.berth.daemon;

import io.berth.daemon.config.NodeConfig;
import io.berth.imageservice.image.ImageRecords;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.PinnedImages;
import io.berth.imageservice.image.UsageSampler;
import io.berth.imageservice.pull.Pulls;
import io.berth.imageservice.registry.Registries;
import io.berth.imageservice.registry.RegistrySettings;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.sandbox.resource.HeldSnapshots;
import io.berth.storage.Storage;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The wiring of the images: what the collector may not take, registries, pulls and usage. */
final class NodeImages {
    private static final Duration USAGE_PERIOD = Duration.ofSeconds(30);

    private NodeImages() {}

    /** The images of a store, closed by {@code closer}. What a cut pull left is swept. */
    static Images open(
            Storage storage, NodeConfig config, Clock clock, MemoryBudget memory, Closer closer) {
        var pinned = new PinnedImages(config.images().pinned());
        var records =
                ImageRecords.open(
                        storage.metadata(), storage.snapshotters(), clock, pinned, memory);
        storage.collector().register(records);
        storage.collector().register(new HeldSnapshots(storage.snapshotters()));
        storage.collector().rootsComplete();
        var registries =
                closer.add(
                        new Registries(
                                RegistrySettings.of(List.of(config.images().registryHosts())),
                                memory));
        var pulls = new Pulls(storage, records, registries, Settings.pulls(config)).sweep(clock);
        var usage =
                new UsageSampler(storage.content(), storage.snapshotters(), clock)
                        .start(USAGE_PERIOD);
        return closer.add(
                new Images(
                        records,
                        pulls,
                        usage,
                        storage.content(),
                        () ->
                                Thread.ofVirtual()
                                        .name("collect")
                                        .start(collecting(storage, usage))));
    }

    /** Frees what nothing needs any more, and then tells how much is left. */
    private static Runnable collecting(Storage storage, UsageSampler usage) {
        return () -> {
            storage.collector().collect();
            usage.refresh();
        };
    }
}
