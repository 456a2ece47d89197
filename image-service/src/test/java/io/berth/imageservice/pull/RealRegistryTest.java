package io.berth.imageservice.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.storage.content.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls from the real registry, over HTTP/1.1 and, with TLS and a password, over HTTP/2. */
@Tag("root")
class RealRegistryTest {

    @TempDir Path folder;

    private static SampleImage large() {
        var random = new Random(3);
        var image = new SampleImage();
        for (int layer = 0; layer < 6; layer++) {
            Map<String, String> files = new LinkedHashMap<>();
            for (int file = 0; file < 40; file++) {
                files.put(
                        "layer%d/file%d".formatted(layer, file),
                        Long.toHexString(random.nextLong()).repeat(1500));
            }
            image.gzip(SampleImage.tar(files));
        }
        return image;
    }

    @Test
    void imageIsPulledByTagAndDigest() throws Exception {
        try (var registry = RealRegistry.plain(folder.resolve("registry"));
                var node = Node.open(folder)) {
            var sample = large();
            Digest manifest = registry.push(sample, "team/app", "1");
            Image image = node.pull(registry.authority() + "/team/app:1");
            assertThat(image.id()).isEqualTo(sample.id());
            assertThat(image.manifest()).isEqualTo(manifest);
            assertThat(node.pull(registry.authority() + "/team/app@" + manifest)).isNotNull();
            assertThat(node.images.list()).hasSize(1);
            assertThatThrownBy(() -> node.pull(registry.authority() + "/team/app:2"))
                    .isInstanceOf(ImageException.NotFound.class);
            node.images.remove(image.id().toString());
            assertThat(node.leftovers()).isEqualTo(Node.NOTHING);
        }
    }

    @Test
    void guardedRegistryWantsItsCertificateAndAPassword() throws Exception {
        try (var registry = RealRegistry.guarded(folder.resolve("registry"));
                var node = Node.open(folder)) {
            var sample = large();
            registry.push(sample, "team/app", "1");
            String name = registry.authority() + "/team/app:1";
            var right = new Credentials.Basic(RealRegistry.USER, RealRegistry.PASSWORD, "");
            Path hosts = folder.resolve("certs.d").resolve(registry.authority());
            Files.createDirectories(hosts);
            Path file = hosts.resolve("hosts.toml");
            String server = "server = \"https://" + registry.authority() + "\"\n";

            Files.writeString(file, server);
            assertThatThrownBy(() -> node.pull(name, right))
                    .isInstanceOf(ImageException.RegistryUnavailable.class)
                    .hasMessageContaining("TLS: ");

            Files.writeString(file, server + "ca = \"" + registry.certificate() + "\"\n");
            assertThatThrownBy(() -> node.pull(name))
                    .isInstanceOf(ImageException.Unauthorized.class)
                    .hasMessageContaining("no credentials were sent for " + registry.authority());
            assertThatThrownBy(() -> node.pull(name, new Credentials.Basic("user", "wr0ng", "")))
                    .isInstanceOf(ImageException.Unauthorized.class)
                    .hasMessageNotContaining("wr0ng");
            assertThat(node.pull(name, right).id()).isEqualTo(sample.id());
            assertThat(registry.log()).contains("HTTP/2.0");

            Files.writeString(file, server + "skip_verify = true\n");
            assertThat(node.pull(name, right).id()).isEqualTo(sample.id());
        }
    }
}
