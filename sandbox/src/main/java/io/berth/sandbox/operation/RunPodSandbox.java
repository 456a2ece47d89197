package io.berth.sandbox.operation;

import io.berth.cni.NetworkResult;
import io.berth.cni.PodNetworkRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.request.PodNames;
import io.berth.sandbox.resource.Planned;
import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxName;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.sandbox.spec.FieldPolicy;
import io.berth.sandbox.spec.UserNamespaces;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a pod's sandbox: its network namespace and addresses, its shim and its pause process. It is
 * ready when the call returns; a failure leaves nothing, or a sandbox that is not ready and says
 * why, which StopPodSandbox and RemovePodSandbox finish.
 */
final class RunPodSandbox {
    private static final Logger LOG = System.getLogger(RunPodSandbox.class.getName());

    private final Node node;
    private final PodFiles files;
    private final PodTask task;
    private final ContainerUndo containerUndo;

    RunPodSandbox(Node node, PodFiles files, PodTask task) {
        this.node = node;
        this.containerUndo = new ContainerUndo(node);
        this.files = files;
        this.task = task;
    }

    /**
     * A sandbox that is asked for.
     *
     * @param hash of the request, by which a retry is known
     */
    record Wanted(SandboxName name, String hash, String handler, PodSandboxConfig config) {}

    /** Makes what a sandbox has before anybody sees it, and it is ready by all but its record. */
    @FunctionalInterface
    interface Contents {
        void make(PodSandbox ready) throws IOException;
    }

    SandboxId run(RunPodSandboxRequest request) {
        FieldPolicy.check(request);
        var wanted =
                wanted(request.getConfig(), request.getRuntimeHandler(), RequestHash.of(request));
        return node.operations()
                .run(
                        key(wanted),
                        wanted.hash(),
                        () -> {
                            var held = held(wanted);
                            return held.isPresent() ? held.get() : make(wanted, _ -> {});
                        });
    }

    /** The key of every operation that makes a sandbox of this name. */
    static OperationKey key(Wanted wanted) {
        return new OperationKey("RunPodSandbox", wanted.name().value());
    }

    /**
     * What a request comes to.
     *
     * @throws SandboxException.InvalidRequest if it makes no sense on this node
     */
    Wanted wanted(PodSandboxConfig config, String handler, String hash) {
        if (!config.hasMetadata()) {
            throw new SandboxException.InvalidRequest(
                    "config.metadata: found none, wanted name, namespace, uid and attempt");
        }
        if (node.settings().handler(handler).isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "runtime_handler '%s': not configured; known handlers are %s"
                            .formatted(handler, node.settings().runtimes().keySet()));
        }
        PodNames.check(config);
        CgroupPlan.check(node.settings(), handler, config);
        return new Wanted(SandboxName.of(config.getMetadata()), hash, handler, config);
    }

    /**
     * The sandbox that an equal request made, if there is one.
     *
     * @throws SandboxException.AlreadyExists if another request's has the name
     */
    Optional<SandboxId> held(Wanted wanted) {
        var before = node.sandboxes().holder(wanted.name());
        if (before.isPresent()) {
            node.adoptions().await(before.get().id());
        }
        var holder = node.sandboxes().holder(wanted.name());
        if (holder.isEmpty()) {
            return Optional.empty();
        }
        boolean same = holder.get().requestHash().equals(wanted.hash());
        if (same && holder.get().ready()) {
            return Optional.of(holder.get().id());
        }
        throw HeldName.of(holder.get()).refusal(same);
    }

    /** Makes a sandbox whose name is free, with its contents, of all of which a failure is rid. */
    SandboxId make(Wanted wanted, Contents contents) throws IOException {
        var sandbox =
                new PodSandbox(
                        SandboxId.random(),
                        wanted.name(),
                        wanted.hash(),
                        wanted.handler(),
                        wanted.config(),
                        node.sandboxes().creationTime(node.clock().instant()),
                        node.bootId(),
                        List.of(),
                        new SandboxState.Creating());
        if (PodUserns.wanted(sandbox)) {
            UserNamespaces.check(sandbox.brief(), node.runtimes().known(sandbox.runtimeHandler()));
        }
        // Its turn keeps a stop from passing what is still being made.
        return node.operations().exclusively(sandbox.id().value(), () -> make(sandbox, contents));
    }

    private SandboxId make(PodSandbox sandbox, Contents contents) throws IOException {
        var id = sandbox.id();
        node.sandboxes().add(sandbox, node.resources().intents(id.value(), plan(sandbox)));
        try {
            build(sandbox, contents);
        } catch (IOException | RuntimeException failure) {
            undo(sandbox, failure);
            throw failure;
        }
        return id;
    }

    /** Everything that the sandbox may come to have, keyed before any of it is made. */
    private List<Planned> plan(PodSandbox sandbox) {
        var id = sandbox.id();
        var planned = new ArrayList<Planned>();
        planned.add(new Planned(ResourceKind.DIRECTORY, node.paths().sandbox(id)));
        planned.add(new Planned(ResourceKind.MOUNT, node.paths().shm(id)));
        planned.add(new Planned(ResourceKind.MOUNT, node.paths().volumes(id.value())));
        planned.add(new Planned(ResourceKind.SNAPSHOT, id));
        PodUserns.pin(node, sandbox)
                .ifPresent(pin -> planned.add(new Planned(ResourceKind.USERNS, pin)));
        planned.add(new Planned(ResourceKind.BUNDLE, node.paths().bundle(id)));
        planned.add(new Planned(ResourceKind.CGROUP, CgroupPlan.ownedByPod(node, sandbox)));
        CgroupPlan.ownSlice(node, sandbox)
                .ifPresent(slice -> planned.add(new Planned(ResourceKind.SLICE, slice)));
        planned.add(
                new Planned(
                        ResourceKind.SHIM,
                        node.paths().bundle(id).toString(),
                        Map.of("sandbox", id.value(), "handler", sandbox.runtimeHandler())));
        planned.add(
                new Planned(
                        ResourceKind.TASK,
                        id.value(),
                        Map.of("sandbox", id.value(), "handler", sandbox.runtimeHandler())));
        if (!sandbox.onHostNetwork()) {
            planned.add(new Planned(ResourceKind.NETNS, node.networks().netnsPath(id.value())));
            planned.add(new Planned(ResourceKind.CNI, id));
        }
        return planned;
    }

    private void build(PodSandbox sandbox, Contents contents) throws IOException {
        var maps = UserNamespaces.of(sandbox.brief());
        if (maps.isPresent()) {
            new PodUserns(node).create(sandbox, maps.get()); // it owns what comes after it
        }
        var ips = new ArrayList<String>();
        Operations.beside("pod-" + sandbox.id())
                .start(() -> ips.addAll(network(sandbox)))
                .start(
                        () -> {
                            files.make(sandbox);
                            task.startShim(sandbox);
                        })
                .join(); // a virtual machine takes the interfaces that it finds when it is made
        var pid = task.start(sandbox);
        var started = new SandboxEvent.Started(node.clock().instant(), pid);
        Operations.stage("nri.run-pod-sandbox");
        var ready = sandbox.withIps(ips).after(started);
        node.nri().runPodSandbox(ready);
        contents.make(ready);
        node.sandboxes().started(sandbox.id(), started, ips);
        node.nri().podSandboxSettled(sandbox);
        LOG.log(
                Logger.Level.INFO,
                "sandbox={0} name={1} ready pid={2} ips={3}",
                sandbox.id(),
                sandbox.name(),
                Integer.toString(pid),
                ips);
        task.watch(sandbox.id());
    }

    private List<String> network(PodSandbox sandbox) throws IOException {
        if (sandbox.onHostNetwork()) {
            return List.of();
        }
        var id = sandbox.id().value();
        if (!PodUserns.wanted(sandbox)) {
            Operations.step(
                    "netns.create",
                    node.networks().netnsPath(id).toString(),
                    () -> {
                        node.networks().createNetns(id);
                        return true;
                    });
        }
        PodNetworkRequest request = NetworkRequests.of(sandbox);
        return Operations.step("cni.add", id, () -> attach(sandbox, request).ips());
    }

    /** To the handler's own networks, if it has some. */
    private NetworkResult attach(PodSandbox sandbox, PodNetworkRequest request) throws IOException {
        var own =
                node.settings()
                        .handler(sandbox.runtimeHandler())
                        .flatMap(handler -> handler.options().network());
        return own.isPresent()
                ? node.networks().attach(request, own.get().confDir(), own.get().most())
                : node.networks().attach(request);
    }

    private void undo(PodSandbox sandbox, Exception failure) {
        var id = sandbox.id();
        node.nri().removePodSandbox(sandbox);
        try {
            node.containers().of(id).forEach(containerUndo::run);
            var struck = node.resources().release(id.value(), EnumSet.allOf(ResourceKind.class));
            node.sandboxes().remove(id, struck);
        } catch (ShimException.GivenUp | MetadataException.Closed ours) {
            failure.addSuppressed(ours); // nobody was told of it: the next daemon undoes it
        } catch (RuntimeException stays) {
            failure.addSuppressed(stays);
            var cause =
                    "creation failed: %s; its undo too: %s"
                            .formatted(failure.getMessage(), stays.getMessage());
            node.sandboxes().apply(id, new SandboxEvent.Died(node.clock().instant(), cause));
            LOG.log(Logger.Level.WARNING, "sandbox={0} {1}", id, cause);
        }
    }
}
