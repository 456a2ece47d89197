package io.berth.sandbox.operation;

import io.berth.cni.PodNetworks;
import io.berth.imageservice.image.Images;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.UserNamespaces;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.container.Container;
import io.berth.sandbox.container.ContainerId;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.nri.Nri;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.resource.Resources;
import io.berth.sandbox.runtime.RuntimeProbe;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.security.SecurityHost;
import io.berth.sandbox.settings.SandboxPaths;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.shim.PodShims;
import io.berth.sandbox.spec.HostLimits;
import io.berth.storage.Storage;
import java.time.Clock;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** What every operation works with. */
public record Node(
        SandboxSettings settings,
        SandboxPaths paths,
        SandboxStore sandboxes,
        ContainerStore containers,
        Resources resources,
        Operations operations,
        Adoptions adoptions,
        Exits exits,
        PodShims shims,
        PodNetworks networks,
        RuntimeProbe runtimes,
        UserNamespaces userNamespaces,
        Images images,
        Storage storage,
        Linux linux,
        HostFiles files,
        HostLimits limits,
        Nri nri,
        SecurityHost security,
        String bootId,
        Clock clock) {

    /** The sandbox of an id, which is listed. */
    PodSandbox sandbox(String id) {
        return knownSandbox(id)
                .filter(PodSandbox::listed)
                .orElseThrow(
                        () ->
                                new SandboxException.NotFound(
                                        "sandbox '%s': not found".formatted(id)));
    }

    /** The container of an id, which is listed. */
    Container container(String id) {
        return knownContainer(id)
                .filter(Container::listed)
                .orElseThrow(
                        () ->
                                new SandboxException.NotFound(
                                        "container '%s': not found".formatted(id)));
    }

    /** Writes down further things that are about to be made for a container. */
    void plan(ContainerId id, Planned... things) {
        containers.with(id, resources.intents(id.value(), List.of(things)));
    }

    /**
     * Removes the folders that a checkpoint of a container needs while it is saved or gone on from,
     * and strikes them out. None is success.
     */
    public void forgetCheckpoint(ContainerId id) {
        containers.with(id, resources.release(id.value(), EnumSet.of(ResourceKind.DIRECTORY)));
    }

    /** The sandbox of an id or of the only id that begins so, in whatever state. */
    Optional<PodSandbox> knownSandbox(String id) {
        return IdPrefix.find(id, sandboxes.all(), sandbox -> sandbox.id().value());
    }

    /** The container of an id or of the only id that begins so, in whatever state. */
    Optional<Container> knownContainer(String id) {
        return IdPrefix.find(id, containers.all(), container -> container.id().value());
    }
}
