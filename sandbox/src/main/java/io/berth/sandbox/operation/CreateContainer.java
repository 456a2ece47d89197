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
import io.berth.sandbox.container.ContainerUser;
import io.berth.sandbox.operation.GivenCheckpoints.Given;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.storage.snapshot.SnapshotKey;
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
    private final GivenCheckpoints checkpoints;
    private final ContainerUndo undo;

    CreateContainer(Node node, ContainerFiles files, GivenCheckpoints checkpoints) {
        this.node = node;
        this.undo = new ContainerUndo(node);
        this.files = files;
        this.checkpoints = checkpoints;
    }

    /** A container that is asked for, of whose image nothing is known yet. */
    private record Asked(
            ContainerId id,
            ContainerName name,
            String hash,
            SandboxId pod,
            CreateContainerRequest request) {
        Asked with(ContainerConfig config) {
            var changed = request.toBuilder().setConfig(config).build();
            return new Asked(id, name, hash, pod, changed);
        }
    }

    /** A container whose files are made, and as whom it will run. */
    private record Made(Container container, ContainerUser user) {}

    /** Makes the files of a container that the ledger knows. */
    @FunctionalInterface
    private interface Making {
        Made run() throws IOException;
    }

    ContainerId run(CreateContainerRequest request) {
        FieldPolicy.check(request);
        var config = request.getConfig();
        if (!config.hasMetadata() || config.getMetadata().getName().isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "config.metadata.name: found none, wanted the container's name");
        }
        var sandbox = node.sandbox(request.getPodSandboxId());
        var name = ContainerName.of(config.getMetadata(), sandbox.brief().getMetadata());
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
        var asked = new Asked(ContainerId.random(), name, hash, pod, request);
        var given = checkpoints.find(request.getConfig().getImage().getImage());
        // The container's turn keeps a removal from passing what is still being made.
        return node.operations()
                .exclusively(
                        asked.id().value(),
                        () -> given.isPresent() ? goOn(asked, given.get()) : begin(asked));
    }

    private ContainerId begin(Asked asked) throws IOException {
        var config = asked.request().getConfig();
        var image = image(config);
        var checked = asked.with(files.checked(node.sandbox(asked.pod().value()), config));
        var container = record(checked, image);
        var sandbox = enter(container, asked.pod(), volumes(container, image));
        return make(
                container,
                sandbox,
                () -> new Made(container, files.make(sandbox, container, image, Optional.empty())));
    }

    /** From a checkpoint that the request names as its image, which then tells the image. */
    private ContainerId goOn(Asked asked, Given given) throws IOException {
        var unknown = record(asked, given.toString(), given.toString(), "SIGTERM").goesOn();
        var planned = checkpoints.planned(unknown.id(), given);
        planned.add(volumes(unknown));
        var sandbox = enter(unknown, asked.pod(), planned);
        return make(
                unknown,
                sandbox,
                () -> checkpoints.use(sandbox, unknown, given, saved -> goOn(asked, given, saved)));
    }

    private Made goOn(Asked asked, Given given, SavedContainer saved) throws IOException {
        var sandbox = node.sandbox(asked.pod().value());
        var image = checkpoints.base(saved, given);
        var config = SavedRequest.complete(asked.request().getConfig(), saved);
        var container = record(asked.with(files.checked(sandbox, config)), image).goesOn();
        var later = ImageVolumes.keys(container).map(CreateContainer::snapshot).toList();
        var intents = node.resources().intents(container.id().value(), later);
        node.containers().complete(container, intents);
        return new Made(container, files.make(sandbox, container, image, Optional.of(saved)));
    }

    /**
     * Makes a container that will go on from a checkpoint, in a sandbox that nobody sees yet and
     * whose turn the caller holds.
     */
    ContainerId restore(PodSandbox sandbox, CreateContainerRequest request, SavedContainer saved)
            throws IOException {
        var name =
                ContainerName.of(request.getConfig().getMetadata(), sandbox.brief().getMetadata());
        var holder = node.containers().holder(name);
        if (holder.isPresent()) {
            throw HeldName.of(holder.get()).refusal(false);
        }
        var image = image(request.getConfig());
        saved.requireImage(image.id().toString());
        var hash = "restore " + RequestHash.of(request);
        var asked = new Asked(ContainerId.random(), name, hash, sandbox.id(), request);
        var config = files.checked(sandbox, request.getConfig());
        var container = record(asked.with(config), image).goesOn();
        return node.operations()
                .exclusively(
                        container.id().value(),
                        () -> {
                            add(container, sandbox, volumes(container, image));
                            return make(
                                    container,
                                    sandbox,
                                    () ->
                                            new Made(
                                                    container,
                                                    files.make(
                                                            sandbox,
                                                            container,
                                                            image,
                                                            Optional.of(saved))));
                        });
    }

    private ContainerId make(Container container, PodSandbox sandbox, Making making)
            throws IOException {
        Made made;
        try {
            made = making.run();
            var prepared = new ContainerEvent.Prepared(node.clock().instant(), made.user());
            node.containers().apply(container.id(), prepared);
        } catch (IOException | RuntimeException failure) {
            undo(container, failure);
            throw failure;
        }
        Operations.stage("nri.post-create-container");
        node.nri().postCreateContainer(made.container());
        LOG.log(
                Logger.Level.INFO,
                "container={0} sandbox={1} name={2} created{3}",
                container.id(),
                sandbox.id(),
                container.name(),
                container.restored() ? " from a checkpoint" : "");
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

    /** The sandbox's turn keeps a stop from missing a container that it cannot see yet. */
    private PodSandbox enter(Container container, SandboxId pod, List<Planned> besides)
            throws IOException {
        return node.operations()
                .exclusively(
                        pod.value(),
                        () -> {
                            var sandbox = node.sandbox(pod.value());
                            if (!sandbox.ready()) {
                                throw new SandboxException.WrongState(
                                        "sandbox %s: is %s, a ready one is wanted for container %s"
                                                .formatted(
                                                        pod,
                                                        sandbox.state().word(),
                                                        container.name()));
                            }
                            add(container, sandbox, besides);
                            return sandbox;
                        });
    }

    private void add(Container container, PodSandbox sandbox, List<Planned> besides) {
        var planned = plan(sandbox, container);
        planned.addAll(besides);
        var intents = node.resources().intents(container.id().value(), planned);
        node.containers().add(container, intents);
    }

    private List<Planned> volumes(Container container, Image image) {
        return DeclaredVolumes.of(container.config(), image).isEmpty()
                ? List.of()
                : List.of(volumes(container));
    }

    private Planned volumes(Container container) {
        return new Planned(ResourceKind.VOLUME, node.paths().declaredVolumes(container.id()));
    }

    private static Planned snapshot(SnapshotKey key) {
        return new Planned(ResourceKind.SNAPSHOT, key);
    }

    /** Everything that the container may come to have, keyed before any of it is made. */
    private List<Planned> plan(PodSandbox sandbox, Container container) {
        var id = container.id();
        var planned = new ArrayList<Planned>();
        planned.add(new Planned(ResourceKind.SNAPSHOT, id));
        ImageVolumes.keys(container).map(CreateContainer::snapshot).forEach(planned::add);
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

    private Container record(Asked asked, Image image) {
        return record(
                asked,
                image.id().toString(),
                image.repoDigests().stream().findFirst().orElse(image.id().toString()),
                stopSignal(asked.request().getConfig(), image));
    }

    private Container record(Asked asked, String imageId, String imageRef, String stopSignal) {
        var config = asked.request().getConfig();
        var logDirectory = asked.request().getSandboxConfig().getLogDirectory();
        var log = LogPath.of(logDirectory, config.getLogPath());
        LogPath.requireFile(log);
        return new Container(
                asked.id(),
                asked.name(),
                asked.pod(),
                asked.hash(),
                config,
                imageId,
                imageRef,
                stopSignal,
                log,
                node.containers().creationTime(asked.pod(), node.clock().instant()),
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
