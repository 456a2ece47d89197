package io.berth.daemon.cri;

import static io.berth.daemon.cri.Answering.answer;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.berth.cri.v1.AuthConfig;
import io.berth.cri.v1.FilesystemIdentifier;
import io.berth.cri.v1.FilesystemUsage;
import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.ImageFsInfoResponse;
import io.berth.cri.v1.ImageServiceGrpc;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.ImageStatusResponse;
import io.berth.cri.v1.Int64Value;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.ListImagesResponse;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.PullImageResponse;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.cri.v1.RemoveImageResponse;
import io.berth.cri.v1.StreamImagesRequest;
import io.berth.cri.v1.StreamImagesResponse;
import io.berth.cri.v1.UInt64Value;
import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.Images;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.sandbox.CriTime;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.settings.SandboxSettings;
import io.berth.sandbox.spec.FieldPolicy;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** The CRI's ImageService: each method checks the request's fields, makes one call and answers. */
public final class ImageEndpoint extends ImageServiceGrpc.ImageServiceImplBase {
    private static final JsonMapper JSON = new JsonMapper();
    private static final ForeignJson CONFIGURATION =
            ForeignJson.within(JsonLimits.DOCUMENT).allowingMore();
    private static final Pattern NUMERIC = Pattern.compile("[0-9]{1,10}");

    /** Where containerd's clients name the handler that an image is for. */
    private static final String HANDLER_ANNOTATION = "io.containerd.cri.runtime-handler";

    private final Images images;
    private final SandboxSettings settings;

    /**
     * @param settings of the pods that images are for
     */
    public ImageEndpoint(Images images, SandboxSettings settings) {
        this.images = images;
        this.settings = settings;
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> to) {
        answer(
                "ListImages",
                to,
                () -> {
                    FieldPolicy.check(request);
                    var response = ListImagesResponse.newBuilder();
                    matching(request.getFilter().getImage().getImage())
                            .forEach(image -> response.addImages(cri(image)));
                    return response.build();
                });
    }

    @Override
    public void streamImages(StreamImagesRequest request, StreamObserver<StreamImagesResponse> to) {
        StreamedList.send(
                "StreamImages",
                to,
                () -> {
                    FieldPolicy.check(request);
                    return matching(request.getFilter().getImage().getImage()).stream()
                            .map(ImageEndpoint::cri);
                },
                portion -> StreamImagesResponse.newBuilder().addAllImages(portion).build());
    }

    private List<io.berth.imageservice.image.Image> matching(String name) {
        return name.isEmpty() ? images.list() : images.matching(name);
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> to) {
        answer(
                "ImageStatus",
                to,
                () -> {
                    FieldPolicy.check(request);
                    var response = ImageStatusResponse.newBuilder();
                    var found = images.find(named(request.getImage()));
                    if (found.isPresent()) {
                        response.setImage(cri(found.get()));
                        if (request.getVerbose()) {
                            response.putInfo("info", info(found.get()));
                        }
                    }
                    return response.build(); // the proto: an absent image is an empty answer
                });
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> to) {
        answer(
                "PullImage",
                to,
                () -> {
                    FieldPolicy.check(request);
                    AuthConfig auth = request.getAuth();
                    var credentials =
                            Credentials.of(
                                    auth.getUsername(),
                                    auth.getPassword(),
                                    auth.getAuth(),
                                    auth.getServerAddress(),
                                    auth.getIdentityToken(),
                                    auth.getRegistryToken());
                    var image =
                            images.pull(
                                    new PullRequest(
                                            named(request.getImage()),
                                            credentials,
                                            PullRequest.LINUX_AMD64,
                                            snapshotter(request)),
                                    PullProgress.NONE);
                    return PullImageResponse.newBuilder()
                            .setImageRef(image.id().toString())
                            .build();
                });
    }

    /** That of the runtime handler which the image is for. */
    private Optional<String> snapshotter(PullImageRequest request) {
        var annotations = request.getSandboxConfig().getAnnotationsMap();
        var asked = request.getImage().getRuntimeHandler();
        var name = asked.isEmpty() ? annotations.getOrDefault(HANDLER_ANNOTATION, "") : asked;
        return settings.handler(name)
                .orElseThrow(
                        () ->
                                new SandboxException.InvalidRequest(
                                        "image.runtime_handler '%s': not configured; known handlers are %s"
                                                .formatted(name, settings.runtimes().keySet())))
                .options()
                .snapshotter();
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> to) {
        answer(
                "RemoveImage",
                to,
                () -> {
                    FieldPolicy.check(request);
                    images.remove(named(request.getImage()));
                    return RemoveImageResponse.getDefaultInstance();
                });
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> to) {
        answer(
                "ImageFsInfo",
                to,
                () -> {
                    var usage = images.usage();
                    var filesystem =
                            FilesystemUsage.newBuilder()
                                    .setTimestamp(CriTime.nanos(usage.sampledAt()))
                                    .setFsId(
                                            FilesystemIdentifier.newBuilder()
                                                    .setMountpoint(settings.root().toString()))
                                    .setUsedBytes(
                                            UInt64Value.newBuilder().setValue(usage.usedBytes()))
                                    .setInodesUsed(
                                            UInt64Value.newBuilder().setValue(usage.inodes()))
                                    .build();
                    return ImageFsInfoResponse.newBuilder()
                            .addImageFilesystems(filesystem)
                            .addContainerFilesystems(filesystem)
                            .build();
                });
    }

    private static String named(ImageSpec spec) {
        if (spec.getImage().isEmpty()) {
            throw new SandboxException.InvalidRequest(
                    "image.image: found nothing, wanted a reference or an id");
        }
        return spec.getImage();
    }

    private static Image cri(io.berth.imageservice.image.Image image) {
        var cri =
                Image.newBuilder()
                        .setId(image.id().toString())
                        .addAllRepoTags(image.repoTags())
                        .addAllRepoDigests(image.repoDigests())
                        .setSize(image.sizeBytes())
                        .setPinned(image.pinned())
                        .setSpec(ImageSpec.newBuilder().putAllAnnotations(image.annotations()));
        user(image.user(), cri::setUid, cri::setUsername);
        return cri.build();
    }

    /** An image's user as the CRI splits it: a number or a name, without the group. */
    static void user(String user, Consumer<Int64Value> uid, Consumer<String> name) {
        var first = user.split(":", -1)[0];
        if (first.isEmpty()) {
            uid.accept(Int64Value.getDefaultInstance());
        } else if (NUMERIC.matcher(first).matches()) {
            uid.accept(Int64Value.newBuilder().setValue(Long.parseLong(first)).build());
        } else {
            name.accept(first);
        }
    }

    /** As containerd prints it: the chain id, and the configuration as the author wrote it. */
    private String info(io.berth.imageservice.image.Image image) throws IOException {
        var info = JSON.createObjectNode().put("chainID", image.chainId().value());
        var document = images.configuration(image);
        if (document.isPresent()) {
            info.set("imageSpec", CONFIGURATION.tree(document.get()));
        }
        return info.toString();
    }
}
