package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.ProcessCalls;
import io.berth.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every shim of the runc family does for us, and the scripted one as well. */
@Timeout(120)
abstract class ShimContract {
    static final Duration LONG = Duration.ofSeconds(60);

    @TempDir Path directory;
    ShimRig rig;

    /** A node below a folder, whose shims are tried. */
    abstract ShimRig rig(Path folder, ShimTimeouts timeouts) throws IOException;

    abstract TaskApi version();

    @BeforeEach
    void setUp() throws IOException {
        rig = rig(directory, ShimTimeouts.DEFAULT);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        try {
            rig.assertNothingLeft();
        } finally {
            rig.close();
        }
    }

    @Test
    void taskLivesFromCreateToShutdown() throws IOException {
        rig.bundle("pod", "echo out; exit 7");
        var shim = rig.startShim("pod");
        assertThat(shim.version()).isEqualTo(version());
        assertThat(shim.isAlive()).isTrue();
        assertThat(shim.shimPid()).isEqualTo(rig.shims.pidsOf(rig.bundleOf("pod")).getFirst());
        assertThat(shim.address()).isEqualTo("unix://" + ShimSocket.of(rig.settings, "pod"));

        int pid = rig.create(shim, "pod");
        assertThat(shim.state("pod", "").status()).isEqualTo(TaskState.Status.CREATED);
        assertThat(shim.pids("pod")).containsExactly(pid);
        assertThat(ShimRig.step(() -> shim.start("pod"))).isEqualTo(pid);
        assertThat(shim.waitFor("pod", "").status()).isEqualTo(7);
        assertThat(shim.waitFor("pod", "").status()).as("again, at once").isEqualTo(7);
        assertThat(shim.state("pod", "").status()).isEqualTo(TaskState.Status.STOPPED);
        assertThat(shim.state("pod", "").exitStatus()).isEqualTo(7);
        assertThat(rig.written("pod")).isEqualTo("out\n");

        var deleted = ShimRig.step(() -> shim.delete("pod", ""));
        assertThat(deleted.status()).isEqualTo(7);
        assertThat(deleted.pid()).isEqualTo(pid);
        assertThatThrownBy(() -> shim.state("pod", "")).isInstanceOf(ShimException.NotFound.class);
        // Before the end: a shim that is told to go may go with events that it has not sent yet.
        rig.event(TaskEvent.Deleted.class, e -> true);
        ShimRig.step(shim::shutdown);
        assertThat(shim.isAlive()).isFalse();

        assertThat(rig.event(TaskEvent.Created.class, e -> true).pid()).isEqualTo(pid);
        assertThat(rig.event(TaskEvent.Started.class, e -> true).pid()).isEqualTo(pid);
        var exit = rig.event(TaskEvent.Exit.class, e -> true);
        assertThat(exit.status()).isEqualTo(7);
        assertThat(exit.execId()).isEmpty();
        assertThat(exit.at()).isAfter(java.time.Instant.EPOCH);
        assertThat(rig.heardOf("pod")).noneMatch(TaskEvent.Lost.class::isInstance);
    }

    @Test
    void exitOfAShortProcessIsNeverMissed() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        for (int i = 0; i < 10; i++) {
            var id = "short" + i;
            rig.bundle(id, "exit 3");
            rig.create(shim, id);
            var waiting = ShimRig.async(() -> shim.waitFor(id, ""));
            ShimRig.step(() -> shim.start(id));
            assertThat(waiting.join().status()).isEqualTo(3);
            assertThat(rig.event(TaskEvent.Exit.class, e -> e.containerId().equals(id)).status())
                    .isEqualTo(3);
            ShimRig.step(() -> shim.delete(id, ""));
        }
        rig.end(shim, "pod");
    }

    @Test
    void execsHaveTheirOwnExits() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        int pid = rig.run(shim, "pod");
        ShimRig.step(() -> shim.exec("pod", "e1", rig.exec("exit 5")));
        assertThatThrownBy(() -> ShimRig.step(() -> shim.exec("pod", "e1", rig.exec("exit 6"))))
                .isInstanceOf(ShimException.AlreadyExists.class);
        int execPid = ShimRig.step(() -> shim.startExec("pod", "e1"));
        assertThat(execPid).isPositive().isNotEqualTo(pid);
        assertThat(shim.waitFor("pod", "e1").status()).isEqualTo(5);
        assertThat(ShimRig.step(() -> shim.delete("pod", "e1")).status()).isEqualTo(5);
        var exit = rig.event(TaskEvent.Exit.class, e -> e.execId().equals("e1"));
        assertThat(exit.pid()).isEqualTo(execPid);
        assertThat(exit.status()).isEqualTo(5);

        ShimRig.step(() -> shim.exec("pod", "e2", rig.exec("exec sleep 1000")));
        ShimRig.step(() -> shim.startExec("pod", "e2"));
        assertThat(shim.pids("pod")).hasSize(2);
        ShimRig.step(() -> shim.kill("pod", "e2", ProcessCalls.SIGKILL, false));
        assertThat(shim.waitFor("pod", "e2").status()).isEqualTo(137);
        ShimRig.step(() -> shim.delete("pod", "e2"));
        assertThat(shim.state("pod", "").status()).isEqualTo(TaskState.Status.RUNNING);
        assertThatThrownBy(() -> shim.state("pod", "e2"))
                .isInstanceOf(ShimException.NotFound.class);
        rig.end(shim, "pod");
    }

    @Test
    void refusalsCarryTheRuntimesWords() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        assertThatThrownBy(() -> rig.create(shim, "pod"))
                .isInstanceOf(ShimException.class)
                .hasMessageContaining("shim pod: Create pod");
        var config = rig.bundle("bad", "x").config();
        Files.writeString(
                config, Files.readString(config).replace("/bin/sh", "/bin/no-such-program"));
        assertThatThrownBy(() -> rig.create(shim, "bad"))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("no-such-program");
        assertThatThrownBy(() -> ShimRig.step(() -> shim.kill("none", "", 9, false)))
                .isInstanceOf(ShimException.NotFound.class)
                .hasMessageContaining("shim pod: Kill none");
        assertThatThrownBy(() -> ShimRig.step(() -> shim.delete("none", "")))
                .isInstanceOf(ShimException.NotFound.class);
        rig.end(shim, "pod");
        assertThatThrownBy(() -> shim.state("pod", "")).isInstanceOf(ShimException.ShimLost.class);
        ShimRig.step(shim::shutdown); // gone already: success
    }

    @Test
    void podsContainersShareItsShimAndShutdownWaitsForThem() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        rig.bundle("member", "exec sleep 1000", "{}", "\"io.kubernetes.cri.sandbox-id\": \"pod\"");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        rig.run(shim, "member");
        assertThat(rig.shims.pidsOf(rig.bundleOf("member"))).isEmpty();
        assertThatThrownBy(() -> ShimRig.step(shim::shutdown))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("it has tasks");
        assertThat(shim.state("member", "").status()).isEqualTo(TaskState.Status.RUNNING);
        rig.end(shim, "member", "pod");
    }

    @Test
    void deathOfTheShimIsNoticedAtOnceAndClearedAway() throws Exception {
        rig.bundle("pod", "exec sleep 1000");
        rig.bundle("member", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        rig.run(shim, "member");
        var waiting = ShimRig.async(() -> shim.waitFor("pod", ""));
        shim.pids("pod"); // an answered call: the wait before it was most likely sent
        ShimRig.step(() -> rig.linux.kill(shim.shimPid(), ProcessCalls.SIGKILL));
        assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ShimException.ShimLost.class);
        assertThat(rig.event(TaskEvent.Lost.class, e -> true).shimPid()).isEqualTo(shim.shimPid());
        assertThat(shim.isAlive()).isFalse();
        assertThatThrownBy(() -> rig.shims.adopt(rig.bundleOf("pod"), LONG))
                .isInstanceOf(ShimException.ShimLost.class);
        shim.close();
        for (int round = 0; round < 2; round++) {
            assertThat(ShimRig.step(() -> rig.shims.forceDelete(rig.request("member"))))
                    .isPresent();
            assertThat(ShimRig.step(() -> rig.shims.forceDelete(rig.request("pod")))).isPresent();
        }
    }

    @Test
    void forceDeleteOfWhatWasNeverCreatedIsSuccess() throws IOException {
        rig.bundle("pod", "exit 0");
        ShimRig.step(() -> rig.shims.forceDelete(rig.request("pod")));
        var shim = rig.startShim("pod");
        assertThat(rig.socketExists("pod")).isTrue();
        shim.close();
        ShimRig.step(() -> rig.shims.forceDelete(rig.request("pod"))); // kills the idle shim
        assertThat(ShimRig.step(() -> rig.shims.forceDelete(rig.request("absent")))).isEmpty();
    }

    @Test
    void shimIsAdoptedAfterARestartWithWhatHappenedMeanwhile() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var go = rig.seen("tmp/go");
        rig.bundle("member", "while [ ! -e %s ]; do sleep 0.01; done; exit 9".formatted(go));
        Files.createDirectories(directory.resolve("image/tmp"));
        var before = rig.startShim("pod");
        rig.run(before, "pod");
        rig.run(before, "member");
        var closed = rig.shims;
        var watching = ShimRig.async(() -> before.waitFor("pod", ""));
        closed.close();
        assertThatThrownBy(watching::join).hasCauseInstanceOf(ShimException.GivenUp.class);
        assertThatThrownBy(() -> before.state("pod", "")).isInstanceOf(ShimException.GivenUp.class);
        assertThatThrownBy(() -> closed.adopt(rig.bundleOf("pod"), LONG))
                .isInstanceOf(ShimException.GivenUp.class);
        assertThat(before.isAlive()).isTrue();
        Files.createFile(directory.resolve("image/tmp/go"));
        rig.shims = rig.newShims();
        var shim = rig.shims.adopt(rig.bundleOf("pod"), LONG);
        assertThat(shim.shimPid()).isEqualTo(before.shimPid());
        assertThat(shim.version()).isEqualTo(version());
        assertThat(shim.state("pod", "").status()).isEqualTo(TaskState.Status.RUNNING);
        assertThat(shim.waitFor("member", "").status()).isEqualTo(9);
        assertThat(shim.state("member", "").exitStatus()).isEqualTo(9);
        rig.end(shim, "member", "pod");
    }

    @Test
    void shimIsAdoptedAlthoughItsAnswerWasNeverKept() throws IOException {
        var bundle = rig.bundle("pod", "exec sleep 1000");
        rig.run(rig.startShim("pod"), "pod");
        Files.delete(bundle.bootstrap());
        rig.restart();
        var shim = rig.shims.adopt(bundle.directory(), LONG);
        assertThat(shim.version()).isEqualTo(version());
        rig.end(shim, "pod");
    }

    @Test
    void shimLivesOnWithoutAReaderOfItsLogAndIsHeardAgain() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var before = rig.startShim("pod");
        rig.run(before, "pod");
        floodLog(before);
        rig.shims.close();
        floodLog(before);
        rig.shims = rig.newShims();
        var shim = rig.shims.adopt(rig.bundleOf("pod"), LONG);
        floodLog(before);
        assertThat(shim.state("pod", "").status()).isEqualTo(TaskState.Status.RUNNING);
        rig.end(shim, "pod");
    }

    /** On SIGUSR1 a shim logs the stacks of its goroutines: 8 KiB and more each. */
    private void floodLog(Shim shim) throws IOException {
        for (int i = 0; i < 40; i++) {
            ShimRig.step(() -> rig.linux.kill(shim.shimPid(), 10));
        }
        assertThat(rig.shims.pidsOf(rig.bundleOf("pod"))).containsExactly(shim.shimPid());
    }

    @Test
    void shimWhoseStartWasCutShortIsAdopted() throws IOException {
        var bundle = rig.bundle("pod", "exec sleep 1000");
        ShimRig.step(() -> rig.files.mkfifo(bundle.log(), 0600));
        ShimRig.step(() -> new ShimBinary(new Processes(), rig.settings).start(rig.request("pod")));
        // nobody reads its log, so it waits before it answers; as after a kill of the daemon here
        assertThat(rig.shims.pidsOf(bundle.directory())).hasSize(1);
        var shim = rig.shims.adopt(bundle.directory(), LONG);
        assertThat(shim.version()).isEqualTo(version());
        rig.run(shim, "pod");
        rig.end(shim, "pod");
    }

    @Test
    void eventsKeptInTheBundleAreHeardAtAdoption() throws Exception {
        var bundle = rig.bundle("pod", "exec sleep 1000");
        rig.run(rig.startShim("pod"), "pod");
        rig.shims.close();
        rig.publishOom(bundle.directory(), "kept");
        assertThat(bundle.journal()).isNotEmptyFile();
        rig.shims = rig.newShims();
        rig.shims.adopt(bundle.directory(), LONG).close();
        rig.event(TaskEvent.Oom.class, e -> e.containerId().equals("kept"));
        assertThat(bundle.journal()).isEmptyFile();

        Files.writeString(bundle.journal(), "no journal");
        var shim = rig.shims.adopt(bundle.directory(), LONG); // a bad one only warns
        assertThat(bundle.journal()).hasContent("no journal");
        rig.end(shim, "pod");
    }

    @Test
    void inputAndOutputPassThroughFifos() throws Exception {
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        var in = rig.fifo("in");
        var out = rig.fifo("out");
        var text = ShimRig.async(() -> ShimRig.readAll(out));
        var plain = new TaskIo(in.toString(), out.toString(), out.toString(), false);
        ShimRig.step(() -> shim.exec("pod", "cat", rig.exec("cat; echo end", plain)));
        ShimRig.step(() -> shim.startExec("pod", "cat"));
        Files.writeString(in, "hello\n");
        ShimRig.step(() -> shim.closeIo("pod", "cat"));
        assertThat(shim.waitFor("pod", "cat").status()).isZero();
        ShimRig.step(() -> shim.delete("pod", "cat"));
        assertThat(text.get(60, TimeUnit.SECONDS)).isEqualTo("hello\nend\n");
        rig.end(shim, "pod");
    }

    @Test
    void hungShimTimesOutAndIsKilled() throws IOException {
        rig.close();
        rig = rig(directory.resolve("hasty"), hasty());
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        rig.halt(shim.shimPid());
        assertThatThrownBy(() -> shim.state("pod", "")).isInstanceOf(ShimException.TimedOut.class);
        assertThat(shim.isAlive()).isTrue();
        shim.close();
        assertThatThrownBy(() -> rig.shims.adopt(rig.bundleOf("pod"), Duration.ofMillis(300)))
                .isInstanceOf(ShimException.TimedOut.class);
        ShimRig.step(() -> rig.shims.forceDelete(rig.request("pod")));
    }

    private static ShimTimeouts hasty() {
        var timeouts = ShimTimeouts.DEFAULT;
        return new ShimTimeouts(
                timeouts.start(),
                timeouts.connect(),
                timeouts.create(),
                timeouts.run(),
                Duration.ofSeconds(2),
                timeouts.delete(),
                timeouts.shutdown(),
                timeouts.forceDelete());
    }
}
