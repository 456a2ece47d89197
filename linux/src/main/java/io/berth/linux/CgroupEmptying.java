package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.StepAction;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;

/** Kills what runs in cgroups, and removes them. */
final class CgroupEmptying {
    private static final long PAUSE_NANOS = 2_000_000;

    /** How many processes are signalled in one round: each costs a descriptor. */
    private static final int MAX_HELD = 256;

    private final Linux linux;
    private final CgroupLayout layout;

    CgroupEmptying(Linux linux, CgroupLayout layout) {
        this.linux = linux;
        this.layout = layout;
    }

    SortedSet<Integer> processes(CgroupPath cgroup) throws IOException {
        var ids = new TreeSet<Integer>();
        for (Path root : layout.roots()) {
            for (Path directory : tree(cgroup.in(root))) {
                processesIn(directory, ids);
            }
        }
        return ids;
    }

    private static void processesIn(Path directory, Collection<Integer> ids) throws IOException {
        String text;
        try {
            text = new String(Files.readAllBytes(directory.resolve("cgroup.procs")), UTF_8);
        } catch (NoSuchFileException gone) {
            return;
        } catch (IOException gone) {
            if (Files.isDirectory(directory)) {
                throw gone;
            }
            return; // ENODEV: removed while it was read
        }
        // 0 stands for a process of another pid namespace
        text.lines().mapToInt(Integer::parseInt).filter(pid -> pid > 0).forEach(ids::add);
    }

    /** A cgroup's directory and all below, parents first; none when it is gone. */
    private static List<Path> tree(Path directory) throws IOException {
        var all = new ArrayList<Path>();
        if (Files.isDirectory(directory)) {
            all.add(directory);
        }
        for (int i = 0; i < all.size(); i++) {
            try (var entries = Files.newDirectoryStream(all.get(i), Files::isDirectory)) {
                entries.forEach(all::add);
            } catch (NoSuchFileException | NotDirectoryException gone) {
                // removed meanwhile: nothing below it
            }
        }
        return all;
    }

    void killAll(CgroupPath cgroup, Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        var left = processes(cgroup);
        while (!left.isEmpty()) {
            killOnce(cgroup, left);
            LockSupport.parkNanos(PAUSE_NANOS);
            left = processes(cgroup);
            if (!left.isEmpty() && System.nanoTime() - deadline > 0) {
                throw new IOException(
                        "cgroup %s: processes %s are still there %s after SIGKILL"
                                .formatted(cgroup, left, timeout));
            }
        }
    }

    private void killOnce(CgroupPath cgroup, Collection<Integer> ids) throws IOException {
        switch (layout) {
            case CgroupLayout.Unified(var root) -> {
                Path kill = cgroup.in(root).resolve("cgroup.kill"); // kernel 5.14
                if (!writeIfThere(kill, "1")) {
                    signal(cgroup, ids);
                }
            }
            case CgroupLayout.Legacy _ -> {
                Optional<Path> freezer = layout.rootOf("freezer").map(cgroup::in);
                freeze(freezer, "FROZEN");
                try {
                    var frozen = new TreeSet<>(ids);
                    frozen.addAll(processes(cgroup));
                    signal(cgroup, frozen);
                } finally {
                    thaw(freezer);
                }
            }
        }
    }

    private void freeze(Optional<Path> freezer, String state) throws IOException {
        if (freezer.isPresent()) {
            var _ = writeIfThere(freezer.get().resolve("freezer.state"), state);
        }
    }

    /** Below it too: a container that was paused dies only once it is thawed. */
    private void thaw(Optional<Path> freezer) throws IOException {
        if (freezer.isPresent()) {
            for (Path directory : tree(freezer.get())) {
                freeze(Optional.of(directory), "THAWED");
            }
        }
    }

    /** Holds the processes by descriptor before looking again whether they are the cgroup's. */
    private void signal(CgroupPath cgroup, Collection<Integer> ids) throws IOException {
        var held = new ArrayList<Pidfd>();
        try {
            for (int pid : ids.stream().limit(MAX_HELD).toList()) {
                unlessGone(() -> held.add(linux.pidfdOpen(pid)));
            }
            var still = processes(cgroup);
            for (Pidfd process : held) {
                if (still.contains(process.pid())) {
                    unlessGone(() -> linux.pidfdSendSignal(process, ProcessCalls.SIGKILL));
                }
            }
        } finally {
            held.forEach(Pidfd::close);
        }
    }

    private static void unlessGone(StepAction call) throws IOException {
        try {
            call.run();
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ESRCH) {
                throw gone;
            }
        }
    }

    private boolean writeIfThere(Path file, String text) throws IOException {
        try (var fd = linux.open(file, Flags.O_WRONLY, 0)) {
            linux.writeFully(fd, ByteBuffer.wrap(text.getBytes(UTF_8)));
            return true;
        } catch (LinuxException gone) {
            if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENODEV) {
                throw gone;
            }
            return false;
        }
    }

    void remove(CgroupPath cgroup, Duration timeout) throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        for (Path root : layout.roots()) {
            while (true) {
                Optional<LinuxException> busy = removeOnce(cgroup.in(root));
                if (busy.isEmpty()) {
                    break;
                }
                if (System.nanoTime() - deadline > 0) {
                    throw new IOException(
                            "cgroup %s: still in use after %s, with processes %s"
                                    .formatted(cgroup, timeout, processes(cgroup)),
                            busy.get());
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private Optional<LinuxException> removeOnce(Path directory) throws IOException {
        for (Path each : tree(directory).reversed()) {
            try {
                linux.unlinkat(LinuxFd.AT_FDCWD, each.toString(), Flags.AT_REMOVEDIR);
            } catch (LinuxException failed) {
                if (failed.errno() == Errno.EBUSY || failed.errno() == Errno.ENOTEMPTY) {
                    return Optional.of(failed);
                }
                if (failed.errno() != Errno.ENOENT) {
                    throw failed;
                }
            }
        }
        return Optional.empty();
    }
}
