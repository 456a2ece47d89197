package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.step.Steps;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.checkpoint.SavedImage;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.runtime.RuntimeBinary;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.shim.RuncCheckpoint;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.layer.DirectoryTar;
import io.berth.storage.snapshot.MountSpec;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Saves one paused container into a folder, in the layout that containerd, CRI-O and checkpointctl
 * share.
 *
 * <pre>
 * FOLDER/checkpoint/      what CRIU wrote
 *        config.dump      which container of which image
 *        spec.dump        its OCI config
 *        status.dump      its CRI status
 *        rootfs-diff.tar  what it changed in its root file system, as a layer
 *        volumes.tar      what the volumes hold that its image declares, if it does
 *        container.log    its log
 *        dump.log, stats-dump   CRIU's own
 * </pre>
 */
final class ContainerCheckpoint {
    private static final Logger LOG = System.getLogger(ContainerCheckpoint.class.getName());
    private static final JsonMapper JSON = new JsonMapper();
    private static final int MAX_LOG_BYTES = 64 << 20;
    private static final String UPPER = "upperdir=";

    private final Node node;

    ContainerCheckpoint(Node node) {
        this.node = node;
    }

    /** Freezes a container; it is to be resumed whatever happens. */
    void pause(Container container, Shim shim) throws IOException {
        var id = container.id().value();
        Operations.step(
                "task.pause",
                id,
                () -> {
                    shim.pause(id);
                    return true;
                });
    }

    /** Lets a container go on, whatever has become of it; a failure is told and not thrown. */
    void resume(Container container, Shim shim) {
        var id = container.id().value();
        try {
            Operations.step(
                    "task.resume",
                    id,
                    () -> {
                        shim.resume(id);
                        return true;
                    });
        } catch (IOException | ShimException stays) {
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} not resumed after its checkpoint: {1}",
                    id,
                    stays.getMessage());
        }
    }

    /**
     * Fills a folder that is there and empty.
     *
     * @throws SandboxException.Failed with CRIU's own words, if it could not
     */
    void save(Container container, Shim shim, Path folder, Duration timeout) throws IOException {
        var id = container.id().value();
        var images = folder.resolve(SavedContainer.IMAGES);
        Operations.step(
                "task.checkpoint",
                id,
                () -> {
                    node.files().createDirectories(images, 0700);
                    try {
                        shim.checkpoint(id, images, new RuncCheckpoint(folder).toAny(), timeout);
                    } catch (ShimException.Failed failed) {
                        throw new SandboxException.Failed(
                                "container %s: not checkpointed: %s%s"
                                        .formatted(
                                                id,
                                                failed.getMessage(),
                                                Criu.complaint(folder.resolve("dump.log"))),
                                failed);
                    }
                    return true;
                });
        Operations.step("checkpoint.write", folder.toString(), () -> describe(container, folder));
    }

    private boolean describe(Container container, Path folder) throws IOException {
        var bundle = new Bundle(node.paths().bundle(container.id()));
        var spec = Files.readAllBytes(bundle.config());
        node.files().write(folder.resolve(SavedContainer.SPEC), spec, 0600);
        var volumes = volumes(container, ForeignJson.OWN.tree(spec));
        json(folder.resolve(SavedContainer.CONFIG), config(container, volumes));
        json(folder.resolve(SavedContainer.STATUS), status(container));
        var layer = changed(node.storage().snapshotters().mounts(key(container)).getLast());
        tar(layer, folder.resolve(SavedContainer.ROOTFS));
        if (!volumes.isEmpty()) {
            var own = node.paths().declaredVolumes(container.id());
            tar(own, folder.resolve(SavedContainer.VOLUMES));
        }
        var log = Path.of(container.logPath());
        if (!container.logPath().isEmpty()
                && Files.isRegularFile(log)
                && Files.size(log) <= MAX_LOG_BYTES) {
            Steps.require("copy log");
            Files.copy(log, folder.resolve("container.log"));
        }
        return true;
    }

    private void json(Path file, Map<String, Object> values) throws IOException {
        node.files().write(file, JSON.valueToTree(values).toString().getBytes(UTF_8), 0600);
    }

    private Map<String, Object> config(Container container, List<String> volumes) {
        var handler =
                node.sandboxes()
                        .find(container.sandbox())
                        .flatMap(pod -> node.settings().handler(pod.runtimeHandler()));
        var image = container.brief().getImage().getImage();
        var config = new LinkedHashMap<String, Object>();
        config.put("id", container.id().value());
        config.put("name", container.name().value());
        config.put("rootfsImage", image);
        config.put(SavedImage.REFERENCE, container.imageRef());
        config.put(SavedImage.NAME, image);
        config.put(SavedImage.ID, container.imageId());
        config.put(
                SavedContainer.WHOLE_ROOT,
                !stacked(node.storage().snapshotters().mounts(key(container)).getLast()));
        config.put("runtime", handler.map(SandboxSettings.RuntimeHandler::name).orElse(""));
        config.put(SavedContainer.RUNTIME, handler.map(RuntimeBinary::kind).orElse(""));
        config.put(SavedContainer.DECLARED_VOLUMES, volumes);
        config.put("createdTime", container.createdAt().toString());
        config.put("checkpointedTime", node.clock().instant().toString());
        config.put("restoredTime", "0001-01-01T00:00:00Z");
        config.put("restored", container.restored());
        return config;
    }

    private static Map<String, Object> status(Container container) {
        var metadata = container.brief().getMetadata();
        var started =
                container.state() instanceof ContainerState.Running running
                        ? running.startedAt()
                        : Instant.EPOCH;
        var status = new LinkedHashMap<String, Object>();
        status.put("id", container.id().value());
        status.put(
                "metadata", Map.of("name", metadata.getName(), "attempt", metadata.getAttempt()));
        status.put("state", ContainerStatus.state(container).getNumber());
        status.put("created_at", CriTime.nanos(container.createdAt()));
        status.put("started_at", CriTime.nanos(started));
        status.put("image", Map.of("image", container.brief().getImage().getImage()));
        status.put("image_ref", container.imageRef());
        status.put("labels", container.labels());
        status.put("annotations", container.annotations());
        status.put("log_path", container.logPath());
        return status;
    }

    /**
     * Where the container's declared volumes are mounted, in the order of their folders. By the
     * bundle, as the image may have gone.
     */
    private List<String> volumes(Container container, JsonNode spec) {
        var folder = node.paths().declaredVolumes(container.id());
        var volumes = new TreeMap<Integer, String>();
        for (var mount : spec.path("mounts")) {
            var source = Path.of(mount.path("source").asText(""));
            if (source.startsWith(folder)) {
                var number = folder.relativize(source).toString();
                volumes.put(Integer.parseInt(number), mount.path("destination").asText());
            }
        }
        return List.copyOf(volumes.values());
    }

    private void tar(Path tree, Path to) throws IOException {
        Steps.require("write tar");
        try (var out = Files.newOutputStream(to)) {
            new DirectoryTar(node.linux()).write(tree, out);
        }
    }

    private static SnapshotKey key(Container container) {
        return new SnapshotKey(container.id().value());
    }

    /** Whether a root lies on its image's files, and has of its own only what changed. */
    static boolean stacked(MountSpec mount) {
        return mount.options().stream().anyMatch(option -> option.startsWith(UPPER));
    }

    /** An overlay's upper directory is just what changed; another snapshot is kept whole. */
    static Path changed(MountSpec mount) {
        return mount.options().stream()
                .filter(option -> option.startsWith(UPPER))
                .map(option -> Path.of(option.substring(UPPER.length())))
                .findFirst()
                .orElse(Path.of(mount.source()));
    }
}
