package io.berth.sandbox.operation;

import io.berth.sandbox.resource.ResourceKind;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.sandbox.SandboxEvent;
import io.berth.sandbox.sandbox.SandboxId;
import io.berth.sandbox.sandbox.SandboxState;
import io.berth.storage.metadata.Batch;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * Ends a pod: its containers by force, its pause process and shim, then its network. Answers only
 * when the network is given back. Safe to repeat, also after a crash at any line; a sandbox that
 * does not exist is stopped.
 */
final class StopPodSandbox {
    private static final Logger LOG = System.getLogger(StopPodSandbox.class.getName());

    /** What runs, and what it has as files. */
    private static final EnumSet<ResourceKind> PROCESSES =
            EnumSet.range(ResourceKind.TASK, ResourceKind.VOLUME);

    private static final EnumSet<ResourceKind> NETWORK = EnumSet.of(ResourceKind.CNI);

    /** All but the folder that the record's files lie in, which goes with the record. */
    private static final EnumSet<ResourceKind> REST = EnumSet.allOf(ResourceKind.class);

    static {
        REST.removeAll(PROCESSES);
        REST.removeAll(NETWORK);
        REST.remove(ResourceKind.DIRECTORY);
    }

    /** How many containers of a pod are killed at a time; 60 at once hang shims of 2.3 too. */
    private static final int STOPS_AT_ONCE = 4;

    private final Node node;
    private final ContainerStop containers;

    StopPodSandbox(Node node, ContainerStop containers) {
        this.node = node;
        this.containers = containers;
    }

    void run(String podSandboxId) {
        new SandboxTurn(node).run("StopPodSandbox", podSandboxId, this::stop);
    }

    /** Stops a sandbox whose turn the caller holds. */
    void stop(SandboxId id) throws IOException {
        var sandbox =
                node.sandboxes().apply(id, new SandboxEvent.StopAsked(node.clock().instant()));
        if (sandbox.isEmpty() || sandbox.get().state() instanceof SandboxState.Stopped) {
            return;
        }
        stopContainers(sandbox.get());
        Operations.stage("nri.stop-pod-sandbox");
        node.nri().stopPodSandbox(sandbox.get());
        var struck = release(sandbox.get());
        node.shims().forget(id);
        node.sandboxes().apply(id, new SandboxEvent.Released(node.clock().instant()), struck);
        LOG.log(Logger.Level.INFO, "sandbox={0} stopped", id);
    }

    /**
     * The network goes while the pause process does, which has no use for it. What else a shim runs
     * a pod in, such as a virtual machine, may hold the pod's interfaces, and ends first.
     */
    private Consumer<Batch> release(PodSandbox sandbox) throws IOException {
        var id = sandbox.id().value();
        var resources = node.resources();
        var struck = new ConcurrentLinkedQueue<Consumer<Batch>>();
        if (node.shims().isRunc(sandbox.runtimeHandler())) {
            Operations.beside("release-" + id)
                    .start(() -> struck.add(resources.release(id, PROCESSES)))
                    .start(() -> struck.add(resources.release(id, NETWORK)))
                    .join();
        } else {
            struck.add(resources.release(id, PROCESSES));
            struck.add(resources.release(id, NETWORK));
        }
        struck.add(resources.release(id, REST));
        return batch -> struck.forEach(each -> each.accept(batch));
    }

    /** A few at a time: shims lose the ends of processes when many end at once. */
    private void stopContainers(PodSandbox sandbox) throws IOException {
        var turns = new Semaphore(STOPS_AT_ONCE);
        var stops = Operations.beside("stop-" + sandbox.id());
        for (var container : node.containers().of(sandbox.id())) {
            stops.start(
                    () -> {
                        turns.acquireUninterruptibly();
                        try {
                            containers.stop(container.id(), Duration.ZERO);
                        } finally {
                            turns.release();
                        }
                        node.nri().stopContainer(container);
                    });
        }
        stops.join();
    }
}
