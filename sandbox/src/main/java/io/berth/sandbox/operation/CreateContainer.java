package io.berth.sandbox.operation;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.imageservice.image.Image;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.checkpoint.SavedContainer;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerEvent;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerName;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.FieldPolicy;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a container in a ready sandbox: its snapshot and its bundle. None of its code runs. A
 * failure leaves nothing.
 */
final class CreateContainer {
    private static final Logger LOG = System.getLogger(CreateContainer.class.getName());

    private final Node node;
    private final ContainerFiles files;
    private final ContainerUndo undo;

    CreateContainer(Node node, ContainerFiles files) {
        this.node = node;
        this.undo = new ContainerUndo(node);
        this.files = files;
    }

    ContainerId run(CreateContainerRequest request) {
        FieldPolicy.check(request);
        var config = request.getConfig();
        if (!config.hasMetadata() || config.getMetadata().getName().isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "config.metadata.name: found none, wanted the container's name");
        }
        var sandbox = node.sandbox(request.getPodSandboxId());
        var name = ContainerName.of(config.getMetadata(), sandbox.config().getMetadata());
        var hash = RequestHash.of(request);
        return node.operations()
                .run(
                        new OperationKey("CreateContainer", name.value()),
                        hash,
                        () -> runOnce(name, hash, sandbox.id(), request));
    }

    private ContainerId runOnce(
            ContainerName name, String hash, SandboxId pod, CreateContainerRequest request)
            throws IOException {
        node.adoptions().await(pod);
        var holder = node.containers().holder(name);
        if (holder.isPresent()) {
            return heldBy(holder.get(), hash);
        }
        var image = image(request.getConfig());
        var config = files.checked(node.sandbox(pod.value()), request.getConfig());
        var container =
                record(name, hash, pod, request.toBuilder().setConfig(config).build(), image);
        // The container's turn keeps a removal from passing what is still being made.
        return node.operations()
                .exclusively(container.id().value(), () -> make(container, pod, image));
    }

    /**
     * Makes a container that will go on from a checkpoint, in a sandbox that nobody sees yet and
     * whose turn the caller holds.
     */
    ContainerId restore(PodSandbox sandbox, CreateContainerRequest request, SavedContainer saved)
            throws IOException {
        var name =
                ContainerName.of(request.getConfig().getMetadata(), sandbox.config().getMetadata());
        var holder = node.containers().holder(name);
        if (holder.isPresent()) {
            throw HeldName.of(holder.get()).refusal(false);
        }
        var image = image(request.getConfig());
        saved.requireImage(image.id().toString());
        var config = files.checked(sandbox, request.getConfig());
        var container =
                record(
                                name,
                                "restore " + RequestHash.of(request),
                                sandbox.id(),
                                request.toBuilder().setConfig(config).build(),
                                image)
                        .goesOn();
        return node.operations()
                .exclusively(
                        container.id().value(),
                        () -> {
                            add(container, sandbox, image);
                            return make(container, sandbox, image, Optional.of(saved));
                        });
    }

    private ContainerId make(Container container, SandboxId pod, Image image) throws IOException {
        // The sandbox's turn keeps a stop from missing a container that it cannot see yet.
        var sandbox =
                node.operations().exclusively(pod.value(), () -> enter(container, pod, image));
        return make(container, sandbox, image, Optional.empty());
    }

    private ContainerId make(
            Container container, PodSandbox sandbox, Image image, Optional<SavedContainer> saved)
            throws IOException {
        try {
            var user = files.make(sandbox, container, image, saved);
            var prepared = new ContainerEvent.Prepared(node.clock().instant(), user);
            node.containers().apply(container.id(), prepared);
        } catch (IOException | RuntimeException failure) {
            undo(container, failure);
            throw failure;
        }
        Operations.stage("nri.post-create-container");
        node.nri().postCreateContainer(container);
        LOG.log(
                Logger.Level.INFO,
                "container={0} sandbox={1} name={2} created{3}",
                container.id(),
                sandbox.id(),
                container.name(),
                saved.isPresent() ? " from a checkpoint" : "");
        return container.id();
    }

    private static ContainerId heldBy(Container holder, String hash) {
        if (holder.requestHash().equals(hash)
                && holder.listed()
                && !(holder.state() instanceof ContainerState.Removing)) {
            return holder.id();
        }
        throw HeldName.of(holder).refusal(holder.requestHash().equals(hash));
    }

    private Image image(ContainerConfig config) {
        var reference = config.getImage().getImage();
        return node.images()
                .find(reference)
                .orElseThrow(
                        () ->
                                new SandboxException.NotFound(
                                        "image %s: not on this node; pull it first"
                                                .formatted(reference)));
    }

    private PodSandbox enter(Container container, SandboxId pod, Image image) {
        var sandbox = node.sandbox(pod.value());
        if (!sandbox.ready()) {
            throw new SandboxException.WrongState(
                    "sandbox %s: is %s, a ready one is wanted for container %s"
                            .formatted(pod, sandbox.state().word(), container.name()));
        }
        add(container, sandbox, image);
        return sandbox;
    }

    private void add(Container container, PodSandbox sandbox, Image image) {
        var planned = plan(sandbox, container);
        if (!DeclaredVolumes.of(container.config(), image).isEmpty()) {
            var volumes = node.paths().declaredVolumes(container.id());
            planned.add(new Planned(ResourceKind.VOLUME, volumes));
        }
        var intents = node.resources().intents(container.id().value(), planned);
        node.containers().add(container, intents);
    }

    /** Everything that the container may come to have, keyed before any of it is made. */
    private List<Planned> plan(PodSandbox sandbox, Container container) {
        var id = container.id();
        var planned = new ArrayList<Planned>();
        planned.add(new Planned(ResourceKind.SNAPSHOT, id));
        ImageVolumes.keys(container)
                .forEach(key -> planned.add(new Planned(ResourceKind.SNAPSHOT, key)));
        planned.add(new Planned(ResourceKind.MOUNT, node.paths().volumes(id.value())));
        planned.add(new Planned(ResourceKind.BUNDLE, node.paths().bundle(id)));
        planned.add(new Planned(ResourceKind.FIFO, node.paths().io(id)));
        planned.add(new Planned(ResourceKind.LOG_WRITER, node.paths().control(id)));
        planned.add(new Planned(ResourceKind.CGROUP, CgroupPlan.planned(node, sandbox, container)));
        planned.add(
                new Planned(
                        ResourceKind.TASK,
                        id.value(),
                        Map.of(
                                "sandbox", sandbox.id().value(),
                                "handler", sandbox.runtimeHandler())));
        if (container.restored()) {
            planned.add(new Planned(ResourceKind.DIRECTORY, node.paths().restore(id)));
        }
        return planned;
    }

    private Container record(
            ContainerName name,
            String hash,
            SandboxId pod,
            CreateContainerRequest request,
            Image image) {
        var config = request.getConfig();
        var logDirectory = request.getSandboxConfig().getLogDirectory();
        return new Container(
                ContainerId.random(),
                name,
                pod,
                hash,
                config,
                image.id().toString(),
                image.repoDigests().stream().findFirst().orElse(image.id().toString()),
                stopSignal(config, image),
                LogPath.of(logDirectory, config.getLogPath()),
                node.clock().instant(),
                Optional.empty(),
                false,
                new ContainerState.Creating());
    }

    private static String stopSignal(ContainerConfig config, Image image) {
        return StopSignal.of(config.getStopSignal())
                .or(() -> image.config().stopSignal())
                .map(StopSignal::checked)
                .orElse("SIGTERM");
    }

    private void undo(Container container, Exception failure) {
        try {
            undo.run(container);
        } catch (RuntimeException stays) {
            failure.addSuppressed(stays);
            node.containers()
                    .apply(container.id(), new ContainerEvent.RemoveAsked(node.clock().instant()));
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} creation failed and so did its undo, which the pod''s removal"
                            + " finishes: {1}",
                    container.id(),
                    stays.getMessage());
        }
    }
}
