package io.berth.daemon.cri.client;

import io.berth.admin.v1.AdminGrpc;
import io.berth.admin.v1.LayerProgress;
import io.berth.admin.v1.LoadImageRequest;
import io.berth.admin.v1.LoadImageResponse;
import io.berth.admin.v1.LoadedImage;
import io.berth.admin.v1.LoadedImages;
import io.berth.admin.v1.Progress;
import io.berth.admin.v1.PullImageRequest;
import io.berth.admin.v1.PullImageResponse;
import io.berth.cri.v1.CheckpointContainerRequest;
import io.berth.cri.v1.CheckpointContainerResponse;
import io.berth.cri.v1.Container;
import io.berth.cri.v1.ContainerState;
import io.berth.cri.v1.ContainerStatus;
import io.berth.cri.v1.ContainerStatusRequest;
import io.berth.cri.v1.ContainerStatusResponse;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.CreateContainerResponse;
import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageServiceGrpc;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.ImageStatusResponse;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.ListContainersResponse;
import io.berth.cri.v1.ListPodSandboxRequest;
import io.berth.cri.v1.ListPodSandboxResponse;
import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxNetworkStatus;
import io.berth.cri.v1.PodSandboxStatus;
import io.berth.cri.v1.PodSandboxStatusRequest;
import io.berth.cri.v1.PodSandboxStatusResponse;
import io.berth.cri.v1.RemoveContainerRequest;
import io.berth.cri.v1.RemoveContainerResponse;
import io.berth.cri.v1.RemovePodSandboxRequest;
import io.berth.cri.v1.RemovePodSandboxResponse;
import io.berth.cri.v1.RunPodSandboxRequest;
import io.berth.cri.v1.RunPodSandboxResponse;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.StartContainerRequest;
import io.berth.cri.v1.StartContainerResponse;
import io.berth.cri.v1.StopContainerRequest;
import io.berth.cri.v1.StopContainerResponse;
import io.berth.cri.v1.StopPodSandboxRequest;
import io.berth.cri.v1.StopPodSandboxResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/**
 * A node in memory. A container whose command is {@code exit N} has written its name and ended when
 * it is started; any other runs until it is stopped. Every image is here but {@code absent}.
 */
public final class FakeNode implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Server server;

    /** What has been asked for, in order: the RPC's name and its subject. */
    public final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();

    /** Sandboxes by id. */
    public final Map<String, PodSandbox> pods = new ConcurrentHashMap<>();

    /** Containers by id. */
    public final Map<String, ContainerStatus> containers = new ConcurrentHashMap<>();

    private final Map<String, CreateContainerRequest> requests = new ConcurrentHashMap<>();

    public FakeNode(Path socket) throws IOException {
        server =
                NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                        .channelType(EpollServerDomainSocketChannel.class)
                        .bossEventLoopGroup(loop)
                        .workerEventLoopGroup(loop)
                        .addService(new Pods())
                        .addService(new Images())
                        .addService(new Admin())
                        .build()
                        .start();
    }

    @Override
    public void close() {
        server.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private static <T> void answer(StreamObserver<T> to, T value) {
        to.onNext(value);
        to.onCompleted();
    }

    private static String id(long n) {
        return "%064x".formatted(n);
    }

    private final class Pods extends RuntimeServiceGrpc.RuntimeServiceImplBase {
        @Override
        public void runPodSandbox(
                RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> to) {
            var config = request.getConfig();
            calls.add("RunPodSandbox " + config.getMetadata().getName());
            var id = id(0xa0 + calls.size());
            pods.put(
                    id,
                    PodSandbox.newBuilder()
                            .setId(id)
                            .setMetadata(config.getMetadata())
                            .putAllAnnotations(config.getAnnotationsMap())
                            .build());
            answer(to, RunPodSandboxResponse.newBuilder().setPodSandboxId(id).build());
        }

        @Override
        public void podSandboxStatus(
                PodSandboxStatusRequest request, StreamObserver<PodSandboxStatusResponse> to) {
            var network = PodSandboxNetworkStatus.newBuilder().setIp("10.0.0.7");
            var status =
                    PodSandboxStatus.newBuilder()
                            .setId(request.getPodSandboxId())
                            .setNetwork(network);
            answer(to, PodSandboxStatusResponse.newBuilder().setStatus(status).build());
        }

        @Override
        public void listPodSandbox(
                ListPodSandboxRequest request, StreamObserver<ListPodSandboxResponse> to) {
            answer(to, ListPodSandboxResponse.newBuilder().addAllItems(pods.values()).build());
        }

        @Override
        public void stopPodSandbox(
                StopPodSandboxRequest request, StreamObserver<StopPodSandboxResponse> to) {
            calls.add("StopPodSandbox");
            answer(to, StopPodSandboxResponse.getDefaultInstance());
        }

        @Override
        public void removePodSandbox(
                RemovePodSandboxRequest request, StreamObserver<RemovePodSandboxResponse> to) {
            calls.add("RemovePodSandbox");
            pods.remove(request.getPodSandboxId());
            containers.clear();
            answer(to, RemovePodSandboxResponse.getDefaultInstance());
        }

        @Override
        public void createContainer(
                CreateContainerRequest request, StreamObserver<CreateContainerResponse> to) {
            var config = request.getConfig();
            calls.add("CreateContainer " + config.getMetadata().getName());
            var id = id(0xc0 + calls.size());
            requests.put(id, request);
            containers.put(
                    id,
                    ContainerStatus.newBuilder()
                            .setId(id)
                            .setMetadata(config.getMetadata())
                            .setLogPath(
                                    request.getSandboxConfig().getLogDirectory()
                                            + "/"
                                            + config.getLogPath())
                            .build());
            answer(to, CreateContainerResponse.newBuilder().setContainerId(id).build());
        }

        @Override
        public void startContainer(
                StartContainerRequest request, StreamObserver<StartContainerResponse> to) {
            var status = containers.get(request.getContainerId());
            var asked = requests.get(request.getContainerId());
            if (status == null || asked == null) {
                to.onError(Status.NOT_FOUND.withDescription("no such").asRuntimeException());
                return;
            }
            calls.add("StartContainer " + status.getMetadata().getName());
            var command = asked.getConfig().getCommandList();
            var line = "2026-01-01T00:00:00Z stdout F hello of " + status.getMetadata().getName();
            try {
                Files.writeString(Path.of(status.getLogPath()), line + "\n");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (!command.isEmpty() && command.getFirst().equals("exit")) {
                end(status, Integer.parseInt(command.get(1)));
            } else {
                containers.put(
                        status.getId(),
                        status.toBuilder().setState(ContainerState.CONTAINER_RUNNING).build());
            }
            answer(to, StartContainerResponse.getDefaultInstance());
        }

        private void end(ContainerStatus status, int code) {
            containers.put(
                    status.getId(),
                    status.toBuilder()
                            .setState(ContainerState.CONTAINER_EXITED)
                            .setExitCode(code)
                            .build());
        }

        @Override
        public void stopContainer(
                StopContainerRequest request, StreamObserver<StopContainerResponse> to) {
            calls.add("StopContainer " + request.getTimeout());
            var status = containers.get(request.getContainerId());
            if (status != null && status.getState() == ContainerState.CONTAINER_RUNNING) {
                end(status, 143);
            }
            answer(to, StopContainerResponse.getDefaultInstance());
        }

        @Override
        public void checkpointContainer(
                CheckpointContainerRequest request,
                StreamObserver<CheckpointContainerResponse> to) {
            calls.add(
                    "CheckpointContainer %s %d"
                            .formatted(request.getLocation(), request.getTimeout()));
            answer(to, CheckpointContainerResponse.getDefaultInstance());
        }

        @Override
        public void removeContainer(
                RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> to) {
            containers.remove(request.getContainerId());
            answer(to, RemoveContainerResponse.getDefaultInstance());
        }

        @Override
        public void containerStatus(
                ContainerStatusRequest request, StreamObserver<ContainerStatusResponse> to) {
            var status = containers.get(request.getContainerId());
            if (status == null) {
                to.onError(Status.NOT_FOUND.withDescription("no such").asRuntimeException());
                return;
            }
            answer(to, ContainerStatusResponse.newBuilder().setStatus(status).build());
        }

        @Override
        public void listContainers(
                ListContainersRequest request, StreamObserver<ListContainersResponse> to) {
            var response = ListContainersResponse.newBuilder();
            for (var status : containers.values()) {
                var asked = requests.get(status.getId());
                response.addContainers(
                        Container.newBuilder()
                                .setId(status.getId())
                                .setPodSandboxId(asked == null ? "" : asked.getPodSandboxId())
                                .setMetadata(status.getMetadata())
                                .setState(status.getState()));
            }
            answer(to, response.build());
        }
    }

    private static final class Images extends ImageServiceGrpc.ImageServiceImplBase {
        @Override
        public void imageStatus(
                ImageStatusRequest request, StreamObserver<ImageStatusResponse> to) {
            var response = ImageStatusResponse.newBuilder();
            if (!request.getImage().getImage().equals("absent")) {
                response.setImage(Image.newBuilder().setId("sha256:" + id(1)));
            }
            answer(to, response.build());
        }
    }

    private final class Admin extends AdminGrpc.AdminImplBase {
        @Override
        public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> to) {
            calls.add("PullImage " + request.getReference());
            if (request.getReference().equals("wrong")) {
                to.onError(Status.UNKNOWN.withDescription("wrong: 401").asRuntimeException());
                return;
            }
            var layer =
                    LayerProgress.newBuilder()
                            .setDigest("sha256:" + id(2))
                            .setStage(LayerProgress.Stage.DONE)
                            .setDoneBytes(1000)
                            .setTotalBytes(1000);
            to.onNext(
                    PullImageResponse.newBuilder()
                            .setProgress(Progress.newBuilder().addLayers(layer))
                            .build());
            answer(to, PullImageResponse.newBuilder().setImageId("sha256:" + id(1)).build());
        }

        @Override
        public StreamObserver<LoadImageRequest> loadImage(StreamObserver<LoadImageResponse> to) {
            return new StreamObserver<>() {
                private long bytes;

                @Override
                public void onNext(LoadImageRequest request) {
                    bytes += request.getChunk().size();
                }

                @Override
                public void onError(Throwable failure) {
                    calls.add("LoadImage broke off");
                }

                @Override
                public void onCompleted() {
                    calls.add("LoadImage " + bytes);
                    var image = LoadedImage.newBuilder().setId("sha256:" + id(3)).addTags("a:b");
                    answer(
                            to,
                            LoadImageResponse.newBuilder()
                                    .setLoaded(LoadedImages.newBuilder().addImages(image))
                                    .build());
                }
            };
        }
    }
}
