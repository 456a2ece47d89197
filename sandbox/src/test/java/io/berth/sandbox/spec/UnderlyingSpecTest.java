package io.berth.sandbox.spec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class UnderlyingSpecTest {
    private static final byte[] OURS =
            """
            {"process": {"args": ["sh"], "user": {"uid": 1}},
             "mounts": [{"destination": "/proc", "type": "proc"}],
             "annotations": {"io.kubernetes.cri.container-type": "container"}}
            """
                    .getBytes(UTF_8);
    private static final String BASE =
            """
            {"hooks": {"prestart": [{"path": "/bin/hook"}]},
             "process": {"args": ["ignored"], "rlimits": [{"type": "RLIMIT_NOFILE"}]},
             "mounts": [{"destination": "/proc", "type": "bind"},
                        {"destination": "/data", "type": "tmpfs"}],
             "annotations": {"base": "1"}}
            """;

    @Test
    void whatOursDoesNotSayIsTheBases() {
        var spec = OciJson.parse(UnderlyingSpec.parse(BASE.getBytes(UTF_8)).under(OURS, Map.of()));
        assertThat(spec.at("/hooks/prestart/0/path").asText()).isEqualTo("/bin/hook");
        assertThat(spec.at("/process/rlimits")).hasSize(1);
        assertThat(spec.at("/process/args")).hasSize(1);
        assertThat(spec.at("/process/args/0").asText()).isEqualTo("sh");
        assertThat(spec.at("/mounts").findValuesAsText("type")).containsExactly("tmpfs", "proc");
        assertThat(spec.at("/annotations/base").asText()).isEqualTo("1");
    }

    @Test
    void annotationsThatArePassedYieldToBerthsOwn() {
        var passed = Map.of("io.kubernetes.cri.container-type", "sandbox", "run.oci.x", "y");
        var spec = OciJson.parse(UnderlyingSpec.none().under(OURS, passed));
        assertThat(spec.path("annotations").path("io.kubernetes.cri.container-type").asText())
                .isEqualTo("container");
        assertThat(spec.path("annotations").path("run.oci.x").asText()).isEqualTo("y");
    }

    @Test
    void withoutEitherTheBytesAreTheSame() {
        assertThat(UnderlyingSpec.none().under(OURS, Map.of())).isSameAs(OURS);
    }

    @Test
    void aBaseThatIsNoObjectIsRefused() {
        for (var wrong : new String[] {"[]", "{\n\"a\": ", "", "7"}) {
            assertThatThrownBy(() -> UnderlyingSpec.parse(wrong.getBytes(UTF_8)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
