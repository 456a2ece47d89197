package io.berth.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.cri.v1.Image;
import io.berth.cri.v1.ImageFsInfoRequest;
import io.berth.cri.v1.ListContainersRequest;
import io.berth.cri.v1.PullImageRequest;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.run.Waiting;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** One image has one id, whatever its names; and what is told of it is true at once. */
class ImageIdentityTest extends NodeTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(60);

    @SuppressWarnings("NullAway.Init")
    private ImageCalls images;

    @BeforeAll
    void images() {
        images = new ImageCalls(node);
    }

    @Test
    void theSameIdIsToldByEveryCall() throws IOException {
        var image = pushed("one-id", "1");
        var reference = node.registry().reference("e2e/one-id:1");
        var id = images.pull(reference);
        assertThat(id).isEqualTo(image.id());
        assertThat(images.status(reference).getId()).isEqualTo(id);
        assertThat(images.status(id).getId()).isEqualTo(id);
        assertThat(images.list()).extracting(Image::getId).contains(id);
        var pod = kubelet.pod().build();
        var config = kubelet.shell("c", "sleep 1000");
        config.getImageBuilder().setImage(id).setUserSpecifiedImage(reference);
        var container = kubelet.launch(kubelet.run(pod), pod, config.build());
        var status = kubelet.status(container);
        assertThat(status.getImageId()).isEqualTo(id);
        assertThat(status.getImage().getImage()).isEqualTo(reference);
        assertThat(status.getImage().getUserSpecifiedImage()).isEqualTo(reference);
        assertThat(status.getImageRef())
                .isEqualTo(node.registry().reference("e2e/one-id@" + image.manifest().digest()));
        var listed =
                node.client()
                        .runtime()
                        .listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainers(0);
        assertThat(listed.getImageId()).isEqualTo(id);
        assertThat(listed.getImage().getImage()).isEqualTo(id);
        endAllPods();
        images.remove(id);
    }

    @Test
    void anImageThatTheOperatorPinsSaysSoForAsLongAsItHasTheName() throws IOException {
        var image = pushed("pinned", "1");
        node.registry().push(image, "e2e/keep-me", "1");
        images.pull(node.registry().reference("e2e/pinned:1"));
        assertThat(images.status(image.id()).getPinned()).isFalse();
        images.pull(node.registry().reference("e2e/keep-me:1"));
        assertThat(images.status(image.id()).getPinned()).isTrue();
        assertThat(images.list())
                .filteredOn(each -> each.getId().equals(image.id()))
                .allMatch(Image::getPinned);
        images.remove(image.id());
    }

    @Test
    void theSameImageOfTwoRegistriesIsOneAndGoesWithEitherName() throws IOException {
        var image = pushed("two-homes", "1");
        var first = node.registry().reference("e2e/two-homes:1");
        var second = first.replace("127.0.0.1", "localhost");
        assertThat(images.pull(first)).isEqualTo(image.id());
        assertThat(images.pull(second)).isEqualTo(image.id());
        assertThat(images.status(first).getRepoTagsList()).containsExactlyInAnyOrder(first, second);
        assertThat(images.status(second)).isEqualTo(images.status(first));
        images.remove(second);
        assertThat(images.status(first).getId()).isEmpty();
        assertThat(images.list()).extracting(Image::getId).doesNotContain(image.id());
    }

    @Test
    void aReferenceWithoutATagMeansLatestAndARepositoryListsAllItsTags() throws IOException {
        var latest = pushed("untagged", "latest");
        var other = pushed("untagged-2", "untagged", "2");
        var name = node.registry().reference("e2e/untagged");
        assertThat(images.pull(name)).isEqualTo(latest.id());
        assertThat(images.status(name).getRepoTagsList()).containsExactly(name + ":latest");
        images.pull(name + ":2");
        assertThat(images.list(name))
                .extracting(Image::getId)
                .containsExactlyInAnyOrder(latest.id(), other.id());
        assertThat(images.list(name + ":2")).extracting(Image::getId).containsExactly(other.id());
        images.remove(name);
        assertThat(images.status(name).getId()).isEmpty();
        images.remove(name + ":2");
    }

    @Test
    void threeImagesAndThreeTagsAreListedOnce() throws IOException {
        var ids = new ArrayList<String>();
        for (String name : List.of("three-1", "three-2", "three-3")) {
            ids.add(pushed(name, "1").id());
            images.pull(node.registry().reference("e2e/" + name + ":1"));
        }
        assertThat(images.list()).extracting(Image::getId).containsAll(ids).doesNotHaveDuplicates();
        var tagged = TestImage.build("three-tags");
        for (String tag : List.of("1", "2", "3")) {
            node.registry().push(tagged, "e2e/three-tags", tag);
            images.pull(node.registry().reference("e2e/three-tags:" + tag));
        }
        var listed = images.list().stream().filter(i -> i.getId().equals(tagged.id())).toList();
        assertThat(listed).hasSize(1);
        assertThat(listed.getFirst().getRepoTagsList())
                .containsExactlyInAnyOrder(
                        node.registry().reference("e2e/three-tags:1"),
                        node.registry().reference("e2e/three-tags:2"),
                        node.registry().reference("e2e/three-tags:3"));
        ids.forEach(images::remove);
        images.remove(tagged.id());
    }

    @Test
    void userAnnotationsAndConfigurationAreTold() throws IOException {
        var plain = TestImage.build("users");
        for (String user : List.of("1002", "web", "1003:1004", "web:1004")) {
            var image = plain.as(user, "for-" + user);
            node.registry().push(image, "e2e/users", "1");
            var reference = node.registry().reference("e2e/users:1");
            images.pull(reference);
            var status = images.fullStatus(reference, true);
            var name = user.split(":", -1)[0];
            var numeric = Character.isDigit(name.charAt(0));
            assertThat(status.getImage().hasUid()).isEqualTo(numeric);
            assertThat(status.getImage().getUid().getValue())
                    .isEqualTo(numeric ? Long.parseLong(name) : 0);
            assertThat(status.getImage().getUsername()).isEqualTo(numeric ? "" : name);
            assertThat(status.getImage().getSpec().getAnnotationsMap())
                    .containsEntry("org.example.note", "for-" + user);
            var info = JSON.readTree(status.getInfoOrThrow("info"));
            assertThat(info.path("imageSpec")).isEqualTo(JSON.readTree(image.config().bytes()));
            assertThat(info.path("chainID").asText()).startsWith("sha256:");
            images.remove(image.id());
        }
    }

    @Test
    void aPullBeyondItsDeadlineSaysSo() throws IOException {
        pushed("slow", "1");
        var reference = node.registry().reference("e2e/slow:1");
        var request = PullImageRequest.newBuilder().setImage(ImageCalls.spec(reference)).build();
        var impatient = node.client().images().withDeadlineAfter(1, TimeUnit.MILLISECONDS);
        fails(Status.Code.DEADLINE_EXCEEDED, () -> impatient.pullImage(request));
        images.pull(reference); // a retry joins it or comes after it
        images.remove(reference);
    }

    @Test
    void whatIsPulledIsListedAtOnceAndWhatIsRemovedIsNot() throws IOException {
        var image = pushed("at-once", "1");
        var reference = node.registry().reference("e2e/at-once:1");
        for (int i = 0; i < 5; i++) {
            images.pull(reference);
            assertThat(images.list()).extracting(Image::getId).contains(image.id());
            assertThat(images.status(image.id()).getRepoTagsList()).containsExactly(reference);
            images.remove(reference);
            assertThat(images.list()).extracting(Image::getId).doesNotContain(image.id());
            assertThat(images.status(image.id()).getId()).isEmpty();
        }
    }

    @Test
    void pullsAndRemovalsAtTheSameTimeLeaveAWholeImageOrNone() throws IOException {
        pushed("contended", "1");
        var reference = node.registry().reference("e2e/contended:1");
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 5; round++) {
                var calls = new ArrayList<CompletableFuture<Void>>();
                for (int i = 0; i < 3; i++) {
                    calls.add(CompletableFuture.runAsync(() -> images.remove(reference), threads));
                    calls.add(CompletableFuture.runAsync(() -> images.pull(reference), threads));
                }
                calls.forEach(CompletableFuture::join);
            }
        }
        var id = images.pull(reference);
        var pod = kubelet.pod().build();
        var config = kubelet.shell("c", "cat /www/index.html");
        config.getImageBuilder().setImage(id);
        var container = kubelet.launch(kubelet.run(pod), pod, config.build());
        assertThat(kubelet.exited(container).getExitCode()).isZero();
        endAllPods();
        images.remove(reference);
        images.remove(reference);
    }

    @Test
    void usedBytesGrowWithAPullAndShrinkWithARemoval() throws IOException {
        pushed("weight", "1");
        var reference = node.registry().reference("e2e/weight:1");
        var before = usedBytes();
        images.pull(reference);
        assertThat(usedBytes()).isGreaterThan(before);
        images.remove(reference);
        Waiting.until("fewer bytes in use", SOON, () -> usedBytes() <= before);
    }

    @Test
    void aRemovedPauseImageIsMadeAgain() throws IOException {
        var pause = images.list().stream().filter(Image::getPinned).toList();
        assertThat(pause).hasSize(1);
        images.remove(pause.getFirst().getId());
        assertThat(images.list()).noneMatch(Image::getPinned);
        var pod = kubelet.pod().build();
        kubelet.end(kubelet.run(pod));
        assertThat(images.list().stream().filter(Image::getPinned).map(Image::getId))
                .containsExactly(pause.getFirst().getId());
        rememberHost(); // its layer lies in a new folder now
    }

    private long usedBytes() {
        return node.client()
                .images()
                .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
                .getImageFilesystems(0)
                .getUsedBytes()
                .getValue();
    }

    private TestImage pushed(String name, String tag) throws IOException {
        return pushed(name, name, tag);
    }

    private TestImage pushed(String mark, String repository, String tag) throws IOException {
        var image = TestImage.build(mark);
        node.registry().push(image, "e2e/" + repository, tag);
        return image;
    }
}
