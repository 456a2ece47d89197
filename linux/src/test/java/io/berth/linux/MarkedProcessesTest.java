package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MarkedProcessesTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final String value = UUID.randomUUID().toString();
    private final MarkedProcesses marked = new MarkedProcesses("BERTH_TEST_MARK", value);

    private Process start(String mark, String script) throws IOException {
        var builder = new ProcessBuilder("/bin/sh", "-c", script);
        builder.environment().put("BERTH_TEST_MARK", mark);
        return builder.start();
    }

    private MarkedProcesses.Ended end(Duration grace) throws IOException {
        return Steps.run("test.end", "test", () -> marked.end(grace, LONG));
    }

    @Test
    void noneIsNoWait() throws IOException {
        assertThat(end(LONG)).isEqualTo(new MarkedProcesses.Ended(0, List.of()));
    }

    @Test
    void oneThatEndsByItselfIsNotKilled() throws Exception {
        var process = start(value, "read line; exit 7");
        var stdin = process.getOutputStream();
        Thread.startVirtualThread(
                () -> {
                    try {
                        stdin.close();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        assertThat(end(LONG).killed()).isEmpty();
        assertThat(process.waitFor()).isEqualTo(7);
    }

    @Test
    void oneThatGoesOnIsKilledWithItsChildrenAndNobodyElse() throws Exception {
        var process = start(value, "trap '' TERM; sleep 600 & sleep 600");
        var other = start(value + "x", "exec sleep 600");
        try {
            var ended = end(SHORT);
            assertThat(ended.count()).isPositive();
            assertThat(ended.killed()).anyMatch(it -> it.contains("(pid " + process.pid() + ")"));
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(end(SHORT).count()).isZero();
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void killingNeedsAStep() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> marked.end(SHORT, LONG))
                .withMessageContaining("BERTH_TEST_MARK");
    }

    @Test
    void anEmptyValueIsNobodysMark() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MarkedProcesses("BERTH_TEST_MARK", ""))
                .withMessageContaining("BERTH_TEST_MARK=");
    }
}
