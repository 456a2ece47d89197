package io.berth.daemon.cri.client;

import com.google.protobuf.ByteString;
import io.berth.admin.v1.AdminGrpc;
import io.berth.admin.v1.AuditRequest;
import io.berth.admin.v1.Finding;
import io.berth.admin.v1.GiveUpNetworkRequest;
import io.berth.admin.v1.LayerProgress;
import io.berth.admin.v1.LoadImageRequest;
import io.berth.admin.v1.LoadImageResponse;
import io.berth.admin.v1.LoadedImage;
import io.berth.admin.v1.PullImageRequest;
import io.berth.cri.v1.AttachRequest;
import io.berth.cri.v1.AuthConfig;
import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.Container;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.ContainerStatus;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ExecRequest;
import io.berth.cri.v1.ExecSyncRequest;
import io.berth.cri.v1.ExecSyncResponse;
import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageServiceGrpc;
import io.berth.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxConfig;
import io.berth.cri.v1.PodSandboxStatus;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.PortForwardRequest;
import io.berth.cri.v1.RemoveContainerRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.cri.v1.RemovePodSandboxRequest;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.berth.cri.v1.StartContainerRequest;
import io.berth.cri.v1.StopContainerRequest;
import io.berth.cri.v1.StopPodSandboxRequest;
import io.berth.cri.v1.VersionRequest;
import io.berth.cri.v1.VersionResponse;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A running daemon, asked over its socket. Each method makes one call and waits for its end; all
 * throw {@link NodeException}. Any thread.
 */
public final class NodeClient implements AutoCloseable {
    private static final int CHUNK_BYTES = 1 << 20;

    private final Channel channel;
    private final RuntimeServiceBlockingStub runtime;
    private final ImageServiceBlockingStub images;

    /** A client of the daemon on that socket; connects when first asked something. */
    public NodeClient(Path socket) {
        channel = new Channel(socket);
        runtime = RuntimeServiceGrpc.newBlockingStub(channel.grpc());
        images = ImageServiceGrpc.newBlockingStub(channel.grpc());
    }

    private <T> T ask(Supplier<T> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw channel.failure(e);
        }
    }

    public VersionResponse version() {
        return ask(() -> runtime.version(VersionRequest.getDefaultInstance()));
    }

    /** All pods, whether ready or not. */
    public List<PodSandbox> pods() {
        return ask(() -> runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()))
                .getItemsList();
    }

    public PodSandboxStatus podStatus(String id) {
        var request = PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build();
        return ask(() -> runtime.podSandboxStatus(request)).getStatus();
    }

    /**
     * Starts a pod's sandbox and returns its id.
     *
     * @param handler the runtime handler; empty is the default one
     */
    public String runPod(PodSandboxConfig config, String handler) {
        var request =
                RunPodSandboxRequest.newBuilder()
                        .setConfig(config)
                        .setRuntimeHandler(handler)
                        .build();
        return ask(() -> runtime.runPodSandbox(request)).getPodSandboxId();
    }

    public void stopPod(String id) {
        var request = StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build();
        ask(() -> runtime.stopPodSandbox(request));
    }

    public void removePod(String id) {
        var request = RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build();
        ask(() -> runtime.removePodSandbox(request));
    }

    /** All containers, in whatever state. */
    public List<Container> containers() {
        return ask(() -> runtime.listContainers(ListContainersRequest.getDefaultInstance()))
                .getContainersList();
    }

    public ContainerStatus containerStatus(String id) {
        var request = ContainerStatusRequest.newBuilder().setContainerId(id).build();
        return ask(() -> runtime.containerStatus(request)).getStatus();
    }

    /** Creates a container in a pod and returns its id. */
    public String createContainer(String pod, ContainerConfig config, PodSandboxConfig podConfig) {
        var request =
                CreateContainerRequest.newBuilder()
                        .setPodSandboxId(pod)
                        .setConfig(config)
                        .setSandboxConfig(podConfig)
                        .build();
        return ask(() -> runtime.createContainer(request)).getContainerId();
    }

    public void startContainer(String id) {
        var request = StartContainerRequest.newBuilder().setContainerId(id).build();
        ask(() -> runtime.startContainer(request));
    }

    /** Stops a container; what has not ended after {@code grace} is killed. */
    public void stopContainer(String id, Duration grace) {
        var request =
                StopContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setTimeout(grace.toSeconds())
                        .build();
        ask(() -> runtime.stopContainer(request));
    }

    /** Saves a running container to a file of the daemon's machine; it goes on afterwards. */
    public void checkpointContainer(String id, Path file, Duration limit) {
        var request =
                CheckpointContainerRequest.newBuilder()
                        .setContainerId(id)
                        .setLocation(file.toString())
                        .setTimeout(limit.toSeconds())
                        .build();
        ask(() -> runtime.checkpointContainer(request));
    }

    public void removeContainer(String id) {
        var request = RemoveContainerRequest.newBuilder().setContainerId(id).build();
        ask(() -> runtime.removeContainer(request));
    }

    /** Runs a command in a container to its end; {@link Duration#ZERO} sets no limit. */
    public ExecSyncResponse exec(String id, List<String> command, Duration limit) {
        var request =
                ExecSyncRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(command)
                        .setTimeout(limit.toSeconds())
                        .build();
        return ask(() -> runtime.execSync(request));
    }

    /** Where a client can come, once, for a command's streams; a terminal has none for errors. */
    public URI execUrl(String id, List<String> command, boolean stdin, boolean tty) {
        var request =
                ExecRequest.newBuilder()
                        .setContainerId(id)
                        .addAllCmd(command)
                        .setStdin(stdin)
                        .setStdout(true)
                        .setStderr(!tty)
                        .setTty(tty)
                        .build();
        return URI.create(ask(() -> runtime.exec(request)).getUrl());
    }

    /** The same for the streams of a container's own process. */
    public URI attachUrl(String id, boolean stdin, boolean tty) {
        var request =
                AttachRequest.newBuilder()
                        .setContainerId(id)
                        .setStdin(stdin)
                        .setStdout(true)
                        .setStderr(!tty)
                        .setTty(tty)
                        .build();
        return URI.create(ask(() -> runtime.attach(request)).getUrl());
    }

    /** The same for connections to a port of a pod. */
    public URI portForwardUrl(String pod, int port) {
        var request = PortForwardRequest.newBuilder().setPodSandboxId(pod).addPort(port).build();
        return URI.create(ask(() -> runtime.portForward(request)).getUrl());
    }

    public List<Image> images() {
        return ask(() -> images.listImages(ListImagesRequest.getDefaultInstance())).getImagesList();
    }

    /** The image that a reference or an id means, if it is here. */
    public Optional<Image> image(String reference) {
        var request = ImageStatusRequest.newBuilder().setImage(spec(reference)).build();
        var response = ask(() -> images.imageStatus(request));
        return response.hasImage() ? Optional.of(response.getImage()) : Optional.empty();
    }

    public void removeImage(String reference) {
        var request = RemoveImageRequest.newBuilder().setImage(spec(reference)).build();
        ask(() -> images.removeImage(request));
    }

    private static ImageSpec spec(String reference) {
        return ImageSpec.newBuilder().setImage(reference).build();
    }

    /** Pulls an image and returns its id. The progress is heard on the calling thread. */
    public String pull(String reference, AuthConfig auth, Consumer<LayerProgress> progress) {
        var request = PullImageRequest.newBuilder().setReference(reference).setAuth(auth).build();
        try {
            var news = AdminGrpc.newBlockingStub(channel.grpc()).pullImage(request);
            var id = "";
            while (news.hasNext()) {
                var next = news.next();
                next.getProgress().getLayersList().forEach(progress);
                id = next.hasImageId() ? next.getImageId() : id;
            }
            return id;
        } catch (StatusRuntimeException e) {
            throw channel.failure(e);
        }
    }

    /**
     * Loads the images of an archive. The progress is heard on the calling thread.
     *
     * @throws IOException if the archive cannot be read
     */
    public List<LoadedImage> load(InputStream archive, Consumer<LayerProgress> progress)
            throws IOException {
        var call = AdminGrpc.newBlockingV2Stub(channel.grpc()).loadImage();
        var upload = new Upload(archive, call);
        var sender = Thread.ofVirtual().name("upload").start(upload);
        try {
            List<LoadedImage> loaded = List.of();
            for (var next = call.read(); next != null; next = call.read()) {
                next.getProgress().getLayersList().forEach(progress);
                loaded = next.hasLoaded() ? next.getLoaded().getImagesList() : loaded;
            }
            return loaded;
        } catch (StatusException e) {
            var unread = upload.failure;
            if (unread != null) {
                throw unread;
            }
            throw channel.failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            call.cancel("interrupted", e);
            throw channel.failure(e);
        } finally {
            sender.interrupt();
        }
    }

    /** Sends an archive; what stops that is found in {@code failure} or by reading the call. */
    private static final class Upload implements Runnable {
        private final InputStream archive;
        private final BlockingClientCall<LoadImageRequest, LoadImageResponse> call;
        private volatile @Nullable IOException failure;

        Upload(InputStream archive, BlockingClientCall<LoadImageRequest, LoadImageResponse> call) {
            this.archive = archive;
            this.call = call;
        }

        @Override
        public void run() {
            var buffer = new byte[CHUNK_BYTES];
            try {
                for (int n = archive.read(buffer); n >= 0; n = archive.read(buffer)) {
                    var chunk = ByteString.copyFrom(buffer, 0, n);
                    if (!call.write(LoadImageRequest.newBuilder().setChunk(chunk).build())) {
                        return; // the call has ended: the reader learns why
                    }
                }
                call.halfClose();
            } catch (IOException e) {
                failure = e;
                call.cancel("the archive cannot be read", e);
            } catch (StatusException e) {
                call.cancel("the upload broke off", e);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt(); // the reader has its answer
            }
        }
    }

    /** Compares the ledger with the host; {@code fix} removes what is found. */
    public List<Finding> audit(boolean fix) {
        var request = AuditRequest.newBuilder().setFix(fix).build();
        return ask(() -> AdminGrpc.newBlockingStub(channel.grpc()).audit(request))
                .getFindingsList();
    }

    /** Gives up the network of a pod that is not ready; what was given up, a line a plugin. */
    public List<String> giveUpNetwork(String pod) {
        var request = GiveUpNetworkRequest.newBuilder().setPodSandboxId(pod).build();
        return ask(() -> AdminGrpc.newBlockingStub(channel.grpc()).giveUpNetwork(request))
                .getGivenUpList();
    }

    @Override
    public void close() {
        channel.close();
    }
}
