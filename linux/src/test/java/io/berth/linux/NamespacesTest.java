package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.berth.linux.step.StepAction;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
@ExtendWith(NothingLeft.class)
class NamespacesTest {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");
    private final Linux linux = new LinuxCalls();
    private final Namespaces namespaces = new Namespaces(linux);

    @TempDir(factory = PrefixedDirectory.class)
    Path directory;

    private static void step(StepAction body) throws IOException {
        Steps.run("test.netns", "test", body);
    }

    private String ownNetns() throws LinuxException {
        return linux.readlinkat(LinuxFd.AT_FDCWD, OWN.toString());
    }

    @Test
    void namespaceIsPinnedEnteredAndRemoved() throws IOException {
        Path pin = directory.resolve("pod");
        String host = ownNetns();
        step(() -> namespaces.createNetns(pin));
        assertThat(namespaces.isPinned(pin)).isTrue();
        String inside = namespaces.callInNetns(pin, this::ownNetns);
        assertThat(inside).startsWith("net:[").isNotEqualTo(host);
        assertThat(namespaces.callInNetns(pin, this::ownNetns)).isEqualTo(inside);
        assertThat(namespaces.callInNetns(pin, this::interfaces))
                .contains("lo:")
                .doesNotContain("eth0");
        assertThat(ownNetns()).isEqualTo(host);
        step(() -> namespaces.removeNetns(pin));
        assertThat(pin).doesNotExist();
        assertThat(namespaces.isPinned(pin)).isFalse();
        step(() -> namespaces.removeNetns(pin));
    }

    @Test
    void aHostNameIsSetInItsNamespaceAlone() throws Exception {
        var host = Files.readString(Path.of("/proc/sys/kernel/hostname"));
        var process = new ProcessBuilder("unshare", "--uts", "cat").start();
        try {
            var uts = Path.of("/proc", Long.toString(process.pid()), "ns", "uts");
            var own = Files.readSymbolicLink(Path.of("/proc/self/ns/uts"));
            process.outputWriter(UTF_8).append("in\n").flush();
            assertThat(process.inputReader(UTF_8).readLine()).isEqualTo("in");
            assertThat(Files.readSymbolicLink(uts)).isNotEqualTo(own);
            step(() -> namespaces.setHostname(uts, "berth-test"));
            var inside =
                    new ProcessBuilder(
                                    "nsenter", "--uts=" + uts, "cat", "/proc/sys/kernel/hostname")
                            .start();
            assertThat(inside.inputReader(UTF_8).readLine()).isEqualTo("berth-test");
            assertThat(inside.waitFor()).isZero();
            assertThat(Files.readString(Path.of("/proc/sys/kernel/hostname"))).isEqualTo(host);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private String interfaces() throws IOException {
        var text = ByteBuffer.allocate(65536);
        try (var file = linux.open(Path.of("/proc/thread-self/net/dev"), Flags.O_RDONLY, 0)) {
            while (linux.read(file, text) > 0) {
                // to the end
            }
        }
        return UTF_8.decode(text.flip()).toString();
    }

    @Test
    void failuresInsideComeOutAndThreadsReturn() throws IOException {
        Path pin = directory.resolve("pod");
        step(() -> namespaces.createNetns(pin));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(
                        () ->
                                namespaces.callInNetns(
                                        pin, () -> linux.lstat(directory.resolve("none"))))
                .matches(failed -> failed.errno() == Errno.ENOENT);
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> step(() -> namespaces.createNetns(pin)))
                .matches(failed -> failed.errno() == Errno.EEXIST);
        step(() -> namespaces.removeNetns(pin));
    }

    @Test
    void fileThatIsNoNamespaceIsRefused() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatExceptionOfType(LinuxException.class)
                .isThrownBy(() -> namespaces.callInNetns(file, this::ownNetns))
                .matches(failed -> failed.call().equals("setns"));
        step(() -> namespaces.removeNetns(file));
        assertThat(file).doesNotExist();
    }

    @Test
    void namespacePinnedOverItselfIsRemovedWhole() throws IOException {
        Path pin = directory.resolve("pod");
        step(() -> namespaces.createNetns(pin));
        step(() -> linux.mount("/proc/self/ns/net", pin, "", Set.of(MountFlag.BIND), ""));
        step(() -> namespaces.removeNetns(pin));
        assertThat(pin).doesNotExist();
    }

    /** Visits from many virtual threads at once, while others look at where they run. */
    @Test
    void noVirtualThreadEverRunsInsideANamespace() throws Exception {
        String host = ownNetns();
        var elsewhere = ConcurrentHashMap.<String>newKeySet();
        Callable<Boolean> look =
                () -> {
                    for (int i = 0; i < 50; i++) {
                        String here = ownNetns();
                        if (!here.equals(host)) {
                            elsewhere.add(here);
                        }
                        LockSupport.parkNanos(50_000); // on to another carrier, perhaps
                    }
                    return true;
                };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<Boolean>>();
            for (int i = 0; i < 60; i++) {
                Path pin = directory.resolve("pod-" + i);
                all.add(
                        threads.submit(
                                () -> {
                                    step(() -> namespaces.createNetns(pin));
                                    look.call();
                                    String inside = namespaces.callInNetns(pin, this::ownNetns);
                                    assertThat(inside).isNotEqualTo(host);
                                    look.call();
                                    step(() -> namespaces.removeNetns(pin));
                                    return true;
                                }));
                all.add(threads.submit(look));
            }
            for (Future<Boolean> each : all) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(elsewhere).isEmpty();
        assertThat(threadNamespaces()).containsExactly(host);
    }

    private static Set<String> threadNamespaces() throws IOException {
        var found = ConcurrentHashMap.<String>newKeySet();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                try {
                    found.add(Files.readSymbolicLink(task.resolve("ns/net")).toString());
                } catch (NoSuchFileException ended) {
                    // a thread that has ended since
                }
            }
        }
        return found;
    }

    /** Fails when the thread wakes its caller before it has returned. */
    @Test
    void carrierMadeAtTheEndOfAVisitIsInTheHostsNamespace() throws IOException {
        Path pin = directory.resolve("pod");
        step(() -> namespaces.createNetns(pin));
        var ended = JavaProgram.run(CarrierProbe.class, pin, directory);
        step(() -> namespaces.removeNetns(pin));
        assertThat(ended.stderrText()).isEmpty();
        assertThat(ended.stdoutText()).isEqualTo("namespaces: 1");
    }

    /** In a process of its own, as it must end at once. */
    @Test
    void processEndsWhenAThreadCannotReturn() throws IOException {
        Path pin = directory.resolve("pod");
        step(() -> namespaces.createNetns(pin));
        var ended = JavaProgram.run(LostInNamespace.class, pin, directory);
        step(() -> namespaces.removeNetns(pin));
        assertThat(ended.exitCode()).isEqualTo(Namespaces.LOST);
        assertThat(ended.stdoutText()).isEqualTo("entered").doesNotContain("published");
        assertThat(ended.stderrText()).contains("cannot leave a namespace");
    }
}
