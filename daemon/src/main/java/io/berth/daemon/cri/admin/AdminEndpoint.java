package io.berth.daemon.cri.admin;

import io.berth.admin.v1.AdminGrpc;
import io.berth.admin.v1.AuditRequest;
import io.berth.admin.v1.AuditResponse;
import io.berth.admin.v1.Finding;
import io.berth.admin.v1.GiveUpNetworkRequest;
import io.berth.admin.v1.GiveUpNetworkResponse;
import io.berth.admin.v1.LoadImageRequest;
import io.berth.admin.v1.LoadImageResponse;
import io.berth.admin.v1.LoadedImage;
import io.berth.admin.v1.LoadedImages;
import io.berth.admin.v1.PullImageRequest;
import io.berth.admin.v1.PullImageResponse;
import io.berth.daemon.cri.StatusMapper;
import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.PullRequest;
import io.berth.sandbox.network.GivenUpNetworks;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The daemon's own service. Failures become the codes that they become in the CRI. */
public final class AdminEndpoint extends AdminGrpc.AdminImplBase {
    /** How many chunks of an archive wait here at most. */
    private static final int CHUNKS = 4;

    private final Images images;
    private final Auditor auditor;
    private final GivenUpNetworks networks;

    public AdminEndpoint(Images images, Auditor auditor, GivenUpNetworks networks) {
        this.images = images;
        this.auditor = auditor;
        this.networks = networks;
    }

    @Override
    public StreamObserver<LoadImageRequest> loadImage(StreamObserver<LoadImageResponse> to) {
        var call = (ServerCallStreamObserver<LoadImageResponse>) to;
        call.disableAutoRequest();
        var chunks = new Chunks(() -> call.request(1));
        call.setOnCancelHandler(() -> chunks.fail("the client went away before its end"));
        // Not on the call's thread: that one brings the chunks.
        Thread.ofVirtual().name("load-image").start(() -> load(chunks, call));
        call.request(CHUNKS);
        return new StreamObserver<>() {
            @Override
            public void onNext(LoadImageRequest request) {
                chunks.add(request.getChunk());
            }

            @Override
            public void onError(Throwable failure) {
                chunks.fail("the client broke off: " + failure.getMessage());
            }

            @Override
            public void onCompleted() {
                chunks.end();
            }
        };
    }

    private void load(Chunks chunks, ServerCallStreamObserver<LoadImageResponse> to) {
        var feed = new ProgressFeed();
        var result = LoadedImages.newBuilder();
        try {
            feed.during(
                            () -> images.load(chunks, feed),
                            news -> send(to, LoadImageResponse.newBuilder().setProgress(news)))
                    .forEach(
                            image ->
                                    result.addImages(
                                            LoadedImage.newBuilder()
                                                    .setId(image.id().toString())
                                                    .addAllTags(image.repoTags())));
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of("LoadImage", failure));
            return;
        }
        to.onNext(LoadImageResponse.newBuilder().setLoaded(result).build());
        to.onCompleted();
    }

    private static void send(
            ServerCallStreamObserver<LoadImageResponse> to, LoadImageResponse.Builder news) {
        if (to.isReady()) { // a client that does not read misses news, not memory
            to.onNext(news.build());
        }
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> to) {
        var call = (ServerCallStreamObserver<PullImageResponse>) to;
        call.setOnCancelHandler(() -> {}); // the pull goes on; what is sent then is dropped
        var feed = new ProgressFeed();
        String id;
        try {
            var auth = request.getAuth();
            var credentials =
                    Credentials.of(
                            auth.getUsername(),
                            auth.getPassword(),
                            auth.getAuth(),
                            auth.getServerAddress(),
                            auth.getIdentityToken(),
                            auth.getRegistryToken());
            var wanted =
                    new PullRequest(request.getReference(), credentials, PullRequest.LINUX_AMD64);
            id =
                    feed.during(
                            () -> images.pull(wanted, feed).id().toString(),
                            news -> {
                                if (call.isReady()) {
                                    to.onNext(
                                            PullImageResponse.newBuilder()
                                                    .setProgress(news)
                                                    .build());
                                }
                            });
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of("PullImage", failure));
            return;
        }
        to.onNext(PullImageResponse.newBuilder().setImageId(id).build());
        to.onCompleted();
    }

    @Override
    public void giveUpNetwork(
            GiveUpNetworkRequest request, StreamObserver<GiveUpNetworkResponse> to) {
        var response = GiveUpNetworkResponse.newBuilder();
        try {
            response.addAllGivenUp(networks.run(request.getPodSandboxId()));
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of("GiveUpNetwork", failure));
            return;
        }
        to.onNext(response.build());
        to.onCompleted();
    }

    @Override
    public void audit(AuditRequest request, StreamObserver<AuditResponse> to) {
        var response = AuditResponse.newBuilder();
        try {
            for (var audited : auditor.audit(request.getFix())) {
                var finding = audited.finding();
                response.addFindings(
                        Finding.newBuilder()
                                .setVerdict(
                                        switch (finding.verdict()) {
                                            case LEAK -> Finding.Verdict.LEAK;
                                            case GHOST -> Finding.Verdict.GHOST;
                                        })
                                .setKind(finding.kind().word())
                                .setKey(finding.key())
                                .setOwner(finding.owner())
                                .setFixed(audited.fixed()));
            }
        } catch (Exception | AssertionError failure) {
            to.onError(StatusMapper.of("Audit", failure));
            return;
        }
        to.onNext(response.build());
        to.onCompleted();
    }
}
