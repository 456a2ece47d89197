package io.berth.daemon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.cri.v1.Container;
import io.berth.cri.v1.ContainerMetadata;
import io.berth.cri.v1.PodSandbox;
import io.berth.cri.v1.PodSandboxMetadata;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a word on the command line means. */
final class TargetsTest {
    private final Targets targets =
            new Targets(
                    List.of(pod("a1", "default", "demo"), pod("a2", "other", "demo")),
                    List.of(
                            container("c1", "a1", "web", 0),
                            container("c2", "a1", "web", 1),
                            container("c3", "a2", "web", 0),
                            container("c4", "a2", "db", 0)));

    private static PodSandbox pod(String id, String namespace, String name) {
        return PodSandbox.newBuilder()
                .setId(id)
                .setMetadata(PodSandboxMetadata.newBuilder().setName(name).setNamespace(namespace))
                .build();
    }

    private static Container container(String id, String pod, String name, int attempt) {
        return Container.newBuilder()
                .setId(id)
                .setPodSandboxId(pod)
                .setMetadata(ContainerMetadata.newBuilder().setName(name).setAttempt(attempt))
                .build();
    }

    @Test
    void idsNamesAndBeginningsAreUnderstood() {
        assertThat(targets.container("c3").id()).isEqualTo("c3");
        assertThat(targets.container("db").id()).isEqualTo("c4");
        assertThat(targets.container("other/demo/web").id()).isEqualTo("c3");
        assertThat(targets.any("other/demo").id()).isEqualTo("a2");
    }

    @Test
    void ofAContainerThatWasStartedAgainTheLastAttemptIsMeant() {
        assertThat(targets.container("default/demo/web").id()).isEqualTo("c2");
    }

    @Test
    void severalAreListed() {
        assertThatThrownBy(() -> targets.container("web"))
                .hasMessage(
                        "container web: found 2, wanted one: container default/demo/web (c2),"
                                + " container other/demo/web (c3)");
        assertThatThrownBy(() -> targets.any("a")).hasMessageContaining("found 2, wanted one: pod");
    }

    @Test
    void noneIsNotFound() {
        assertThatThrownBy(() -> targets.any("nobody"))
                .isInstanceOfSatisfying(
                        CliException.class,
                        e -> assertThat(e.exitCode()).isEqualTo(ExitCode.NOT_FOUND));
        assertThatThrownBy(() -> targets.any("")).isInstanceOf(CliException.class);
    }
}
