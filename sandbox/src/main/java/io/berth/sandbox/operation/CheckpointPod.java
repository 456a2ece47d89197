package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cri.v1.CheckpointPodRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedPod;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.runtime.RuntimeBinary;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.shimclient.shim.Shim;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Saves all running containers of a pod as of one moment: all stand still before the first is
 * saved, and all go on before the call returns. Nothing is written outside the caller's folder, and
 * a failure leaves it empty. {@link SavedPod} has the layout.
 */
final class CheckpointPod {
    private static final Logger LOG = System.getLogger(CheckpointPod.class.getName());
    private static final JsonMapper JSON = new JsonMapper();

    /** Where the caller has no deadline; it always has one. */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    /** From the last container's save to the answer. */
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private final Node node;
    private final Criu criu;
    private final ContainerCheckpoint checkpoint;

    CheckpointPod(Node node, Criu criu, ContainerCheckpoint checkpoint) {
        this.node = node;
        this.criu = criu;
        this.checkpoint = checkpoint;
    }

    void run(CheckpointPodRequest request) {
        FieldPolicy.check(request);
        if (request.getOptionsCount() > 0) {
            throw new SandboxException.InvalidRequest(
                    "options: found %s, wanted none: no option is known"
                            .formatted(new TreeSet<>(request.getOptionsMap().keySet())));
        }
        var id = node.sandbox(request.getPodSandboxId()).id();
        var output = output(request.getOutputPath());
        var until =
                RequestDeadline.UNTIL.isBound()
                        ? RequestDeadline.UNTIL.get().minus(MARGIN)
                        : node.clock().instant().plus(TIMEOUT);
        node.operations()
                .run(
                        new OperationKey("CheckpointPod", id + " " + output),
                        RequestHash.of(request),
                        () -> {
                            node.adoptions().await(id);
                            return node.operations()
                                    .exclusively(
                                            id + "/checkpoint",
                                            () -> {
                                                var sandbox = node.sandbox(id.value());
                                                var chosen = chosen(sandbox, request);
                                                return save(sandbox, chosen, output, until);
                                            });
                        });
    }

    private static Path output(String given) {
        try {
            var path = Path.of(given);
            if (path.isAbsolute() && path.normalize().equals(path) && Files.isDirectory(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new SandboxException.InvalidRequest(
                "output_path: found '%s', wanted the absolute path of a folder that is there"
                        .formatted(given));
    }

    private List<Container> chosen(PodSandbox sandbox, CheckpointPodRequest request) {
        var running =
                node.containers().of(sandbox.id()).stream()
                        .filter(each -> each.state() instanceof ContainerState.Running)
                        .collect(
                                Collectors.toMap(
                                        each -> each.id().value(),
                                        each -> each,
                                        (one, _) -> one,
                                        TreeMap::new));
        var asked = request.getContainerIdsList();
        if (asked.isEmpty()
                || asked.size() != running.size()
                || !running.keySet().equals(new TreeSet<>(asked))) {
            throw new SandboxException.InvalidRequest(
                    "container_ids: found %s, wanted each running container of the pod once: %s"
                            .formatted(asked, running.keySet()));
        }
        for (var container : running.values()) {
            var name = container.brief().getMetadata().getName();
            if (!SavedPod.isFolderName(name)) {
                throw new SandboxException.InvalidRequest(
                        "container_ids: container %s: its name '%s' is no name of a folder, which the checkpoint would have"
                                .formatted(container.id(), name));
            }
        }
        return List.copyOf(running.values());
    }

    private boolean save(PodSandbox sandbox, List<Container> containers, Path output, Instant until)
            throws IOException {
        requireEmpty(output);
        criu.require();
        var shim = node.shims().require(sandbox.id());
        var paused = new ArrayList<Container>();
        try {
            for (var container : containers) {
                paused.add(container);
                checkpoint.pause(container, shim);
            }
            for (var container : containers) {
                save(container, shim, output, until);
            }
            Operations.step(
                    "checkpoint.write",
                    output.toString(),
                    () -> describe(sandbox, containers, output));
        } catch (IOException | RuntimeException failure) {
            empty(output, failure);
            throw failure;
        } finally {
            paused.forEach(container -> checkpoint.resume(container, shim));
        }
        LOG.log(
                Logger.Level.INFO,
                "sandbox={0} checkpointed to {1}: {2} containers",
                sandbox.id(),
                output,
                Integer.toString(containers.size()));
        return true;
    }

    private static void requireEmpty(Path output) throws IOException {
        try (var entries = Files.newDirectoryStream(output)) {
            if (entries.iterator().hasNext()) {
                throw new SandboxException.InvalidRequest(
                        "output_path: found files in %s, wanted an empty folder".formatted(output));
            }
        }
    }

    private void save(Container container, Shim shim, Path output, Instant until)
            throws IOException {
        var left = Duration.between(node.clock().instant(), until);
        if (!left.isPositive()) {
            throw new SandboxException.TimedOut(
                    "container %s: no time left to checkpoint it before the caller's deadline"
                            .formatted(container.id()));
        }
        var folder = output.resolve(container.brief().getMetadata().getName());
        Operations.step(
                "checkpoint.create",
                folder.toString(),
                () -> {
                    node.files().createDirectories(folder, 0700);
                    return true;
                });
        checkpoint.save(container, shim, folder, left);
    }

    private boolean describe(PodSandbox sandbox, List<Container> containers, Path output)
            throws IOException {
        var names = new TreeMap<String, String>();
        containers.forEach(
                each -> names.put(each.brief().getMetadata().getName(), each.id().value()));
        json(
                output.resolve(SavedPod.OPTIONS),
                Map.of("version", SavedPod.VERSION, "containers", names));
        json(
                output.resolve(SavedPod.DUMP),
                Map.of(
                        "id", sandbox.id().value(),
                        "name", sandbox.name().value(),
                        "runtimeHandler", sandbox.runtimeHandler(),
                        "runtime", runtime(sandbox),
                        "config",
                                Base64.getEncoder()
                                        .encodeToString(sandbox.config().toByteArray())));
        return true;
    }

    private String runtime(PodSandbox sandbox) {
        return node.settings()
                .handler(sandbox.runtimeHandler())
                .map(RuntimeBinary::kind)
                .orElse("");
    }

    private void json(Path file, Map<String, Object> values) throws IOException {
        node.files().write(file, JSON.valueToTree(values).toString().getBytes(UTF_8), 0600);
    }

    /** Everything in it is ours, since it was empty. */
    private void empty(Path output, Exception failure) {
        try {
            Operations.step(
                    "checkpoint.remove",
                    output.toString(),
                    () -> {
                        try (var entries = Files.newDirectoryStream(output)) {
                            for (var entry : entries) {
                                node.files().deleteTree(entry);
                            }
                        }
                        return true;
                    });
        } catch (IOException | RuntimeException stays) {
            failure.addSuppressed(stays);
        }
    }
}
