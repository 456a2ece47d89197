package io.berth.sandbox.operation;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Pidfd;
import io.berth.linux.ProcessStat;
import io.berth.linux.step.Steps;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands in sessions of their own, as runtimes start them. */
@Timeout(300)
class DescendantKillTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int SIGKILL = 9;

    private final Linux linux = new LinuxCalls();
    private final List<Pidfd> held = new ArrayList<>();

    /** Starts a command, and reads from it the ids of so many processes that it has made. */
    private List<Pidfd> command(String script, int made) throws IOException {
        var process = new ProcessBuilder("setsid", "sh", "-c", script).start();
        var all = new ArrayList<Pidfd>();
        all.add(hold((int) process.pid()));
        var output = process.inputReader(UTF_8);
        for (int i = 0; i < made; i++) {
            all.add(hold(pid(output)));
        }
        return all;
    }

    private Pidfd hold(int pid) throws IOException {
        var process = linux.pidfdOpen(pid);
        held.add(process);
        return process;
    }

    private static int pid(BufferedReader output) throws IOException {
        return Integer.parseInt(String.valueOf(output.readLine()));
    }

    @AfterEach
    void endAll() throws IOException {
        for (var process : held) {
            try (process) {
                if (!linux.awaitExit(process, Duration.ZERO)) {
                    Steps.run("test.end", "it", () -> linux.pidfdSendSignal(process, SIGKILL));
                }
            }
        }
    }

    private void kill(int command) throws IOException {
        Steps.run("test.kill", "it", () -> new DescendantKill(linux).kill(command));
    }

    private void gone(List<Pidfd> processes) throws IOException {
        for (var process : processes) {
            assertThat(linux.awaitExit(process, SOON)).as("end of %s", process).isTrue();
        }
    }

    private static ProcessStat stat(Pidfd process) {
        return ProcessStat.of(process.pid()).orElseThrow();
    }

    @Test
    void childrenAreKilledAndThoseWhoseParentEndedEarlier() throws IOException {
        var all = command("sh -c 'sleep 1000 & echo $!'; sleep 1000 & echo $!; wait", 2);
        var command = all.getFirst();
        var orphan = stat(all.get(1));
        assertThat(orphan.session()).isEqualTo(command.pid());
        assertThat(orphan.parent()).isNotEqualTo(command.pid());
        assertThat(stat(all.get(2)).parent()).isEqualTo(command.pid());
        kill(command.pid());
        gone(all);
    }

    @Test
    void aSessionThatAChildBeganIsFollowedToo() throws IOException {
        var child = "sh -c \"sleep 1000 & echo \\$!\"; echo $$; sleep 1000";
        var all = command("setsid sh -c '" + child + "' & wait", 2);
        var leader = stat(all.get(2));
        assertThat(leader.session()).isEqualTo(leader.pid());
        assertThat(leader.parent()).isEqualTo(all.getFirst().pid());
        assertThat(stat(all.get(1)).session()).isEqualTo(leader.pid());
        kill(all.getFirst().pid());
        gone(all);
    }

    @Test
    void othersAreLeftAlone() throws IOException {
        var others = command("sleep 1000 & echo $!; wait", 1);
        var all = command("sleep 1000 & echo $!; wait", 1);
        kill(all.getFirst().pid());
        gone(all);
        for (var other : others) {
            assertThat(stat(other).state()).isNotIn("T", "Z");
        }
    }

    @Test
    void oneThatIsGoneIsNoFailure() throws IOException {
        kill(Integer.MAX_VALUE); // above what the kernel gives
        kill(0);
    }
}
