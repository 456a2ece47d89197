package io.berth.sandbox.operation;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.UpdateContainerResourcesRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerState;
import io.berth.sandbox.container.ResourceUpdate;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.sandbox.spec.ResourceChange;
import io.berth.shimclient.bundle.Bundle;
import io.berth.shimclient.shim.OciAny;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;

/**
 * Changes the limits of a container that is created or runs: in its bundle, in the kernel if it
 * runs, and in its record, all or none. A crash between them is finished by recovery. No stop,
 * status or list waits for it.
 */
public final class UpdateContainerResources {
    private static final Logger LOG = System.getLogger(UpdateContainerResources.class.getName());

    /** How often processes are looked for that were born while others got their score. */
    private static final int OOM_SCORE_PASSES = 8;

    private final Node node;

    public UpdateContainerResources(Node node) {
        this.node = node;
    }

    void run(UpdateContainerResourcesRequest request) {
        FieldPolicy.check(request);
        var id = node.container(request.getContainerId()).id();
        var update = new ResourceUpdate(request.getLinux(), request.getAnnotationsMap());
        node.operations()
                .run(
                        new OperationKey(
                                "UpdateContainerResources", id + "/" + RequestHash.of(request)),
                        "",
                        () -> {
                            node.adoptions().await(node.container(id.value()).sandbox());
                            return asPluginsWant(id, update);
                        });
    }

    /** Plugins of the node may change what is asked for, or refuse it. */
    private boolean asPluginsWant(ContainerId id, ResourceUpdate update) throws IOException {
        var container = node.container(id.value());
        switch (container.state()) {
            case ContainerState.Created _, ContainerState.Running _ -> {}
            case ContainerState.Creating _, ContainerState.Exited _, ContainerState.Removing _ ->
                    throw wrongState(container);
        }
        Operations.stage("nri.update-container");
        var wanted = node.nri().updateContainer(container, update.asked());
        change(id, new ResourceUpdate(wanted, update.annotations()));
        node.nri().postUpdateContainer(container);
        return true;
    }

    /** Makes a change that nobody is asked about any more. */
    void change(ContainerId id, ResourceUpdate update) throws IOException {
        inTurn(id, () -> updateOnce(id, update));
    }

    /** Ends a change that the last daemon had begun. One that cannot be made is dropped. */
    public void recover(ContainerId id) throws IOException {
        var begun = node.containers().updateUnderWay(id);
        if (begun.isEmpty()) {
            return;
        }
        try {
            inTurn(id, () -> updateOnce(id, begun.get()));
            LOG.log(Logger.Level.INFO, "container={0} its change of limits was cut: made now", id);
        } catch (ShimException.GivenUp ours) {
            throw ours;
        } catch (SandboxException | ShimException refused) {
            node.containers().dropUpdate(id);
            LOG.log(
                    Logger.Level.WARNING,
                    "container={0} its change of limits was cut and is dropped: {1}",
                    id,
                    refused.getMessage());
        }
    }

    /** One change of a container's limits at a time, beside whatever else happens to it. */
    private boolean inTurn(ContainerId id, Operations.Body<Boolean> body) throws IOException {
        return node.operations().exclusively(id + "/limits", body);
    }

    private boolean updateOnce(ContainerId id, ResourceUpdate update) throws IOException {
        var container = node.container(id.value());
        switch (container.state()) {
            case ContainerState.Created _ ->
                    // Not beside a start, which reads what is written here.
                    node.operations().exclusively(id.value(), () -> created(id, update));
            case ContainerState.Running _ -> change(container, update, true);
            case ContainerState.Creating _, ContainerState.Exited _, ContainerState.Removing _ ->
                    throw wrongState(container);
        }
        return true;
    }

    /** A start may have come first. */
    private boolean created(ContainerId id, ResourceUpdate update) throws IOException {
        var container = node.container(id.value());
        return switch (container.state()) {
            case ContainerState.Created _ -> change(container, update, false);
            case ContainerState.Running _ -> change(container, update, true);
            case ContainerState.Creating _, ContainerState.Exited _, ContainerState.Removing _ ->
                    throw wrongState(container);
        };
    }

    private static SandboxException wrongState(Container container) {
        return new SandboxException.WrongState(
                "container %s: is %s, only a created or running one has limits to change"
                        .formatted(container.id(), container.state().word()));
    }

    private boolean change(Container container, ResourceUpdate update, boolean runs)
            throws IOException {
        var id = container.id();
        var before = container.brief().getLinux().getResources();
        var change = new ResourceChange(before, update.asked(), node.limits());
        if (change.isEmpty() && update.annotations().isEmpty()) {
            return true;
        }
        var bundle = new Bundle(node.paths().bundle(id));
        var old = Files.readAllBytes(bundle.config());
        var patched = change.patched(old);
        node.containers().beginUpdate(id, update);
        try {
            write(bundle, patched);
            if (runs) {
                update(container, change, patched, update);
            }
        } catch (ShimException.GivenUp ours) {
            throw ours; // the kernel may have the new limits: the next start makes sure of it
        } catch (IOException | RuntimeException failure) {
            takeBack(id, bundle, old, failure);
            throw failure;
        }
        node.containers().finishUpdate(id, change.merged());
        LOG.log(
                Logger.Level.INFO,
                "container={0} limits changed: {1}",
                id,
                update.asked().toString().strip().replace('\n', ' '));
        return true;
    }

    private void write(Bundle bundle, byte[] config) throws IOException {
        Operations.step(
                "bundle.change",
                bundle.directory().toString(),
                () -> {
                    bundle.changeConfig(config, node.files());
                    return true;
                });
    }

    /** The OCI runtime gives the kernel the old limits again when it is refused one of the new. */
    private void takeBack(ContainerId id, Bundle bundle, byte[] old, Exception failure) {
        try {
            write(bundle, old);
            node.containers().dropUpdate(id);
        } catch (IOException | RuntimeException stays) {
            failure.addSuppressed(stays); // the update under way is ended by the next start
        }
    }

    private void update(
            Container container, ResourceChange change, byte[] config, ResourceUpdate update)
            throws IOException {
        var id = container.id().value();
        var shim = node.shims().require(container.sandbox());
        var resources = OciAny.linuxResources(ByteString.copyFrom(ResourceChange.ofShim(config)));
        try {
            Operations.step(
                    "task.update",
                    id,
                    () -> {
                        shim.update(id, resources, update.annotations());
                        return true;
                    });
            if (change.changesOomScore()) {
                Operations.step("oom-score.set", id, () -> score(shim, id, change.oomScoreAdj()));
            }
        } catch (ShimException.NotFound ended) {
            throw new SandboxException.WrongState(
                    "container %s: it ended while its limits were changed".formatted(id));
        }
    }

    /** Until every process has it: those born meanwhile have their parent's old one. */
    private boolean score(Shim shim, String id, int wanted) throws IOException {
        for (int pass = 0; pass < OOM_SCORE_PASSES; pass++) {
            boolean changed = false;
            for (int pid : shim.pids(id)) {
                changed |= score(pid, wanted);
            }
            if (!changed) {
                return true;
            }
        }
        return false;
    }

    private boolean score(int pid, int wanted) throws IOException {
        try {
            if (node.linux().oomScoreAdj(pid) == wanted) {
                return false;
            }
            return node.linux().setOomScoreAdj(pid, wanted) == wanted;
        } catch (IOException refused) {
            if (Files.exists(java.nio.file.Path.of("/proc", Integer.toString(pid)))) {
                throw refused;
            }
            return false; // it ended
        }
    }
}
