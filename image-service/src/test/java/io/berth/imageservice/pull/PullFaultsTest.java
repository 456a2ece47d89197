package io.berth.imageservice.pull;

import static io.berth.imageservice.pull.SampleImage.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.PullProgress.Stage;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.registry.Fault;
import io.berth.imageservice.registry.ScriptedRegistry;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Pulls that meet faults, and what they leave behind. */
class PullFaultsTest extends ScriptedNodeTest {

    @Test
    void brokenDownloadGoesOnWhereItStopped() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        registry.script(blobPath(sample, 0), new Fault.Reset(40), new Fault.Status(500));
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
        assertThat(registry.seen(Digest.sha256(sample.blob(0)).hex()).getLast().header("Range"))
                .hasValue("bytes=40-");
    }

    @Test
    void stalledDownloadGoesOnWhereItStopped() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        registry.script(blobPath(sample, 0), new Fault.Stall(40));
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
    }

    @Test
    void downloadCutByARestartGoesOnAfterIt() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        registry.script(
                blobPath(sample, 0),
                new Fault.Reset(40),
                new Fault.Status(500),
                new Fault.Status(500),
                new Fault.Status(500));
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.RegistryUnavailable.class)
                .hasMessageContaining("blob sha256:")
                .hasMessageContaining("connection broke")
                .hasMessageContaining("answered 500 (2 times)");
        node.close();
        node = Node.open(folder);
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
        assertThat(registry.seen(Digest.sha256(sample.blob(0)).hex()).getLast().header("Range"))
                .hasValue("bytes=40-");
        assertThat(node.storage.ledger().entries()).isEmpty();
    }

    @Test
    void wrongBytesAreRefusedAndForgotten() {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        registry.script(blobPath(sample, 1), new Fault.WrongBytes());
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.DigestMismatch.class)
                .hasMessageContaining(Digest.sha256(sample.blob(1)).toString())
                .hasMessageContaining("the manifest names");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
    }

    @Test
    void mirrorWithWrongBytesIsPassedOver() throws IOException {
        try (var mirror = new ScriptedRegistry()) {
            var sample = SampleImage.ordinary();
            sample.push(registry, "app", "1");
            sample.push(mirror, "app", "1");
            Path certs = folder.resolve("certs.d").resolve(registry.authority());
            Files.createDirectories(certs);
            Files.writeString(
                    certs.resolve("hosts.toml"),
                    "server = \"%s\"\n[host.\"%s\"]\n"
                            .formatted(registry.address(), mirror.address()));
            mirror.script(blobPath(sample, 0), new Fault.WrongBytes());
            mirror.script(blobPath(sample, 1), new Fault.Status(404));
            assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
            assertThat(registry.seen("/manifests/")).isEmpty();
            assertThat(registry.seen("/blobs/")).hasSize(2);
        }
    }

    @Test
    void tarThatIsNotTheConfigurationsIsRefused() {
        var sample =
                new SampleImage()
                        .layer(
                                tar(Map.of("a", "told")),
                                tar(Map.of("a", "sent")),
                                "application/vnd.oci.image.layer.v1.tar");
        sample.push(registry, "app", "1");
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.DigestMismatch.class)
                .hasMessageContaining("the configuration names");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void layerThatClimbsIsRefused() {
        var sample = new SampleImage().gzip(tar(Map.of("../../escaped", "x")));
        sample.push(registry, "app", "1");
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.HostileImage.class)
                .hasMessageContaining("escaped");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void damagedCompressionIsRefused() {
        byte[] tar = tar(Map.of("a", "x".repeat(5000)));
        byte[] gzip = new SampleImage().gzip(tar).blob(0);
        var sample =
                new SampleImage()
                        .layer(
                                tar,
                                SampleImage.damaged(gzip),
                                "application/vnd.oci.image.layer.v1.tar+gzip");
        sample.push(registry, "app", "1");
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("layer sha256:");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void unknownImageIsNotFound() {
        assertThatThrownBy(() -> node.pull(ref("nothing:1")))
                .isInstanceOf(ImageException.NotFound.class)
                .hasMessage(
                        "image %s: %s: manifest answered 404"
                                .formatted(ref("nothing:1"), registry.authority()));
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void registryThatIsDownIsUnavailable() {
        registry.close();
        assertThatThrownBy(() -> node.pull(ref("app:1")))
                .isInstanceOf(ImageException.RegistryUnavailable.class)
                .hasMessage(
                        "image %s: %s: connection refused (3 times)"
                                .formatted(ref("app:1"), registry.authority()));
    }

    @Test
    void schema1IsRefusedByName() {
        registry.manifest(
                "app",
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                SampleImage.utf8("{\"schemaVersion\":1,\"fsLayers\":[]}"),
                "old");
        assertThatThrownBy(() -> node.pull(ref("app:old")))
                .isInstanceOf(ImageException.InvalidManifest.class)
                .hasMessageContaining("schema 1");
    }

    @Test
    void missingPlatformIsNamedWithThoseThatAreThere() {
        var sample = SampleImage.ordinary().platform("riscv64");
        sample.push(registry, "app");
        registry.manifest("app", SampleImage.INDEX, sample.index(), "multi");
        assertThatThrownBy(() -> node.pull(ref("app:multi")))
                .isInstanceOf(ImageException.NoMatchingPlatform.class)
                .hasMessageContaining("[linux/s390x, linux/riscv64], wanted linux/amd64");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void closingEndsAPullThatStallsAndKeepsItsBytes() throws Exception {
        var sample = SampleImage.ordinary();
        sample.push(registry, "app", "1");
        registry.script(blobPath(sample, 0), new Fault.Trickle(10));
        var downloading = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var pull =
                    threads.submit(
                            () ->
                                    node.images.pull(
                                            PullRequest.of(ref("app:1")),
                                            (layer, stage, done, _) -> {
                                                boolean first =
                                                        layer.equals(Digest.sha256(sample.blob(0)));
                                                if (first
                                                        && stage == Stage.DOWNLOADING
                                                        && done > 0) {
                                                    downloading.countDown();
                                                }
                                            }));
            downloading.await();
            node.close();
            assertThatThrownBy(pull::get)
                    .hasCauseInstanceOf(ImageException.Interrupted.class)
                    .hasMessageContaining("a retry goes on from here");
        }
        node = Node.open(folder);
        assertThat(node.pull(ref("app:1")).id()).isEqualTo(sample.id());
        assertThat(registry.seen(Digest.sha256(sample.blob(0)).hex()).getLast().header("Range"))
                .isPresent();
    }
}
