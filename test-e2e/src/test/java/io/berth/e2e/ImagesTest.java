package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.AuthConfig;
import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageFilter;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.ImageStatusRequest;
import io.berth.cri.v1.ListImagesRequest;
import io.berth.cri.v1.PullImageRequest;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.image.FaultyRegistry;
import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.pod.Kubelet;
import io.berth.e2e.pod.LogLine;
import io.grpc.Status;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** ImageService against a real registry and a faulty one. */
class ImagesTest extends NodeTest {
    @Test
    void aTagIsPulledListedRunAndRemoved() throws IOException {
        var image = TestImage.build("by-tag");
        node.registry().push(image, "e2e/by-tag", "7");
        var reference = node.registry().reference("e2e/by-tag:7");
        assertThat(pull(reference)).isEqualTo(image.id());
        assertThat(pull(reference)).isEqualTo(image.id());
        var found = status(reference);
        assertThat(found.getId()).isEqualTo(image.id());
        assertThat(found.getRepoTagsList()).containsExactly(reference);
        assertThat(found.getRepoDigestsList())
                .containsExactly(
                        node.registry().reference("e2e/by-tag@" + image.manifest().digest()));
        assertThat(found.getSize()).isPositive();
        assertThat(status(image.id()).getId()).isEqualTo(image.id());
        assertThat(status(image.id().substring(7, 19)).getId()).isEqualTo(image.id());
        assertThat(list(reference)).extracting(Image::getId).containsExactly(image.id());
        var pod = kubelet.pod().build();
        var config = kubelet.shell("c", "cat /www/index.html");
        config.getImageBuilder().setImage(image.id());
        kubelet.exited(kubelet.launch(kubelet.run(pod), pod, config.build()));
        assertThat(LogLine.texts(Kubelet.log(pod, config), "stdout"))
                .containsExactly("hello from by-tag");
        endAllPods();
        remove(reference);
        assertThat(status(reference).getId()).isEmpty();
        assertThat(list("")).extracting(Image::getId).doesNotContain(image.id());
        remove(reference);
    }

    @Test
    void aDigestIsPulledWithoutATag() throws IOException {
        var image = TestImage.build("by-digest");
        node.registry().push(image, "e2e/by-digest", "1");
        var reference = node.registry().reference("e2e/by-digest@" + image.manifest().digest());
        assertThat(pull(reference)).isEqualTo(image.id());
        assertThat(status(reference).getRepoTagsList()).isEmpty();
        assertThat(status(reference).getRepoDigestsList()).containsExactly(reference);
        remove(image.id());
    }

    @Test
    void removingOneTagRemovesAllOfTheImagesTags() throws IOException {
        var image = TestImage.build("two-tags");
        for (String tag : List.of("1", "2")) {
            node.registry().push(image, "e2e/two-tags", tag);
            pull(node.registry().reference("e2e/two-tags:" + tag));
        }
        assertThat(status(image.id()).getRepoTagsList()).hasSize(2);
        remove(node.registry().reference("e2e/two-tags:1"));
        assertThat(status(node.registry().reference("e2e/two-tags:2")).getId()).isEmpty();
    }

    @Test
    void theImageOfARunningContainerOutlivesItsRemoval() throws IOException {
        var image = TestImage.build("in-use");
        node.registry().push(image, "e2e/in-use", "1");
        pull(node.registry().reference("e2e/in-use:1"));
        var pod = kubelet.pod().build();
        var config = kubelet.shell("c", "echo up; sleep 1000");
        config.getImageBuilder().setImage(image.id());
        var id = kubelet.launch(kubelet.run(pod), pod, config.build());
        kubelet.awaitLine(Kubelet.log(pod, config), "up");
        remove(image.id());
        assertThat(kubelet.exec(id, "cat", "/www/index.html").getStdout().toStringUtf8())
                .isEqualTo("hello from in-use\n");
    }

    @Test
    void whatIsNotThereIsNamed() {
        var reference = node.registry().reference("e2e/no-such:1");
        fails(Status.Code.NOT_FOUND, () -> pull(reference), reference);
        assertThat(status(reference).getId()).isEmpty();
        var wrong = failure(() -> pull("Not A Reference"));
        assertThat(wrong.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(wrong.getDescription()).contains("Not A Reference");
    }

    @Test
    void aRegistryThatIsDownIsNamed() throws IOException {
        var reference = "127.0.0.1:" + LocalRegistry.freePort() + "/e2e/x:1";
        var status = failure(() -> pull(reference));
        assertThat(status.getCode()).isEqualTo(Status.Code.UNKNOWN);
        assertThat(status.getDescription()).startsWith("RegistryUnavailable").contains(reference);
    }

    @Test
    void whatARegistryGetsWrongIsNamedAndLeavesNothing() throws IOException {
        var image = TestImage.build("faulty");
        try (var registry = FaultyRegistry.start(image)) {
            var byDigest = registry.reference("wrong-manifest/x@" + image.manifest().digest());
            fails(Status.Code.DATA_LOSS, () -> pull(byDigest), image.manifest().digest());
            var corrupt = registry.reference("corrupt-layer/x:1");
            fails(Status.Code.DATA_LOSS, () -> pull(corrupt), corrupt, image.layer().digest());
            var missing = registry.reference("missing-layer/x:1");
            assertThat(failure(() -> pull(missing)).getDescription())
                    .contains(image.layer().digest());
            var html = registry.reference("no-json/x:1");
            fails(Status.Code.INVALID_ARGUMENT, () -> pull(html), html);
            var broken = registry.reference("broken/x:1");
            var status = failure(() -> pull(broken));
            assertThat(status.getDescription()).startsWith("RegistryUnavailable").contains("503");
            assertThat(list("")).extracting(Image::getId).doesNotContain(image.id());
        }
    }

    @Test
    void aPrivateRepositoryWantsCredentials() throws IOException {
        var image = TestImage.build("private");
        try (var registry = FaultyRegistry.start(image)) {
            var reference = registry.reference("private/x:1");
            var refused = failure(() -> pull(reference));
            assertThat(refused.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(refused.getDescription()).contains(reference, "401");
            var wrong = AuthConfig.newBuilder().setUsername("ann").setPassword("guess").build();
            assertThat(failure(() -> pull(reference, wrong)).getDescription())
                    .contains(reference)
                    .doesNotContain("guess");
            var right = AuthConfig.newBuilder().setUsername("ann").setPassword("secret").build();
            assertThat(pull(reference, right)).isEqualTo(image.id());
            remove(reference);
        }
    }

    @Test
    void usedBytesIncludeWhatWasPulled() {
        var info = node.client().images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        assertThat(info.getImageFilesystems(0).getUsedBytes().getValue()).isPositive();
        assertThat(info.getContainerFilesystemsList()).isNotEmpty();
    }

    private String pull(String reference) {
        return pull(reference, AuthConfig.getDefaultInstance());
    }

    private String pull(String reference, AuthConfig auth) {
        var request = PullImageRequest.newBuilder().setImage(spec(reference));
        if (!auth.equals(AuthConfig.getDefaultInstance())) {
            request.setAuth(auth);
        }
        return node.client().images().pullImage(request.build()).getImageRef();
    }

    private Image status(String reference) {
        return node.client()
                .images()
                .imageStatus(ImageStatusRequest.newBuilder().setImage(spec(reference)).build())
                .getImage();
    }

    private List<Image> list(String reference) {
        var request = ListImagesRequest.newBuilder();
        if (!reference.isEmpty()) {
            request.setFilter(ImageFilter.newBuilder().setImage(spec(reference)));
        }
        return node.client().images().listImages(request.build()).getImagesList();
    }

    private void remove(String reference) {
        node.client()
                .images()
                .removeImage(RemoveImageRequest.newBuilder().setImage(spec(reference)).build());
    }

    private static ImageSpec spec(String reference) {
        return ImageSpec.newBuilder().setImage(reference).build();
    }
}
