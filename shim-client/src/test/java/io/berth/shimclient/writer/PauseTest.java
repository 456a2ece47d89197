package io.berth.shimclient.writer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The process that holds a pod's namespaces. */
class PauseTest {
    private static final String PROGRAM = WriterFixture.PROGRAM.path().toString();

    @Test
    void tellsItsVersion() throws Exception {
        Process process = new ProcessBuilder(PROGRAM, "pause", "--version").start();
        assertThat(process.inputReader().readLine()).matches("berth-native \\d.*");
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void refusesOtherArguments() throws Exception {
        Process process = new ProcessBuilder(PROGRAM, "pause", "now").start();
        assertThat(process.errorReader().readLine())
                .isEqualTo("berth-native: pause: now: wanted no argument or --version");
        assertThat(process.waitFor()).isEqualTo(2);
    }

    @Test
    void endsWellOnTermAndInterrupt() throws Exception {
        for (String signal : List.of("TERM", "INT")) {
            Process process = new ProcessBuilder(PROGRAM, "pause").start();
            try {
                WriterFixture.eventually("ready", () -> waits(process.pid()));
                send(signal, process.pid());
                assertThat(process.waitFor(20, TimeUnit.SECONDS)).as(signal).isTrue();
                assertThat(process.exitValue()).as(signal).isZero();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    @Tag("root")
    void asFirstProcessOfAPodReapsOrphansAndHeedsTerm() throws Exception {
        Process unshare =
                new ProcessBuilder("unshare", "--pid", "--fork", "--kill-child", PROGRAM, "pause")
                        .start();
        try {
            WriterFixture.eventually(
                    "pause", () -> unshare.children().anyMatch(c -> waits(c.pid())));
            long pause = unshare.children().findFirst().orElseThrow().pid();
            // The shell ends first, so that the sleep's parent becomes pause.
            Process orphans =
                    new ProcessBuilder(
                                    "nsenter",
                                    "-t",
                                    Long.toString(pause),
                                    "-p",
                                    "sh",
                                    "-c",
                                    "for i in 1 2 3 4 5; do sleep 0.2 & done; exit 0")
                            .start();
            assertThat(orphans.waitFor(20, TimeUnit.SECONDS)).isTrue();
            WriterFixture.eventually("adoption", () -> !children(pause).isEmpty());
            WriterFixture.eventually("reaping", () -> children(pause).isEmpty());
            send("TERM", pause);
            assertThat(unshare.waitFor(20, TimeUnit.SECONDS)).isTrue();
            assertThat(unshare.exitValue()).isZero();
        } finally {
            unshare.destroyForcibly();
        }
    }

    private static void send(String signal, long pid) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor())
                .isZero();
    }

    /** Pause sleeps only where it waits for signals. */
    private static boolean waits(long pid) {
        return read(pid, "stat").contains("(berth-native) S ");
    }

    private static String children(long pid) {
        return read(pid, "task/" + pid + "/children").strip();
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid)).resolve(file));
        } catch (IOException gone) {
            return "";
        }
    }
}
