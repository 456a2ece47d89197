package io.berth.daemon.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.berth.admin.v1.AdminGrpc;
import io.berth.admin.v1.LoadImageRequest;
import io.berth.admin.v1.LoadImageResponse;
import io.berth.admin.v1.LoadedImage;
import io.berth.admin.v1.LoadedImages;
import io.berth.cni.NetworkStatus;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.ImageServiceGrpc;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.RestorePodRequest;
import io.berth.cri.v1.RuntimeServiceGrpc;
import io.berth.cri.v1.VersionRequest;
import io.berth.daemon.metrics.Metrics;
import io.berth.daemon.metrics.MetricsServer;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.socket.SocketHeld;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server on a real unix socket, asked as the kubelet asks. */
final class CriServerTest {
    private static final MemoryBudget BUDGET = new MemoryBudget(64 << 20, Duration.ofMillis(50));

    private final MultiThreadIoEventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Metrics metrics = new Metrics("1.2.3");
    private final Path socket;
    private final CriServer server;
    private final ManagedChannel channel;

    @SuppressWarnings("NullAway") // what is asked here never gets to a pod
    CriServerTest(@TempDir Path folder) {
        socket = folder.resolve("state/berth.sock");
        var network = new NetworkStatus(true, "", "", Instant.EPOCH);
        var endpoint =
                new RuntimeEndpoint(null, NodeStatusTest.node(network, false), null, null, null);
        server =
                new CriServer(
                        socket,
                        List.of(endpoint, new Swallowing()),
                        new RpcMetrics(metrics),
                        BUDGET);
        channel = connect();
    }

    /** Takes a stream of any length, a message at a time. */
    private static final class Swallowing extends AdminGrpc.AdminImplBase {
        @Override
        public StreamObserver<LoadImageRequest> loadImage(StreamObserver<LoadImageResponse> to) {
            return new StreamObserver<>() {
                private long bytes;

                @Override
                public void onNext(LoadImageRequest request) {
                    bytes += request.getChunk().size();
                }

                @Override
                public void onError(Throwable broken) {
                    to.onError(broken);
                }

                @Override
                public void onCompleted() {
                    var image = LoadedImage.newBuilder().setId(Long.toString(bytes));
                    var loaded = LoadedImages.newBuilder().addImages(image);
                    to.onNext(LoadImageResponse.newBuilder().setLoaded(loaded).build());
                    to.onCompleted();
                }
            };
        }
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop)
                .usePlaintext()
                .build();
    }

    @BeforeEach
    void leaveADeadDaemonsSocket() throws IOException {
        Files.createDirectories(socket.resolveSibling(""));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        server.start();
    }

    @AfterEach
    void close() throws IOException {
        channel.shutdownNow();
        server.close();
        metrics.close();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void versionIsAnswered() {
        assertThat(runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
                .isEqualTo("berth");
    }

    @Test
    void aRequestThatNoRecordHoldsIsRefusedUnread() {
        var huge = VersionRequest.newBuilder().setVersion("v".repeat(5 << 20)).build();
        var refused =
                catchThrowableOfType(StatusRuntimeException.class, () -> runtime().version(huge));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(runtime().version(VersionRequest.getDefaultInstance()).getVersion())
                .isNotEmpty();
    }

    @Test
    void aRequestWhoseParsedFormIsTooLargeIsRefusedUnread() {
        var config = ContainerConfig.newBuilder();
        for (int i = 0; i < 200_000; i++) {
            config.addEnvs(KeyValue.newBuilder().setKey(Integer.toString(i, 36)));
        }
        var request = CreateContainerRequest.newBuilder().setConfig(config).build();
        var refused =
                catchThrowableOfType(
                        StatusRuntimeException.class, () -> runtime().createContainer(request));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(refused.getStatus().getDescription())
                .contains("memory budget: requests: wanted")
                .contains("all requests together may have");
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (BUDGET.held(ForeignKind.REQUESTS) > 0 && System.nanoTime() < until) {
            Thread.onSpinWait();
        }
        assertThat(BUDGET.held(ForeignKind.REQUESTS)).isZero();
    }

    @Test
    void aStreamMayBeLongerThanAllRequestsTogether() throws Exception {
        var answers = new LinkedBlockingQueue<String>();
        var chunk = ByteString.copyFrom(new byte[1 << 20]);
        int chunks = (int) (2 * BUDGET.limit(ForeignKind.REQUESTS) / chunk.size());
        var to =
                AdminGrpc.newStub(channel)
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .loadImage(
                                new StreamObserver<>() {
                                    @Override
                                    public void onNext(LoadImageResponse answer) {
                                        answers.add(answer.getLoaded().getImages(0).getId());
                                    }

                                    @Override
                                    public void onError(Throwable refused) {
                                        answers.add(refused.toString());
                                    }

                                    @Override
                                    public void onCompleted() {}
                                });
        for (int i = 0; i < chunks; i++) {
            to.onNext(LoadImageRequest.newBuilder().setChunk(chunk).build());
        }
        to.onCompleted();
        assertThat(answers.poll(60, TimeUnit.SECONDS))
                .isEqualTo(Long.toString((long) chunks * chunk.size()));
    }

    @Test
    void callsWhoseRequestsNeverComeKeepNobodyFromBeingAnswered() throws Exception {
        var ended = new CountDownLatch(3 * 600 - UnfinishedCalls.MOST);
        var channels = new ArrayList<ManagedChannel>();
        // A client of this kind sends a call's headers before its request.
        var version =
                RuntimeServiceGrpc.getVersionMethod().toBuilder()
                        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build();
        for (int i = 0; i < 3; i++) {
            var hostile = connect();
            channels.add(hostile);
            for (int j = 0; j < 600; j++) {
                var call = hostile.newCall(version, CallOptions.DEFAULT);
                call.start(
                        new ClientCall.Listener<>() {
                            @Override
                            public void onClose(Status status, Metadata trailers) {
                                ended.countDown();
                            }
                        },
                        new Metadata());
                call.request(1);
            }
        }
        assertThat(runtime().version(VersionRequest.getDefaultInstance()).getVersion())
                .isNotEmpty();
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(runtime().version(VersionRequest.getDefaultInstance()).getVersion())
                .isNotEmpty();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void whatIsNotServedIsUnimplemented() {
        var images = ImageServiceGrpc.newBlockingStub(channel);
        var refused =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> images.listImages(ListImagesRequest.getDefaultInstance()));
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void healthIsServing() {
        var health = HealthGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
        assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void onlyRootAndItsGroupReachTheSocket() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
    }

    @Test
    void anEndRemovesTheSocket() throws IOException {
        server.close();
        assertThat(socket).doesNotExist();
    }

    @Test
    void aSocketThatAnotherHasPutThereStays() throws IOException {
        Files.delete(socket);
        try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            server.close();
            assertThat(socket).exists();
        }
    }

    @Test
    void aServerThatDidNotStartLeavesTheSocketOfTheOneThatDid() throws IOException {
        var second = new CriServer(socket, List.of(), new RpcMetrics(metrics), BUDGET);
        assertThatThrownBy(second::start)
                .isInstanceOf(SocketHeld.class)
                .hasMessageContaining(socket.toString())
                .hasMessageContaining("pid " + ProcessHandle.current().pid());
        second.close();
        assertThat(runtime().version(VersionRequest.getDefaultInstance()).getRuntimeName())
                .isEqualTo("berth");
    }

    @Test
    void callsAreCountedByTheirCode() throws Exception {
        runtime().version(VersionRequest.getDefaultInstance());
        failedRestore();
        var scraped = scrape();
        assertThat(scraped)
                .contains("berth_cri_rpc_seconds_count{code=\"OK\",method=\"Version\"} 1")
                .contains("berth_cri_rpc_seconds_count{code=\"INTERNAL\",method=\"RestorePod\"} 1");
    }

    /** There are no pods behind this endpoint, which nobody expects: that is an internal error. */
    private void failedRestore() {
        var failed =
                catchThrowableOfType(
                        StatusRuntimeException.class,
                        () -> runtime().restorePod(RestorePodRequest.getDefaultInstance()));
        assertThat(failed.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    }

    private String scrape() throws Exception {
        try (var http = MetricsServer.start("127.0.0.1:0", metrics, BUDGET);
                var client = HttpClient.newHttpClient()) {
            var address = "http://127.0.0.1:" + http.address().getPort() + "/metrics";
            var request = HttpRequest.newBuilder(URI.create(address)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }
}
