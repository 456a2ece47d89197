package io.berth.e2e.sweep;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.IDMapping;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.Mount;
import io.berth.cri.v1.NamespaceMode;
import io.berth.cri.v1.NamespaceOption;
import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.UserNamespace;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.TestNode;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pod from its creation to its removal, as a kubelet goes about it: what fails is asked again in
 * the same words; what cannot be had under its name is had under the next attempt; a daemon that is
 * dead is started again.
 */
final class PodLife {
    private static final int ATTEMPTS = 6;
    private static final int FIRST_USER = 100_000;
    private static final int USERS = 65_536;
    private static final Duration END = Duration.ofSeconds(60);
    private static final String SCRIPT =
            "trap 'exit 0' TERM; echo up; while :; do usleep 20000; done";

    private final TestNode node;
    private final Kubelet kubelet;
    private final Kind kind;
    private final SweptCheckpoint checkpoint;
    private final String handler;
    private final Call<Boolean> beforeRestart;
    private final List<String> seen = new ArrayList<>();

    /** What is asked of a pod. */
    enum Kind {
        /** Nothing but a container with an image as volume. */
        PLAIN(""),
        /** The same with a user namespace of its own. */
        OWN_USERS("newer"),
        /** A pod that goes on from a checkpoint. */
        RESTORED(""),
        /** A pod with a container that goes on from a checkpoint's archive. */
        GIVEN("");

        private final String handler;

        Kind(String handler) {
            this.handler = handler;
        }

        /**
         * Points at which something else happens than at steps of their names in the kinds before.
         */
        Set<String> anew() {
            return switch (this) {
                case PLAIN, OWN_USERS, GIVEN -> Set.of();
                case RESTORED -> Set.of("task.create#2", "task.start#2", "directory.remove#1");
            };
        }
    }

    PodLife(TestNode node, Kubelet kubelet, Kind kind, SweptCheckpoint checkpoint) {
        this(node, kubelet, kind, checkpoint, kind.handler, () -> true);
    }

    /**
     * The same with another runtime handler.
     *
     * @param beforeRestart returns once a daemon that has died may be started again
     */
    PodLife(
            TestNode node,
            Kubelet kubelet,
            Kind kind,
            SweptCheckpoint checkpoint,
            String handler,
            Call<Boolean> beforeRestart) {
        this.node = node;
        this.kubelet = kubelet;
        this.kind = kind;
        this.checkpoint = checkpoint;
        this.handler = handler;
        this.beforeRestart = beforeRestart;
    }

    /** A call of the life. */
    interface Call<T> {
        T go() throws IOException;
    }

    /** What failed on the way: the RPC and its status code. */
    List<String> seen() {
        return seen;
    }

    /** Lives the whole life. */
    void live() throws IOException {
        var id =
                switch (kind) {
                    case PLAIN, OWN_USERS -> begin();
                    case RESTORED -> goOn();
                    case GIVEN -> goOnFromArchive();
                };
        again("ExecSync", () -> kubelet.exec(id, "true"));
        again("StopContainer", () -> done(() -> kubelet.stop(id, 10)));
        again("RemoveContainer", () -> done(() -> kubelet.remove(id)));
        endAll();
        whole();
    }

    /** Returns the pod's container once it has said something. */
    private String begin() throws IOException {
        var pod = kubelet.pod().putLabels("sweep", "1");
        pod.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(namespaces());
        var container = kubelet.shell("c", SCRIPT).addMounts(imageVolume());
        container.getLinuxBuilder().getSecurityContextBuilder().setNamespaceOptions(namespaces());
        var sandbox = run(pod);
        var id = start(sandbox, pod.build(), container);
        kubelet.awaitLine(Kubelet.log(pod.build(), container), "up");
        return id;
    }

    /** The same of a pod that is restored, with its own name and not that of the saved one. */
    private String goOn() throws IOException {
        var pod = checkpoint.pod().putLabels("sweep", "1");
        return counting(pod.build(), again("StartContainer", () -> restored(pod)));
    }

    /** The same of a container alone. */
    private String goOnFromArchive() throws IOException {
        var pod = checkpoint.pod().putLabels("sweep", "1");
        var sandbox = run(pod);
        return counting(pod.build(), start(sandbox, pod.build(), checkpoint.given()));
    }

    private String counting(PodSandboxConfig pod, String id) throws IOException {
        again("ExecSync", () -> done(() -> requireName(id, pod.getHostname())));
        checkpoint.awaitMore(pod);
        return id;
    }

    /** A process that could not go on is restored again, with all of its pod. */
    private String restored(PodSandboxConfig.Builder pod) throws IOException {
        var id = again("RestorePod", () -> anew(pod, () -> checkpoint.restore(pod.build())));
        switch (kubelet.status(id).getState()) {
            case CONTAINER_RUNNING -> {}
            case CONTAINER_CREATED -> kubelet.start(id);
            default -> {
                endAll();
                return restored(pod);
            }
        }
        return id;
    }

    private void requireName(String container, String name) {
        var found = kubelet.exec(container, "hostname").getStdout().toStringUtf8().strip();
        if (!found.equals(name)) {
            throw new AssertionError(
                    "host name: found %s in the restored pod, wanted %s".formatted(found, name));
        }
    }

    private NamespaceOption namespaces() {
        var map = IDMapping.newBuilder().setHostId(FIRST_USER).setLength(USERS).build();
        return switch (kind) {
            case PLAIN, RESTORED, GIVEN -> NamespaceOption.getDefaultInstance();
            case OWN_USERS ->
                    NamespaceOption.newBuilder()
                            .setUsernsOptions(
                                    UserNamespace.newBuilder()
                                            .setMode(NamespaceMode.POD)
                                            .addUids(map)
                                            .addGids(map))
                            .build();
        };
    }

    private Mount imageVolume() {
        return Mount.newBuilder()
                .setContainerPath("/volume")
                .setReadonly(true)
                .setImage(ImageSpec.newBuilder().setImage(node.reference()))
                .build();
    }

    /** Everything of the pod away, whichever attempts there were. */
    void endAll() throws IOException {
        for (PodSandbox pod : again("ListPodSandbox", this::list)) {
            again("StopPodSandbox", () -> done(() -> kubelet.stopPod(pod.getId())));
            again("RemovePodSandbox", () -> done(() -> kubelet.removePod(pod.getId())));
        }
    }

    private List<PodSandbox> list() {
        return node.client()
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList();
    }

    private String run(PodSandboxConfig.Builder pod) throws IOException {
        return again("RunPodSandbox", () -> anew(pod, () -> kubelet.run(pod.build(), handler)));
    }

    /** The next try is another attempt where the name is held. */
    private static String anew(PodSandboxConfig.Builder pod, Call<String> call) throws IOException {
        try {
            return call.go();
        } catch (StatusRuntimeException held) {
            if (held.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                pod.getMetadataBuilder().setAttempt(pod.getMetadata().getAttempt() + 1);
            }
            throw held;
        }
    }

    private String start(String sandbox, PodSandboxConfig pod, ContainerConfig.Builder container)
            throws IOException {
        var id = new String[] {create(sandbox, pod, container)};
        again(
                "StartContainer",
                () -> {
                    switch (kubelet.status(id[0]).getState()) {
                        case CONTAINER_RUNNING -> {}
                        case CONTAINER_CREATED -> kubelet.start(id[0]);
                        default -> {
                            container
                                    .getMetadataBuilder()
                                    .setAttempt(container.getMetadata().getAttempt() + 1);
                            id[0] = create(sandbox, pod, container);
                            kubelet.start(id[0]);
                        }
                    }
                    return true;
                });
        if (kubelet.status(id[0]).getState() != ContainerState.CONTAINER_RUNNING) {
            throw new AssertionError("started container: " + kubelet.status(id[0]));
        }
        return id[0];
    }

    private String create(String sandbox, PodSandboxConfig pod, ContainerConfig.Builder container)
            throws IOException {
        return again(
                "CreateContainer",
                () -> {
                    try {
                        return kubelet.create(sandbox, pod, container.build());
                    } catch (StatusRuntimeException held) {
                        if (held.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                            container
                                    .getMetadataBuilder()
                                    .setAttempt(container.getMetadata().getAttempt() + 1);
                        }
                        throw held;
                    }
                });
    }

    private <T> T again(String rpc, Call<T> call) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.go();
            } catch (StatusRuntimeException failed) {
                var status = failed.getStatus();
                seen.add(rpc + ":" + status.getCode());
                if (attempt == ATTEMPTS) {
                    throw new AssertionError(
                            "%s: still %s after %d attempts".formatted(rpc, status, ATTEMPTS),
                            failed);
                }
                if (status.getCode() == Status.Code.UNAVAILABLE) {
                    reviveAfterDeath();
                }
            }
        }
    }

    /** The connection broke: the daemon is dying, and comes back without the fault. */
    private void reviveAfterDeath() throws IOException {
        Waiting.until("the daemon's end", END, () -> !node.daemon().alive());
        restart();
    }

    /** A daemon that died beside a call that it had answered is started too. */
    private void whole() throws IOException {
        if (!node.daemon().alive()) {
            seen.add("died between calls");
            restart();
            endAll();
        }
    }

    private void restart() throws IOException {
        beforeRestart.go();
        node.restart(Map.of());
    }

    private static boolean done(Runnable call) {
        call.run();
        return true;
    }

    /** What the daemon said last, for a failure's message. */
    String daemonLog() throws IOException {
        return BerthUnderTest.tail(node.folders());
    }
}
