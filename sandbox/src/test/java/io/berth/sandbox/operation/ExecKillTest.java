package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Pidfd;
import io.berth.linux.ProcessStat;
import io.berth.linux.step.Steps;
import io.berth.shimclient.shim.Shim;
import io.berth.shimclient.shim.ShimException;
import io.berth.shimclient.shim.TaskState;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whom a kill of a command reaches: the process of the pid that the shim has told, or the shim. */
@Timeout(300)
class ExecKillTest {
    private static final String ASKED = "kill[c1, exec-1, 9, false]";
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Linux linux = new LinuxCalls();
    private final List<String> calls = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    private Process process;

    @SuppressWarnings("NullAway.Init")
    private Pidfd held;

    @BeforeEach
    void start() throws IOException {
        process = new ProcessBuilder("setsid", "sleep", "1000").start();
        held = linux.pidfdOpen((int) process.pid());
    }

    @AfterEach
    void end() {
        process.destroyForcibly();
        held.close();
    }

    /** A shim that knows the process as a command in this state. */
    private Shim shim(TaskState.Status status) {
        var state = new TaskState((int) process.pid(), status, 0, Instant.EPOCH);
        return shim(() -> state);
    }

    /** What a shim says when it is asked for a command's state. */
    private interface Known {
        TaskState state();
    }

    private Shim shim(Known known) {
        return (Shim)
                Proxy.newProxyInstance(
                        Shim.class.getClassLoader(),
                        new Class<?>[] {Shim.class},
                        (_, method, arguments) -> {
                            if (method.getName().equals("state")) {
                                return known.state();
                            }
                            calls.add(method.getName() + Arrays.toString(arguments));
                            return null;
                        });
    }

    private void killAsFound(Shim shim, boolean here) throws IOException {
        Steps.run(
                "test.kill",
                "it",
                () -> new ExecKill(linux, here).killAsFound(shim, "c1", "exec-1"));
    }

    private boolean killed() throws IOException {
        return linux.awaitExit(held, SOON);
    }

    private void livesOn() {
        assertThat(ProcessStat.of((int) process.pid()))
                .hasValueSatisfying(stat -> assertThat(stat.state()).isNotIn("T", "Z"));
    }

    @ParameterizedTest
    @EnumSource(names = {"RUNNING", "PAUSED", "PAUSING"})
    void aCommandOfThisHostIsKilledItself(TaskState.Status status) throws IOException {
        killAsFound(shim(status), true);
        assertThat(killed()).isTrue();
        assertThat(calls).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"RUNNING", "PAUSED", "PAUSING", "CREATED", "UNKNOWN"})
    void aCommandInAVirtualMachineIsKilledByItsShim(TaskState.Status status) throws IOException {
        killAsFound(shim(status), false);
        assertThat(calls).containsExactly(ASKED);
        livesOn();
    }

    @ParameterizedTest
    @EnumSource(names = {"CREATED", "UNKNOWN"})
    void aPidThatIsNotKnownToBeTheCommandsIsNotUsed(TaskState.Status status) throws IOException {
        killAsFound(shim(status), true);
        assertThat(calls).containsExactly(ASKED);
        livesOn();
    }

    @Test
    void thePidOfACommandThatHasEndedMeansNobody() throws IOException {
        killAsFound(shim(TaskState.Status.STOPPED), true);
        killAsFound(shim(TaskState.Status.STOPPED), false);
        assertThat(calls).isEmpty();
        livesOn();
    }

    @Test
    void aCommandThatTheShimDoesNotKnowIsGone() throws IOException {
        killAsFound(
                shim(
                        () -> {
                            throw new ShimException.NotFound("exec-1", null);
                        }),
                true);
        assertThat(calls).isEmpty();
        livesOn();
    }
}
