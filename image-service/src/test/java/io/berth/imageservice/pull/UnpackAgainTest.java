package io.berth.imageservice.pull;

import static io.berth.imageservice.pull.SampleImage.tar;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Images in several snapshotters at once. */
class UnpackAgainTest extends ScriptedNodeTest {
    private static final Optional<String> NATIVE = Optional.of("native");

    private boolean unpacked(Image image, Optional<String> snapshotter) {
        return node.storage
                .snapshotters()
                .named(snapshotter)
                .stat(image.chainId().value())
                .isPresent();
    }

    @Test
    void anImageGoesToAnotherSnapshotterWithoutTheRegistry() throws IOException {
        SampleImage.ordinary().push(registry, "app", "1");
        Image image = node.pull(ref("app:1"));
        assertThat(unpacked(image, NATIVE)).isFalse();
        registry.close();
        node.images.unpack(image, NATIVE);
        node.images.unpack(image, NATIVE);
        var mounts =
                node.storage
                        .snapshotters()
                        .named(NATIVE)
                        .view(new SnapshotKey("look"), Optional.of(image.chainId()));
        var files = Path.of(mounts.getFirst().source());
        assertThat(Files.readString(files.resolve("etc/name"))).isEqualTo("second");
        assertThat(Files.readString(files.resolve("last"))).isEqualTo("third");
        assertThat(node.storage.leases().all()).isEmpty();
        node.storage.snapshotters().remove(new SnapshotKey("look"));
        node.images.remove(image.id().toString());
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void aPullForASnapshotterUnpacksThereAlone() {
        SampleImage.ordinary().push(registry, "app", "1");
        Image image = node.pull(ref("app:1"), "native");
        assertThat(unpacked(image, NATIVE)).isTrue();
        assertThat(unpacked(image, Optional.empty())).isFalse();
        node.close();
        node = Node.open(folder);
        assertThat(node.images.list()).containsExactly(image);
        node.storage.collector().collect();
        assertThat(unpacked(image, NATIVE)).isTrue();
        node.images.unpack(image, Optional.empty());
        assertThat(unpacked(image, Optional.empty())).isTrue();
        node.images.remove(image.id().toString());
        assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
    }

    @Test
    void whatImagesTakeIsCountedInEverySnapshotter() {
        SampleImage.ordinary().push(registry, "app", "1");
        Image image = node.pull(ref("app:1"));
        long before = node.images.usage().usedBytes();
        node.images.unpack(image, NATIVE);
        assertThat(node.images.usage().usedBytes()).isGreaterThan(before + 50_000);
    }

    @Test
    void aLayerThatIsHereInAnotherCompressionAloneIsAskedForByName() {
        byte[] tar = tar(Map.of("file", "x".repeat(1000)));
        new SampleImage().gzip(tar).push(registry, "app", "1");
        var other = new SampleImage().zstd(tar).marked("two");
        other.push(registry, "app", "2");
        node.pull(ref("app:1"));
        Image image = node.pull(ref("app:2"));
        assertThatThrownBy(() -> node.images.unpack(image, NATIVE))
                .isInstanceOf(ImageException.NotFound.class)
                .hasMessageContaining(Digest.sha256(other.blob(0)).toString())
                .hasMessageContaining("pull the image for the runtime handler");
        assertThat(node.storage.leases().all()).isEmpty();
        node.pull(ref("app:2"), "native");
        assertThat(unpacked(image, NATIVE)).isTrue();
    }
}
