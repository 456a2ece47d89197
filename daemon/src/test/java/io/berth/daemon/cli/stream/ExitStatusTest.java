package io.berth.daemon.cli.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ExitStatusTest {
    private static int code(String status) throws IOException {
        return ExitStatus.code(status.getBytes(UTF_8));
    }

    @Test
    void successIsZero() throws IOException {
        assertThat(code("{\"metadata\":{},\"status\":\"Success\"}")).isZero();
    }

    @Test
    void theCodeIsAmongTheCauses() throws IOException {
        var status =
                """
                {"status":"Failure","reason":"NonZeroExitCode","message":"exit code 137","details":
                {"causes":[{"reason":"Other","message":"1"},{"reason":"ExitCode","message":"137"}]}}
                """;
        assertThat(code(status)).isEqualTo(137);
    }

    @Test
    void aFailureHasTheServersWords() {
        assertThatThrownBy(() -> code("{\"status\":\"Failure\",\"message\":\"no such command\"}"))
                .isInstanceOf(IOException.class)
                .hasMessage("no such command");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "words",
                "[",
                "[]",
                "{}",
                "{\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"9999\"}]}}",
                "{\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"x\"}]}}"
            })
    void whatIsNoStatusIsAFailure(String text) {
        assertThatThrownBy(() -> code(text)).isInstanceOf(IOException.class);
    }
}
