package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RestorePodResponse;
import io.berth.cri.v1.RestoredContainer;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedFiles;
import io.berth.sandbox.checkpoint.SavedPod;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.FieldPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a pod from a checkpoint: its sandbox, and its containers with the files that they had,
 * whose processes go on when they are started. Nobody sees any of it before all of it is made, and
 * a failure or a crash leaves nothing. The checkpoint is only read, and may go when the call
 * returns.
 */
final class RestorePod {
    private static final Logger LOG = System.getLogger(RestorePod.class.getName());

    /** From the last check of the caller's deadline to the answer. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    private final Node node;
    private final Criu criu;
    private final RunPodSandbox sandboxes;
    private final CreateContainer containers;

    RestorePod(Node node, Criu criu, RunPodSandbox sandboxes, CreateContainer containers) {
        this.node = node;
        this.criu = criu;
        this.sandboxes = sandboxes;
        this.containers = containers;
    }

    RestorePodResponse run(RestorePodRequest request) {
        FieldPolicy.check(request);
        if (request.getOptionsCount() > 0) {
            throw new SandboxException.InvalidRequest(
                    "options: found %s, wanted none: no option is known"
                            .formatted(new TreeSet<>(request.getOptionsMap().keySet())));
        }
        var wanted =
                sandboxes.wanted(
                        request.getConfig(),
                        request.getRuntimeHandler(),
                        "restore " + RequestHash.of(request));
        RestorableHere.requireNoUserNamespace(request.getConfig(), "config");
        var containers = byName(request);
        var checkpoint = path(request.getCheckpointPath());
        Optional<Instant> until =
                RequestDeadline.UNTIL.isBound()
                        ? Optional.of(RequestDeadline.UNTIL.get().minus(MARGIN))
                        : Optional.empty();
        // The key of RunPodSandbox: a name has one sandbox, however it came to be.
        var id =
                node.operations()
                        .run(
                                RunPodSandbox.key(wanted),
                                wanted.hash(),
                                () -> {
                                    var held = sandboxes.held(wanted);
                                    return held.isPresent()
                                            ? held.get()
                                            : restore(wanted, checkpoint, containers, until);
                                });
        return answer(id, containers.keySet());
    }

    private static Path path(String given) {
        try {
            var path = Path.of(given);
            if (path.isAbsolute() && path.normalize().equals(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw new SandboxException.InvalidRequest(
                "checkpoint_path: found '%s', wanted the absolute path of a folder"
                        .formatted(given));
    }

    private static Map<String, ContainerConfig> byName(RestorePodRequest request) {
        var byName = new LinkedHashMap<String, ContainerConfig>();
        for (int i = 0; i < request.getContainerConfigsCount(); i++) {
            var config = request.getContainerConfigs(i);
            var name = config.getMetadata().getName();
            if (name.isEmpty() || byName.put(name, config) != null) {
                throw new SandboxException.InvalidRequest(
                        "container_configs[%d].metadata.name: found '%s', wanted a name that no other has"
                                .formatted(i, name));
            }
        }
        if (byName.isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "container_configs: found none, wanted one for each container of the checkpoint");
        }
        return byName;
    }

    private SandboxId restore(
            RunPodSandbox.Wanted wanted,
            Path checkpoint,
            Map<String, ContainerConfig> containers,
            Optional<Instant> until)
            throws IOException {
        criu.require();
        Operations.stage("restore.read");
        try (var files = SavedFiles.open(node.linux(), checkpoint)) {
            var saved = SavedPod.read(files);
            check(saved, wanted, checkpoint, containers.keySet());
            var id =
                    sandboxes.make(
                            wanted,
                            ready -> {
                                for (var config : containers.values()) {
                                    inTime(wanted, until);
                                    make(ready, config, saved);
                                }
                                inTime(wanted, until);
                            });
            LOG.log(
                    Logger.Level.INFO,
                    "sandbox={0} restored from {1}: {2} containers",
                    id,
                    checkpoint,
                    Integer.toString(containers.size()));
            return id;
        }
    }

    private void check(
            SavedPod saved, RunPodSandbox.Wanted wanted, Path checkpoint, Set<String> names) {
        var has = new TreeSet<>(saved.containers().keySet());
        if (!has.equals(new TreeSet<>(names))) {
            throw new SandboxException.InvalidRequest(
                    "container_configs: found %s, wanted each container of checkpoint %s once: %s"
                            .formatted(new TreeSet<>(names), checkpoint, has));
        }
        RestorableHere.requireRuntime(
                node, wanted.handler(), checkpoint.toString(), saved.runtime());
    }

    private void make(PodSandbox ready, ContainerConfig config, SavedPod saved) throws IOException {
        var name = config.getMetadata().getName();
        var container = saved.containers().get(name);
        if (container == null) {
            throw new IllegalStateException("container " + name + ": was checked to be there");
        }
        var request =
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(ready.id().value())
                        .setConfig(config)
                        .setSandboxConfig(ready.config())
                        .build();
        containers.restore(ready, request, container);
    }

    /** Who is told that the time is over must not find a pod later. */
    private void inTime(RunPodSandbox.Wanted wanted, Optional<Instant> until) {
        if (until.isPresent() && node.clock().instant().isAfter(until.get())) {
            throw new SandboxException.TimedOut(
                    "sandbox name %s: not restored by the caller's deadline"
                            .formatted(wanted.name()));
        }
    }

    /** One for each name: the container that was restored, also if the pod has others by now. */
    private RestorePodResponse answer(SandboxId id, Set<String> names) {
        var response = RestorePodResponse.newBuilder().setPodSandboxId(id.value());
        var restored = node.containers().of(id).stream().filter(Container::restored).toList();
        for (var name : names) {
            var container =
                    restored.stream()
                            .filter(each -> each.brief().getMetadata().getName().equals(name))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            new SandboxException.WrongState(
                                                    "sandbox %s: its restored container %s is removed"
                                                            .formatted(id, name)));
            response.addRestoredContainers(
                    RestoredContainer.newBuilder()
                            .setName(name)
                            .setContainerId(container.id().value()));
        }
        return response.build();
    }
}
