package io.berth.e2e.bench;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.LinuxPodSandboxConfig;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.cri.v1.VersionRequest;
import io.berth.e2e.cri.CriClient;
import io.berth.e2e.cri.PodHost;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.run.Print;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A CRI runtime that is measured, with the image that its pods run. {@link #close} removes every
 * pod of this run, and the image; the runtime itself is its owner's to end.
 */
final class Contender implements PodHost, AutoCloseable {
    private final int index;
    private final Place place;
    private final Optional<OwnDaemon> own;
    private CriClient client;

    /**
     * What is the same for all pods of a contender.
     *
     * @param mark in the uids of its pods
     * @param cgroupParent of its pods; nothing leaves that to the runtime
     * @param handler of its pods; nothing is the runtime's default
     */
    record Place(
            Path socket,
            String reference,
            Path logs,
            String mark,
            String cgroupParent,
            String handler) {}

    private Contender(int index, Place place, Optional<OwnDaemon> own) {
        this.index = index;
        this.place = place;
        this.own = own;
        this.client = CriClient.of(place.socket());
    }

    /** Connects and pulls the image. */
    static Contender open(int index, Place place, Optional<OwnDaemon> own) {
        var contender = new Contender(index, place, own);
        contender.pull(place.reference());
        return contender;
    }

    /** Its place in the results. */
    int index() {
        return index;
    }

    /** The daemon's process, if it was started here. */
    Optional<OwnDaemon> own() {
        return own;
    }

    /** How the runtime calls itself. */
    String title() {
        var version = client.runtime().version(VersionRequest.getDefaultInstance());
        return version.getRuntimeName() + " " + version.getRuntimeVersion();
    }

    /** The daemon's process: the one started here, or the one that listens on the socket. */
    long pid() throws IOException {
        return own.isPresent() ? own.get().pid() : SocketPeer.pid(place.socket());
    }

    Kubelet kubelet() {
        return new Kubelet(this);
    }

    /** A pod that is named once. */
    PodSandboxConfig pod() throws IOException {
        var pod = kubelet().pod();
        if (!place.cgroupParent().isEmpty()) {
            pod.setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(place.cgroupParent()));
        }
        return pod.build();
    }

    String run(PodSandboxConfig pod) {
        return kubelet().run(pod, place.handler());
    }

    void pull(String reference) {
        var image = ImageSpec.newBuilder().setImage(reference);
        client.images().pullImage(PullImageRequest.newBuilder().setImage(image).build());
    }

    void removeImage(String reference) {
        var image = ImageSpec.newBuilder().setImage(reference);
        client.images().removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    }

    /** Connects again, to a daemon that was started again. */
    void reconnect() {
        client.close();
        client = CriClient.of(place.socket());
    }

    @Override
    public CriClient client() {
        return client;
    }

    @Override
    public String reference() {
        return place.reference();
    }

    @Override
    public Path logs() {
        return place.logs();
    }

    @Override
    public String mark() {
        return place.mark();
    }

    /** Starts the daemon again if it was started here. */
    void startAgain() throws IOException {
        if (own.isPresent()) {
            own.get().startAgain();
        }
        reconnect();
    }

    /** Ends every pod of this run. */
    void endPods() {
        var all = client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
        for (var pod : all.getItemsList()) {
            if (pod.getMetadata().getUid().contains(place.mark())) {
                kubelet().end(pod.getId());
            }
        }
    }

    @Override
    public void close() {
        try {
            endPods();
            removeImage(place.reference());
        } catch (StatusRuntimeException gone) {
            // One that was started here is cleared away with all that it has made.
            Print.note("bench: pods or image are left with " + place.socket() + ": " + gone);
        } finally {
            client.close();
        }
    }
}
