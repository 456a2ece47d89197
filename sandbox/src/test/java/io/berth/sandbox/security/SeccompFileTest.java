package io.berth.sandbox.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.sandbox.SandboxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompFileTest {
    @Test
    void takesWhatTheRuntimeSpecDefinesAndLeavesOutTheRest() {
        var profile =
                parse(
                        """
                        {"defaultAction":"SCMP_ACT_ALLOW","defaultErrnoRet":1,
                         "archMap":[{"architecture":"SCMP_ARCH_X86_64"}],
                         "architectures":["SCMP_ARCH_X86_64"],"flags":["SECCOMP_FILTER_FLAG_LOG"],
                         "syscalls":[{"names":["chmod","fchmodat"],"action":"SCMP_ACT_ERRNO",
                           "errnoRet":2,"comment":"x","includes":{},
                           "args":[{"index":0,"value":18446744073709551615,"valueTwo":0,
                                    "op":"SCMP_CMP_EQ"}]}]}
                        """);
        assertThat(profile.has("archMap")).isFalse();
        assertThat(profile.get("defaultErrnoRet").asInt()).isEqualTo(1);
        var call = profile.at("/syscalls/0");
        assertThat(call.properties().stream().map(java.util.Map.Entry::getKey))
                .containsExactlyInAnyOrder("names", "action", "errnoRet", "args");
        assertThat(call.at("/args/0/value").asText()).isEqualTo("18446744073709551615");
    }

    @Test
    void aProfileOfItsDefaultActionAloneIsEnough() {
        assertThat(parse("{\"defaultAction\":\"SCMP_ACT_LOG\"}").get("syscalls")).isEmpty();
        assertThat(parse("{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":null}")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "not json",
                "[]",
                "{}",
                "{\"defaultAction\":\"kill\"}",
                "{\"defaultAction\":7}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\"} trailing",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"defaultAction\":\"SCMP_ACT_ALLOW\"}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":{}}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[7]}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"a\"]}]}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[1],\"action\":\"SCMP_ACT_LOG\"}]}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"defaultErrnoRet\":-1}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"defaultErrnoRet\":1.5}",
                "{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":\"x\"}"
            })
    void whatIsNoProfileIsRefusedByItsPath(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(SandboxException.InvalidRequest.class)
                .hasMessageStartingWith("seccomp profile /p.json: ");
    }

    @Test
    void nestingWithoutEndIsRefused() {
        var deep = "{\"defaultAction\":\"SCMP_ACT_LOG\",\"x\":" + "[".repeat(1 << 20);
        assertThatThrownBy(() -> parse(deep)).isInstanceOf(SandboxException.InvalidRequest.class);
    }

    private static ObjectNode parse(String text) {
        return SeccompFile.parse(text.getBytes(UTF_8), "/p.json");
    }
}
