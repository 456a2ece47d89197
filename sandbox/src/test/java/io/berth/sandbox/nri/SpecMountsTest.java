package io.berth.sandbox.nri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.MountInfo;
import io.berth.nri.v1.Mount;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Mounts of plugins are in order, and are passed on only where the host passes them on. */
class SpecMountsTest {
    private static final String MOUNTS =
            """
            20 1 8:1 / / rw - ext4 /dev/a rw
            21 20 8:2 / /y rw shared:1 - ext4 /dev/b rw
            22 20 8:3 / /z rw master:1 - ext4 /dev/c rw
            """;

    /** A host on which one mount is shared and one a slave. */
    static SpecMounts.Sources sources() {
        return path -> MountSource.at(Path.of(path), MountInfo.parse(MOUNTS));
    }

    private static Mount mount(String destination, String source, String... options) {
        return Mount.newBuilder()
                .setDestination(destination)
                .setType("bind")
                .setSource(source)
                .addAllOptions(List.of(options))
                .build();
    }

    private static ObjectNode with(Mount... mounts) {
        var spec = JsonNodeFactory.instance.objectNode();
        new SpecMounts(spec, sources()).apply(List.of(mounts));
        return spec;
    }

    @Test
    void whatTheHostPassesOnIsPassedOn() {
        assertThat(with(mount("/in", "/y/a", "rshared")).at("/linux/rootfsPropagation").asText())
                .isEqualTo("rshared");
        assertThat(with(mount("/in", "/z", "rslave")).at("/linux/rootfsPropagation").asText())
                .isEqualTo("rslave");
        assertThat(with(mount("/in", "/x", "rprivate")).at("/linux").has("rootfsPropagation"))
                .isFalse();
    }

    @Test
    void whatItKeepsToItselfIsRefusedWithTheMountItLiesOn() {
        assertThatThrownBy(() -> with(mount("/in", "/z", "rshared")))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("/in")
                .hasMessageContaining("the mount at /z; wanted a shared mount there");
        assertThatThrownBy(() -> with(mount("/in", "/x", "rslave")))
                .hasMessageContaining("the mount at /; wanted a shared mount or a slave there");
        var spec = JsonNodeFactory.instance.objectNode();
        SpecMounts.Sources gone =
                path -> {
                    throw new IOException(path + " is gone");
                };
        assertThatThrownBy(
                        () ->
                                new SpecMounts(spec, gone)
                                        .apply(List.of(mount("/in", "/y", "rshared"))))
                .hasMessageContaining("/y is gone");
    }

    @Test
    void mountsStandByDepthAndThenByName() {
        var spec = with(mount("/b/c", "/y"), mount("/b", "/y"), mount("/a", "/y"));
        assertThat(spec.at("/mounts").findValuesAsText("destination"))
                .containsExactly("/a", "/b", "/b/c");
    }
}
