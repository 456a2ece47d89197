package io.berth.imageservice.pull;

import static io.berth.imageservice.pull.SampleImage.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.PullProgress.Stage;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.registry.Fault;
import io.berth.imageservice.registry.ScriptedRegistry;
import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole pulls from a scripted registry into real stores. */
class PullTest extends ScriptedNodeTest {

    @Test
    void annotationsAndTheWholeConfigurationAreKept() {
        var sample = SampleImage.ordinary().annotated("org.example.note", "kept");
        sample.push(registry, "app", "1");
        Image image = node.pull(ref("app:1"));
        assertThat(image.annotations()).isEqualTo(Map.of("org.example.note", "kept"));
        assertThat(node.images.configuration(image)).hasValue(sample.config());
        node.close();
        node = Node.open(folder);
        assertThat(node.images.list()).containsExactly(image);
        node.images.remove(image.id().toString());
        node.storage.collector().collect();
        assertThat(node.images.configuration(image)).isEmpty();
    }

    @Test
    void aRepositoryMeansAllOfItsImages() {
        SampleImage.ordinary().push(registry, "app", "1");
        SampleImage.ordinary().marked("two").push(registry, "app", "2");
        SampleImage.ordinary().marked("three").push(registry, "application", "1");
        Image one = node.pull(ref("app:1"));
        Image two = node.pull(ref("app:2"));
        Image three = node.pull(ref("application:1"));
        assertThat(node.images.matching(ref("app"))).containsExactlyInAnyOrder(one, two);
        assertThat(node.images.matching(ref("app:2"))).containsExactly(two);
        assertThat(node.images.matching(ref("application"))).containsExactly(three);
        assertThat(node.images.matching(three.id().hex())).containsExactly(three);
        assertThat(node.images.matching(ref("other"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"overlayfs", "native"})
    void taggedImageIsPulledUnpackedAndNamed(String snapshotter) throws IOException {
        var sample = SampleImage.ordinary();
        Digest manifest = sample.push(registry, "app", "1");
        try (var other = Node.open(folder.resolve(snapshotter), snapshotter)) {
            Image image = other.pull(ref("app:1"));
            assertThat(image.id()).isEqualTo(sample.id());
            assertThat(image.manifest()).isEqualTo(manifest);
            assertThat(image.repoTags()).containsExactly(ref("app:1"));
            assertThat(image.repoDigests()).containsExactly(ref("app@" + manifest));
            assertThat(image.pinned()).isFalse();
            assertThat(image.sizeBytes())
                    .isEqualTo(sample.parts().values().stream().mapToLong(b -> b.length).sum());
            assertThat(image.config().entrypoint()).containsExactly("/bin/tool");
            assertThat(image.config().stopSignal()).hasValue("SIGQUIT");
            assertThat(other.images.list()).containsExactly(image);
            assertThat(other.storage.leases().all()).isEmpty();
            var mounts =
                    other.storage
                            .snapshotter()
                            .view(new SnapshotKey("look"), Optional.of(image.chainId()));
            assertThat(mounts).isNotEmpty();
            other.storage.snapshotter().remove("look");
        }
    }

    @Test
    void filesOfALayerAreWhatItsTarHolds() throws IOException {
        var sample = new SampleImage().gzip(tar(Map.of("etc/name", "first")));
        sample.push(registry, "app", "1");
        Image image = node.pull(ref("app:1"));
        var mounts =
                node.storage
                        .snapshotter()
                        .view(new SnapshotKey("look"), Optional.of(image.chainId()));
        assertThat(Files.readString(Path.of(mounts.getFirst().source()).resolve("etc/name")))
                .isEqualTo("first");
        node.storage.snapshotter().remove("look");
    }

    @Test
    void indexIsFollowedToThisPlatform() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app");
        Digest index = registry.manifest("app", SampleImage.INDEX, sample.index(), "multi");
        Image image = node.pull(ref("app:multi"));
        assertThat(image.id()).isEqualTo(sample.id());
        assertThat(image.repoDigests()).containsExactly(ref("app@" + index));
        assertThat(image.manifest()).isEqualTo(Digest.sha256(sample.manifest()));
    }

    @Test
    void digestPullHasNoTag() {
        Digest manifest = SampleImage.ordinary().push(registry, "app", "1");
        Image image = node.pull(ref("app@" + manifest));
        assertThat(image.repoTags()).isEmpty();
        assertThat(node.images.find(ref("app@" + manifest))).hasValue(image);
        assertThat(node.pull(ref("app:1@" + manifest)).repoTags()).isEmpty();
        assertThat(node.pull(ref("app:1")).repoTags()).containsExactly(ref("app:1"));
    }

    @Test
    void tagThatMovesLeavesItsOldImage() {
        var old = SampleImage.ordinary().marked("old");
        old.push(registry, "app", "1", "2");
        node.pull(ref("app:1"));
        assertThat(node.pull(ref("app:2")).repoTags()).containsExactly(ref("app:1"), ref("app:2"));
        var young = SampleImage.ordinary().marked("new");
        young.push(registry, "app", "1");
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(young.id());
        assertThat(node.images.find(ref("app:1")).orElseThrow().id()).isEqualTo(young.id());
        assertThat(node.images.find(old.id().toString()).orElseThrow().repoTags())
                .containsExactly(ref("app:2"));
    }

    @Test
    void presentImageIsAskedForButNotFetchedAgain() {
        SampleImage.ordinary().push(registry, "app", "1");
        node.pull(ref("app:1"));
        int before = registry.seen().size();
        node.pull(ref("app:1"));
        assertThat(registry.seen().subList(before, registry.seen().size()))
                .extracting(ScriptedRegistry.Seen::method)
                .containsExactly("HEAD");
    }

    @Test
    void presentImageIsRefusedToWhoMayNotHaveIt() {
        SampleImage.ordinary().push(registry, "app", "1");
        String header =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString("u:p".getBytes(StandardCharsets.UTF_8));
        registry.admit(
                request -> request.header("Authorization").equals(Optional.of(header)),
                "Basic realm=\"x\"");
        node.pull(ref("app:1"), new Credentials.Basic("u", "p", ""));
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.Unauthorized.class)
                .hasMessageContaining("no credentials were sent for " + registry.authority());
        assertThatThrownBy(() -> node.pull(ref("app:1"), new Credentials.Basic("u", "s3cret", "")))
                .isInstanceOf(ImageException.Unauthorized.class)
                .hasMessageContaining("credentials were sent")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void equalPullsAreOne() throws Exception {
        var sample = new SampleImage().gzip(tar(Map.of("a", "x".repeat(3000))));
        sample.push(registry, "app", "1");
        registry.script(blobPath(sample, 0), new Fault.Trickle(3));
        var downloading = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var first =
                    threads.submit(
                            () ->
                                    node.images.pull(
                                            PullRequest.of(ref("app:1")),
                                            (_, stage, _, _) -> {
                                                if (stage == Stage.DOWNLOADING) {
                                                    downloading.countDown();
                                                }
                                            }));
            downloading.await();
            Callable<Image> again = () -> node.pull(ref("app:1"));
            var second = threads.submit(again);
            var third = threads.submit(again);
            assertThat(List.of(first.get(), second.get(), third.get()))
                    .extracting(Image::id)
                    .containsOnly(sample.id());
        }
        assertThat(registry.seen("/manifests/1")).hasSize(1);
        assertThat(registry.seen("/blobs/" + Digest.sha256(sample.blob(0)))).hasSize(1);
    }

    @Test
    void progressEndsWithEveryLayerDone() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        Map<Digest, Stage> last = new ConcurrentHashMap<>();
        node.images.pull(
                PullRequest.of(ref("app:1")),
                (layer, stage, done, total) -> {
                    assertThat(done).isBetween(0L, total);
                    last.put(layer, stage);
                });
        assertThat(last)
                .hasSize(3)
                .allSatisfy((_, stage) -> assertThat(stage).isEqualTo(Stage.DONE));
    }

    @Test
    void removedImageIsGoneAtOnceAndItsBytesAfterCollection() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1", "2");
        node.pull(ref("app:1"));
        node.pull(ref("app:2"));
        node.images.remove(ref("app:2"));
        assertThat(node.images.list()).isEmpty();
        assertThat(node.images.find(ref("app:1"))).isEmpty();
        node.images.remove(ref("app:2"));
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void imagesAreThereAfterARestart() {
        SampleImage.ordinary().push(registry, "app", "1");
        Image image = node.pull(ref("app:1"));
        node.close();
        node = Node.open(folder);
        assertThat(node.images.list()).containsExactly(image);
        node.storage.collector().collect();
        assertThat(node.images.find(image.id().hex().substring(0, 12))).hasValue(image);
        assertThat(node.storage.snapshotter().stat(image.chainId().value())).isPresent();
    }

    @Test
    void imagesThatShareLayersShareThem() {
        byte[] base = tar(Map.of("base", "b".repeat(1000)));
        var one = new SampleImage().gzip(base).gzip(tar(Map.of("one", "1")));
        var two = new SampleImage().gzip(base).gzip(tar(Map.of("two", "2")));
        one.push(registry, "app", "1");
        two.push(registry, "app", "2");
        node.pull(ref("app:1"));
        node.pull(ref("app:2"));
        assertThat(registry.seen(Digest.sha256(one.blob(0)).hex())).hasSize(1);
        node.images.remove(ref("app:1"));
        node.storage.collector().collect();
        assertThat(node.storage.snapshotter().list()).hasSize(2);
    }
}
