package io.berth.imageservice.pull;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageRecords;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.image.UsageSampler;
import io.berth.imageservice.registry.Registries;
import io.berth.imageservice.registry.RegistrySettings;
import io.berth.linux.LinuxCalls;
import io.berth.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The image service wired as the daemon wires it, below a temporary root. */
final class Node implements AutoCloseable {

    final Storage storage;
    final ImageRecords records;
    final Pulls pulls;
    final Images images;
    private final Registries registries;

    private Node(Path root, String snapshotter, Path certs) throws IOException {
        var linux = new LinuxCalls();
        var clock = Clock.systemUTC();
        storage = Storage.open(root, linux, clock, snapshotter, Set.of("overlayfs", "native"));
        records = ImageRecords.open(storage.metadata(), storage.snapshotters(), clock);
        registries = new Registries(settings(certs));
        pulls = new Pulls(storage, records, registries, PullSettings.DEFAULT).sweep(clock);
        var usage = new UsageSampler(storage.content(), storage.snapshotters(), clock);
        images = new Images(records, pulls, usage, storage.content(), () -> {});
        storage.collector().register(records);
        storage.collector().rootsComplete();
    }

    static Node open(Path folder) {
        return open(folder, "overlayfs");
    }

    static Node open(Path folder, String snapshotter) {
        try {
            return new Node(folder.resolve("root"), snapshotter, folder.resolve("certs.d"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static RegistrySettings settings(Path certs) {
        return new RegistrySettings(
                List.of(certs),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                3,
                Duration.ofMillis(1),
                new RegistrySettings.Rate(Duration.ofSeconds(2), 20),
                "berth-test");
    }

    Image pull(String reference) {
        return images.pull(PullRequest.of(reference), PullProgress.NONE);
    }

    Image pull(String reference, Credentials credentials) {
        return images.pull(
                new PullRequest(reference, Optional.of(credentials), PullRequest.LINUX_AMD64),
                PullProgress.NONE);
    }

    /** A pull for one snapshotter. */
    Image pull(String reference, String snapshotter) {
        return images.pull(
                new PullRequest(
                        reference,
                        Optional.empty(),
                        PullRequest.LINUX_AMD64,
                        Optional.of(snapshotter)),
                PullProgress.NONE);
    }

    /** True when there is neither image, lease nor snapshot, and the next collection frees all. */
    String leftovers() {
        storage.collector().collect();
        return "images=%s leases=%s snapshots=%s blobs=%s ledger=%s"
                .formatted(
                        images.list(),
                        storage.leases().all(),
                        storage.snapshotters().list(),
                        storage.content().blobs().toList(),
                        storage.ledger().entries());
    }

    static final String NOTHING = "images=[] leases=[] snapshots=[] blobs=[] ledger=[]";

    @Override
    public void close() {
        images.close();
        registries.close();
        try {
            storage.close();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
