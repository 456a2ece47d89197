package io.berth.imageservice.pull;

import static io.berth.imageservice.pull.SampleImage.archive;
import static io.berth.imageservice.pull.SampleImage.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.BuiltinImage;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.PullProgress;
import io.berth.storage.content.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of both kinds, well-formed and hostile, and built-in images. */
@Tag("root")
class ArchiveLoadTest {

    @TempDir Path folder;
    private Node node;

    @BeforeEach
    void start() {
        node = Node.open(folder);
    }

    @AfterEach
    void stop() {
        node.close();
    }

    private List<Image> load(byte[] archive) {
        return node.images.load(new ByteArrayInputStream(archive), PullProgress.NONE);
    }

    private void assertRefused(byte[] archive, String... said) {
        assertThatThrownBy(() -> load(archive))
                .isInstanceOf(ImageException.class)
                .hasMessageStartingWith("archive")
                .hasMessageContainingAll(said);
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void ociArchiveIsLoadedUnderItsName() {
        var sample = SampleImage.ordinary();
        Image image = load(sample.ociArchive("team/app:1")).getFirst();
        assertThat(image.id()).isEqualTo(sample.id());
        assertThat(image.repoTags()).containsExactly("docker.io/team/app:1");
        assertThat(image.repoDigests()).isEmpty();
        assertThat(node.images.find("team/app:1")).hasValue(image);
        assertThat(node.storage.leases().all()).isEmpty();
        assertThat(node.storage.ledger().entries()).isEmpty();
    }

    @Test
    void dockerSaveIsLoadedUnderItsName() {
        var sample = SampleImage.ordinary();
        Image image = load(sample.dockerSave("team/app:1")).getFirst();
        assertThat(image.id()).isEqualTo(sample.id());
        assertThat(image.repoTags()).containsExactly("docker.io/team/app:1");
    }

    @Test
    void sameArchiveTwiceIsFine() {
        var sample = SampleImage.ordinary();
        load(sample.ociArchive("app:1"));
        load(sample.ociArchive("app:1"));
        load(sample.dockerSave("app:2"));
        load(sample.dockerSave("app:2"));
        assertThat(node.images.list()).hasSize(1);
        assertThat(node.images.list().getFirst().repoTags())
                .containsExactly("docker.io/library/app:1", "docker.io/library/app:2");
        node.images.remove("app:1");
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void compressedArchiveIsLoadedToo() throws IOException {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write(SampleImage.ordinary().ociArchive("app:1"));
        }
        assertThat(load(gzip.toByteArray())).hasSize(1);
    }

    @Test
    void bareTagGivesNoName() {
        Image image = load(SampleImage.ordinary().ociArchive("latest")).getFirst();
        assertThat(image.repoTags()).isEmpty();
        assertThat(node.images.find(image.id().hex())).hasValue(image);
    }

    @Test
    void archiveForAnotherPlatformIsRefusedByPlatform() {
        assertRefused(
                SampleImage.ordinary().platform("arm64").ociArchive("app:1"),
                "linux/arm64, wanted linux/amd64");
    }

    @Test
    void emptyAndForeignArchivesAreRefused() {
        assertRefused(new byte[0], "neither index.json nor manifest.json");
        assertRefused(archive(Map.of("a/b", utf8("x"))), "neither index.json nor manifest.json");
        assertRefused(utf8("no tar at all ".repeat(100)), "no readable tar");
        assertRefused(archive(Map.of("index.json", utf8("{}"))), "without oci-layout");
    }

    @Test
    void missingBlobIsRefusedByDigest() {
        var sample = SampleImage.ordinary();
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("oci-layout", utf8("{}"));
        sample.parts()
                .forEach(
                        (digest, bytes) -> {
                            if (!digest.equals(Digest.sha256(sample.blob(1)))) {
                                files.put("blobs/sha256/" + digest.hex(), bytes);
                            }
                        });
        files.put(
                "index.json",
                utf8(
                        "{\"schemaVersion\":2,\"manifests\":[%s]}"
                                .formatted(
                                        SampleImage.descriptor(
                                                SampleImage.MANIFEST, sample.manifest()))));
        assertRefused(archive(files), "blob " + Digest.sha256(sample.blob(1)) + " is missing");
    }

    @Test
    void blobUnderAnothersNameIsRefused() {
        String hex = "0".repeat(64);
        assertRefused(archive(Map.of("blobs/sha256/" + hex, utf8("x"))), "wanted sha256:" + hex);
        assertRefused(archive(Map.of("blobs/sha512/ab", utf8("x"))), "no sha256 digest");
    }

    @Test
    void namesThatClimbOrRepeatAreRefused() {
        assertRefused(archive(Map.of("../../etc/passwd", utf8("x"))), "climbs with ..");
        assertRefused(archive(Map.of("/etc/passwd", utf8("x"))), "/etc/passwd", "absolute");
        Map<String, byte[]> twice = new LinkedHashMap<>();
        twice.put("a/layer.tar", utf8("x"));
        twice.put("a/./layer.tar", utf8("y"));
        assertRefused(archive(twice), "found it twice");
    }

    private static byte[] special(byte kind, String name, String target) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            var entry = new TarArchiveEntry(name, kind);
            entry.setLinkName(target);
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    @Test
    void linksOutOfTheArchiveAndDevicesAreRefused() throws IOException {
        assertRefused(special(TarConstants.LF_SYMLINK, "a", "/etc/passwd"), "absolute");
        assertRefused(special(TarConstants.LF_SYMLINK, "a/b", "../../c"), "out of the archive");
        assertRefused(special(TarConstants.LF_LINK, "a", "../c"), "out of the archive");
        assertRefused(special(TarConstants.LF_BLK, "a", ""), "special file");
        assertRefused(special(TarConstants.LF_FIFO, "a", ""), "special file");
    }

    @Test
    void dockerSaveMayLinkLayersButNotInCircles() {
        String circle = "[{\"Config\":\"c.json\",\"RepoTags\":null,\"Layers\":[\"a\"]}]";
        assertRefused(archive(Map.of("manifest.json", utf8(circle))), "c.json", "is missing");
        assertRefused(archive(Map.of("manifest.json", utf8("[]"))), "manifest.json names no image");
        assertRefused(archive(Map.of("manifest.json", utf8("{}"))), "no list");
    }

    @Test
    void oversizedDocumentIsRefused() {
        assertRefused(
                archive(Map.of("index.json", new byte[(4 << 20) + 1])), "wanted at most 4194304");
    }

    @Test
    void truncatedArchivesLeaveNothing() {
        byte[] whole = SampleImage.ordinary().ociArchive("app:1");
        long seed = 7;
        var random = new Random(seed);
        for (int round = 0; round < 12; round++) {
            byte[] cut = Arrays.copyOf(whole, random.nextInt(whole.length - 8192));
            assertThatThrownBy(() -> load(cut))
                    .as("seed %d, %d bytes", seed, cut.length)
                    .isInstanceOf(ImageException.class);
        }
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void damagedArchivesAreRefusedOrWhole() {
        byte[] whole = SampleImage.ordinary().ociArchive("app:1");
        long seed = 11;
        var random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i < 3; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(load(damaged)).hasSize(1);
            } catch (ImageException refused) {
                assertThat(refused).as("seed %d", seed).hasMessageStartingWith("archive");
            }
        }
        node.images.list().forEach(image -> node.images.remove(image.id().toString()));
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void builtinImageIsPinnedAndTheSameEachTime() {
        var builtin =
                new BuiltinImage(
                        ImageRef.parse("berth.local/pause:1"),
                        "pause",
                        utf8("ELF"),
                        List.of("pause"));
        Image image = node.images.importBuiltin(builtin);
        assertThat(image.pinned()).isTrue();
        assertThat(image.repoTags()).containsExactly("berth.local/pause:1");
        assertThat(image.config().entrypoint()).containsExactly("/pause", "pause");
        assertThat(node.images.importBuiltin(builtin)).isEqualTo(image);
        node.storage.collector().collect();
        assertThat(node.storage.snapshotter().stat(image.chainId().value())).isPresent();
        assertThat(node.storage.ledger().entries()).isEmpty();
    }

    @Test
    void builtinImageThatWasRemovedIsMadeAgain() {
        var name = "berth.local/pause:1";
        var builtin =
                new BuiltinImage(ImageRef.parse(name), "pause", utf8("ELF"), List.of("pause"));
        Image image = node.images.importBuiltin(builtin);
        node.images.remove(name);
        node.storage.collector().collect();
        assertThat(node.images.find(name)).isEmpty();
        Image again = node.images.builtin(name);
        assertThat(again.id()).isEqualTo(image.id());
        assertThat(again.pinned()).isTrue();
        assertThat(node.storage.snapshotter().stat(again.chainId().value())).isPresent();
        assertThatThrownBy(() -> node.images.builtin("berth.local/other:1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("berth.local/other:1");
    }
}
