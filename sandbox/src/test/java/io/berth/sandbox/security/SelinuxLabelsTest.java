package io.berth.sandbox.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.SELinuxOption;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the files of a node with SELinux and the container policy. */
class SelinuxLabelsTest {
    private static final SELinuxOption NOTHING = SELinuxOption.getDefaultInstance();
    private static final String LEVEL = "s0:c\\d+,c\\d+";
    private final Set<String> used = new HashSet<>();
    @TempDir Path root;

    @Test
    void aPodHasThePolicysLabelsAndALevelOfItsOwn() throws IOException {
        var labels = kernel(true);
        var one = labels.ofPod("one", NOTHING).orElseThrow();
        var two = labels.ofPod("two", NOTHING).orElseThrow();
        assertThat(one.process()).matches("system_u:system_r:container_t:" + LEVEL);
        assertThat(one.mount()).matches("system_u:object_r:container_file_t:" + LEVEL);
        assertThat(level(one)).isNotEqualTo(level(two));
        assertThat(one.mount()).endsWith(level(one));
    }

    @Test
    void aLevelInUseIsNotGivenAgain() throws IOException {
        var first = level(kernel(true).ofPod("one", NOTHING).orElseThrow());
        used.add(first);
        var after = level(kernel(true).ofPod("one", NOTHING).orElseThrow());
        assertThat(after).isNotEqualTo(first);
        used.clear();
        assertThat(level(kernel(true).ofPod("one", NOTHING).orElseThrow())).isEqualTo(first);
    }

    @Test
    void optionsReplaceTheirParts() throws IOException {
        var asked =
                SELinuxOption.newBuilder()
                        .setUser("user_u")
                        .setRole("role_r")
                        .setType("spc_t")
                        .setLevel("s0:c4,c5")
                        .build();
        var pair = kernel(true).ofPod("one", asked).orElseThrow();
        assertThat(pair.process()).isEqualTo("user_u:role_r:spc_t:s0:c4,c5");
        assertThat(pair.mount()).isEqualTo("user_u:object_r:container_file_t:s0:c4,c5");
    }

    @Test
    void aContainerSharesItsPodsLabelUnlessItAsksForAnother() throws IOException {
        var labels = kernel(true);
        var pod = "system_u:system_r:container_t:s0:c1,c2";
        assertThat(labels.ofContainer(NOTHING, pod, false).orElseThrow())
                .isEqualTo(
                        new SelinuxLabels.Pair(pod, "system_u:object_r:container_file_t:s0:c1,c2"));
        assertThat(labels.ofContainer(NOTHING, pod, true).orElseThrow().process()).isEmpty();
        var asked = SELinuxOption.newBuilder().setType("other_t").build();
        assertThat(labels.ofContainer(asked, pod, false).orElseThrow().process())
                .isEqualTo("system_u:system_r:other_t:s0:c1,c2");
        assertThat(labels.ofContainer(NOTHING, "", false)).isEmpty();
    }

    @Test
    void whereLabelsAreOffNothingIsLabelledButTheFormIsHeld() throws IOException {
        var off = kernel(false);
        var fine = SELinuxOption.newBuilder().setType("container_t").setLevel("s0:c4,c5").build();
        assertThat(off.ofPod("one", fine)).isEmpty();
        assertThat(off.ofContainer(fine, "", false)).isEmpty();
        var absent = SelinuxLabels.detect(root.resolve("none"), true, 1024, () -> used);
        assertThat(absent.enabled()).isFalse();
        var bad = SELinuxOption.newBuilder().setLevel("s0,c4,c5").build();
        assertThatThrownBy(() -> off.ofContainer(bad, "", false))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("selinux_options.level: found 's0,c4,c5'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a\"b", "a b", "a\n"})
    void aPartThatWouldBreakTheLabelIsRefused(String type) throws IOException {
        var asked = SELinuxOption.newBuilder().setType(type).build();
        var labels = kernel(true);
        assertThatThrownBy(() -> labels.ofPod("one", asked))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageContaining("selinux_options.type: found '" + type + "'");
    }

    @Test
    void aPolicyWithoutLabelsIsNamed() throws IOException {
        var labels = kernel(true);
        Files.delete(root.resolve("etc/selinux/mine/contexts/lxc_contexts"));
        assertThatThrownBy(() -> labels.ofPod("one", NOTHING))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("found no label 'process' in " + root);
    }

    @Test
    void everyPairIsGivenOnceAndThenNoMore() {
        var given = new HashSet<String>();
        for (int i = 0; i < 6; i++) {
            assertThat(given.add(McsLevels.free("pod", 4, given))).isTrue();
        }
        assertThat(given)
                .containsExactlyInAnyOrder(
                        "s0:c0,c1", "s0:c0,c2", "s0:c1,c2", "s0:c0,c3", "s0:c1,c3", "s0:c2,c3");
        assertThatThrownBy(() -> McsLevels.free("pod", 4, given))
                .isInstanceOf(SandboxException.Failed.class)
                .hasMessageContaining("all 6 SELinux levels are in use");
    }

    private static String level(SelinuxLabels.Pair pair) {
        return SelinuxLabel.parse(pair.process()).orElseThrow().level();
    }

    private SelinuxLabels kernel(boolean wanted) throws IOException {
        Files.createDirectories(root.resolve("sys/fs/selinux"));
        Files.writeString(root.resolve("sys/fs/selinux/enforce"), "1");
        Files.createDirectories(root.resolve("etc/selinux/mine/contexts"));
        Files.writeString(
                root.resolve("etc/selinux/config"),
                "# a comment\nSELINUX=enforcing\nSELINUXTYPE=mine\n");
        Files.writeString(
                root.resolve("etc/selinux/mine/contexts/lxc_contexts"),
                """
                process = "system_u:system_r:container_t:s0"
                content = "system_u:object_r:virt_var_lib_t:s0"
                file = "system_u:object_r:container_file_t:s0"
                """);
        return SelinuxLabels.detect(root, wanted, 1024, () -> Set.copyOf(used));
    }
}
