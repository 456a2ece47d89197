package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxCalls;
import io.berth.linux.MountInfo;
import io.berth.linux.Processes;
import io.berth.linux.step.StepAction;
import io.berth.linux.step.StepBody;
import io.berth.linux.step.Steps;
import io.berth.shim.events.TaskOOM;
import io.berth.shimclient.bundle.Bundle;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** A node in a temporary folder: bundles, a rootfs of busybox, a cgroup, and the shims on it. */
final class ShimRig implements Closeable {
    private static final String RUNC = "/usr/sbin/runc";
    private static final Path BUSYBOX = Path.of("/bin/busybox");

    final Linux linux = new LinuxCalls();
    final HostFiles files = new HostFiles(linux);
    final Cgroups cgroups;
    final LinkedBlockingQueue<TaskEvent> events = new LinkedBlockingQueue<>();
    final ShimSettings settings;
    final Path directory;
    private final Path root;
    private final Path shimBinary;
    private final CgroupPath cgroup;
    private final List<String> ids = new ArrayList<>();
    private final List<TaskEvent> heard = new ArrayList<>();
    Shims shims;

    /** A node whose shims are real ones. */
    ShimRig(Path directory, Path shimBinary, ShimTimeouts timeouts) throws IOException {
        this(directory, shimBinary, timeouts, ShimSocket.DIRECTORY, Path.of("/"));
    }

    /**
     * A node.
     *
     * @param socketFolder where the shims listen
     * @param root where containers find the files of their image
     */
    ShimRig(Path directory, Path shimBinary, ShimTimeouts timeouts, Path socketFolder, Path root)
            throws IOException {
        this.directory = directory;
        this.root = root;
        this.shimBinary = shimBinary;
        this.cgroups = Cgroups.detect(linux);
        this.cgroup = new CgroupPath("/berth-shimtest-" + ProcessHandle.current().pid());
        this.settings =
                new ShimSettings(
                        "k8s.io",
                        directory.resolve("berth.sock"),
                        directory.resolve("berth.sock.ttrpc"),
                        Path.of("/bin/true"),
                        timeouts,
                        socketFolder);
        rootfs();
        shims = newShims();
    }

    /** As a daemon that starts again. */
    Shims newShims() throws IOException {
        var made = new Shims(settings, new Processes(), linux, files);
        made.onEvent(events::add);
        made.listen();
        return made;
    }

    void restart() throws IOException {
        shims.close();
        shims = newShims();
    }

    private void rootfs() throws IOException {
        assertThat(BUSYBOX).as("busybox-static is wanted; test-e2e/run installs it").exists();
        var bin = Files.createDirectories(directory.resolve("image/bin"));
        Files.createDirectories(directory.resolve("image/proc"));
        Files.createDirectories(directory.resolve("image/dev"));
        Files.copy(BUSYBOX, bin.resolve("busybox"));
        for (var applet : List.of("sh", "sleep", "true", "cat", "tty", "stty")) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
    }

    Path bundleOf(String id) {
        return directory.resolve("bundles").resolve(id);
    }

    /** The path by which a container sees a file of its image. */
    String seen(String file) {
        return root.resolve(file).toString();
    }

    Path fifo(String name) throws IOException {
        var path = directory.resolve(name);
        step(() -> files.mkfifo(path, 0600));
        return path;
    }

    /** Runs on a thread of its own: the common pool has but one on a small machine. */
    static <T> CompletableFuture<T> async(Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                work, task -> Thread.ofVirtual().name("test-async").start(task));
    }

    static String readAll(Path fifo) {
        try {
            return Files.readString(fifo);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A bundle whose process runs a shell script. */
    Bundle bundle(String id, String script) throws IOException {
        return bundle(id, script, "{}", "");
    }

    Bundle bundle(String id, String script, String resources, String annotations)
            throws IOException {
        ids.add(id);
        var config =
                """
                {"ociVersion": "1.0.2",
                 "process": %s,
                 "root": {"path": "rootfs"},
                 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
                            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs"},
                            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                             "options": ["newinstance", "ptmxmode=0666", "mode=0620"]}],
                 "annotations": {%s},
                 "linux": {"cgroupsPath": "%s", "resources": %s,
                   "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "ipc"},
                                  {"type": "uts"}, {"type": "network"}]}}
                """
                        .formatted(
                                process(script), annotations, cgroup.child(id).value(), resources);
        return step(() -> Bundle.create(bundleOf(id), config.getBytes(UTF_8), files));
    }

    static String process(String script) {
        return """
        {"user": {"uid": 0, "gid": 0}, "cwd": "/", "env": ["PATH=/bin"],
         "args": ["/bin/sh", "-c", "%s"]}"""
                .formatted(script.replace("\\", "\\\\").replace("\"", "\\\""));
    }

    ShimRequest request(String id) {
        return new ShimRequest(id, bundleOf(id), shimBinary, Any.getDefaultInstance(), Map.of());
    }

    Shim startShim(String id) throws IOException {
        return step(() -> shims.start(request(id)));
    }

    TaskRequest task(String id, TaskIo io) {
        return new TaskRequest(
                id,
                bundleOf(id),
                List.of(
                        new RootfsMount(
                                "bind", directory.resolve("image").toString(), List.of("rbind"))),
                io,
                new RuncOptions(RUNC, directory.resolve("runc").toString(), false).toAny());
    }

    TaskIo output(String id) {
        var file = "file://" + directory.resolve(id + ".out");
        return new TaskIo("", file, file, false);
    }

    String written(String id) throws IOException {
        return Files.readString(directory.resolve(id + ".out"));
    }

    int create(Shim shim, String id) throws IOException {
        return step(() -> shim.create(task(id, output(id))));
    }

    int run(Shim shim, String id) throws IOException {
        create(shim, id);
        return step(() -> shim.start(id));
    }

    ExecRequest exec(String script) {
        return exec(script, TaskIo.NONE);
    }

    ExecRequest exec(String script, TaskIo io) {
        var json = process(script).replaceFirst("\\{", "{\"terminal\": " + io.terminal() + ",");
        return new ExecRequest(ByteString.copyFromUtf8(json), io);
    }

    /** As a shim without TTRPC events tells one: by the publisher, in its bundle. */
    void publishOom(Path bundle, String containerId) throws Exception {
        var oom = TaskOOM.newBuilder().setContainerId(containerId).build();
        var event =
                Any.newBuilder()
                        .setTypeUrl("containerd.events.TaskOOM")
                        .setValue(oom.toByteString())
                        .build();
        var done =
                step(
                        () ->
                                new Processes()
                                        .run(
                                                new Processes.Launch(
                                                        List.of(
                                                                System.getProperty("berth.native"),
                                                                "--address",
                                                                settings.grpcSocket().toString(),
                                                                "publish",
                                                                "--topic",
                                                                "/tasks/oom",
                                                                "--namespace",
                                                                settings.namespace()),
                                                        bundle,
                                                        Map.of(),
                                                        event.toByteArray(),
                                                        Duration.ofSeconds(10),
                                                        4096)));
        assertThat(done.exitCode()).as(done.stderrText()).isZero();
    }

    void endTask(Shim shim, String id) throws IOException {
        step(
                () -> {
                    try {
                        shim.kill(id, "", 9, true);
                    } catch (ShimException.NotFound ended) {
                        assertThat(ended).hasMessageContaining(id);
                    }
                });
        shim.waitFor(id, "");
        step(() -> shim.delete(id, ""));
    }

    /** Stops a pod as a daemon would, and removes its bundle. */
    void end(Shim shim, String... tasks) throws IOException {
        for (var id : tasks) {
            endTask(shim, id);
        }
        step(shim::shutdown);
    }

    /** Stops a process as SIGSTOP does, which takes a moment until it has reached each thread. */
    void halt(int pid) throws IOException {
        step(() -> linux.kill(pid, 19));
        var threads = Path.of("/proc", Integer.toString(pid), "task");
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!halted(threads)) {
            assertThat(System.nanoTime()).as("time to halt " + pid).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static boolean halted(Path threads) throws IOException {
        try (var each = Files.newDirectoryStream(threads)) {
            for (var thread : each) {
                var stat = Files.readString(thread.resolve("stat"));
                if (!stat.startsWith(") T", stat.lastIndexOf(')'))) {
                    return false;
                }
            }
        }
        return true;
    }

    static <T> T step(StepBody<T> body) throws IOException {
        return Steps.run("test.step", "test", body);
    }

    static void step(StepAction body) throws IOException {
        Steps.run("test.step", "test", body);
    }

    /** The first event, heard already or within a minute, that fits. */
    <E extends TaskEvent> E event(Class<E> type, Predicate<E> fits) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        for (int at = 0; ; at++) {
            while (at >= heard.size()) {
                heard.add(next(deadline, type));
            }
            var event = heard.get(at);
            if (type.isInstance(event) && fits.test(type.cast(event))) {
                return type.cast(event);
            }
        }
    }

    private TaskEvent next(long deadline, Class<?> wanted) {
        try {
            var event = events.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(event).as("a %s among %s", wanted.getSimpleName(), heard).isNotNull();
            return event;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    List<TaskEvent> heardOf(String containerId) {
        events.drainTo(heard);
        return heard.stream().filter(e -> e.containerId().equals(containerId)).toList();
    }

    boolean socketExists(String id) {
        return Files.exists(ShimSocket.of(settings, id));
    }

    /** Removes the bundles, then asserts that the host is as it was. */
    void assertNothingLeft() throws IOException {
        for (var id : ids) {
            assertThat(shims.pidsOf(bundleOf(id))).as("shims of " + id).isEmpty();
            assertThat(socketExists(id)).as("socket of " + id).isFalse();
            assertThat(cgroups.exists(cgroup.child(id))).as("cgroup of " + id).isFalse();
            step(() -> new Bundle(bundleOf(id)).remove(files));
        }
        assertThat(MountInfo.read())
                .noneMatch(mount -> mount.toString().contains(directory.toString()));
        assertThat(processesNaming(directory.toString())).isEmpty();
        var state = directory.resolve("runc/k8s.io");
        if (Files.exists(state)) {
            try (var left = Files.list(state)) {
                assertThat(left).isEmpty();
            }
        }
    }

    private static List<String> processesNaming(String text) throws IOException {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            var found = new ArrayList<String>();
            for (var process : processes) {
                var line = commandLine(process);
                if (line.contains(text) && !line.contains("java")) {
                    found.add(process.getFileName() + ": " + line.replace('\0', ' '));
                }
            }
            return found;
        }
    }

    private static String commandLine(Path process) {
        try {
            return Files.readString(process.resolve("cmdline"));
        } catch (IOException | UncheckedIOException vanished) {
            return "";
        }
    }

    /** Clears away whatever a failed test left, so that it fails alone. */
    @Override
    public void close() throws IOException {
        for (var id : ids) {
            if (Files.exists(bundleOf(id))) {
                step(() -> shims.forceDelete(request(id)));
                step(() -> new Bundle(bundleOf(id)).remove(files));
            }
        }
        shims.close();
        step(() -> cgroups.remove(cgroup, Duration.ofSeconds(5)));
    }
}
