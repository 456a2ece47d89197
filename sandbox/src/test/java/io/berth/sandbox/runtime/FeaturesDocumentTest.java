package io.berth.sandbox.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class FeaturesDocumentTest {
    @Test
    void aNewRuncCanDoBoth() throws IOException {
        var features =
                parse(
                        """
                        {"ociVersionMin":"1.0.0","mountOptions":["bind","ro","rro"],
                         "linux":{"namespaces":["mount","user"],
                                  "mountExtensions":{"idmap":{"enabled":true}}}}
                        """);
        assertThat(features).isEqualTo(HandlerFeatures.all());
    }

    @Test
    void runc11HasNoIdMappedMounts() throws IOException {
        var features = parse("{\"mountOptions\":[\"rro\"],\"linux\":{\"namespaces\":[\"user\"]}}");
        assertThat(features.recursiveReadOnly().present()).isTrue();
        assertThat(features.userNamespaces().present()).isFalse();
        assertThat(features.userNamespaces().reason())
                .isEqualTo("/sbin/runc lists no id-mapped mounts; runc 1.2 has them");
    }

    @Test
    void whatIsMissingOrOfAnotherFormIsNotThere() throws IOException {
        for (var document :
                new String[] {
                    "{}",
                    "{\"mountOptions\":\"rro\",\"linux\":7}",
                    "{\"mountOptions\":[[\"rro\"]],\"linux\":{\"namespaces\":{\"user\":true},"
                            + "\"mountExtensions\":{\"idmap\":{\"enabled\":\"no\"}}}}"
                }) {
            var features = parse(document);
            assertThat(features.recursiveReadOnly().present()).isFalse();
            assertThat(features.userNamespaces().present()).isFalse();
        }
    }

    @Test
    void whatIsNoObjectIsRefusedAndNothingTooLargeIsRead() {
        assertThatThrownBy(() -> parse("[]"))
                .hasMessage("/sbin/runc features: found no JSON object");
        assertThatThrownBy(() -> parse("usage: runc")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> parse("")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> parse("{\"a\":".repeat(1000)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("found more than 32 levels");
        var large = new byte[FeaturesDocument.MAX_BYTES + 1];
        assertThatThrownBy(() -> FeaturesDocument.parse("runc", large))
                .hasMessageStartingWith("runc features: found over");
    }

    @Test
    void theKernelHasItsSayToo() {
        assertThat(KernelVersion.parse("6.18.1-amd64").features()).isEqualTo(HandlerFeatures.all());
        var old = HandlerFeatures.all().and(KernelVersion.parse("5.15.0").features());
        assertThat(old.recursiveReadOnly().present()).isTrue();
        assertThat(old.userNamespaces().reason())
                .isEqualTo("the kernel is 5.15, and 5.19 is the first that has it");
        assertThat(KernelVersion.parse("4.19").features().recursiveReadOnly().present()).isFalse();
        assertThatThrownBy(() -> KernelVersion.parse("linux"))
                .hasMessage("kernel release: found 'linux', wanted one such as 6.1.0");
    }

    private static HandlerFeatures parse(String document) throws IOException {
        return FeaturesDocument.parse("/sbin/runc", document.getBytes(UTF_8));
    }
}
