package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Makes user namespaces. A process of many threads cannot enter one, so each begins in a process of
 * its own, {@code berth-native userns}, which is gone when the namespace is pinned or this process
 * dies.
 */
public final class UserNamespaces {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration KILLED = Duration.ofSeconds(5);
    private static final int MAX_ERROR_BYTES = 4096;

    private final Linux linux;
    private final Path program;

    /** {@code program} is the installed berth-native. */
    public UserNamespaces(Linux linux, Path program) {
        this.linux = linux;
        this.program = program;
    }

    /** The maps of a namespace: lines of three numbers, as /proc/PID/uid_map takes them. */
    public record Maps(String uids, String gids) {}

    /**
     * Makes a user namespace and pins it at {@code pin}, a file that must not exist yet; with
     * {@code netns} also a network namespace that it owns, pinned there. A failure leaves at most
     * what {@link Namespaces#removeNetns} removes, of each pin.
     */
    public void create(Path pin, Optional<Path> netns, Maps maps) throws IOException {
        Steps.require("userns create");
        try (var holder = new Holder(maps)) {
            holder.pin("user", pin);
            if (netns.isPresent()) {
                holder.say('n');
                holder.pin("net", netns.get());
            }
        }
    }

    /** What is done with an open user namespace. */
    public interface Use {
        /** Uses it; it is closed afterwards. */
        void with(LinuxFd userns) throws IOException;
    }

    /** Makes a user namespace that lasts for one use of it. */
    public void use(Maps maps, Use use) throws IOException {
        Steps.require("userns use");
        try (var holder = new Holder(maps);
                var userns = linux.open(holder.file("user"), Flags.O_RDONLY | Flags.O_CLOEXEC, 0)) {
            use.with(userns);
        }
    }

    /** The process that is in the namespace. */
    private final class Holder implements AutoCloseable {
        private final Process process;
        private final CompletableFuture<Void> deadline;

        Holder(Maps maps) throws IOException {
            var builder = new ProcessBuilder(program.toString(), "userns");
            builder.environment().clear();
            this.process = builder.start();
            this.deadline =
                    CompletableFuture.runAsync(
                            process::destroyForcibly,
                            CompletableFuture.delayedExecutor(LIMIT.toMillis(), MILLISECONDS));
            boolean mapped = false;
            try {
                hear('u');
                Files.writeString(proc("uid_map"), maps.uids());
                Files.writeString(proc("gid_map"), maps.gids());
                mapped = true;
            } finally {
                if (!mapped) {
                    close();
                }
            }
        }

        private Path proc(String name) {
            return Path.of("/proc", Long.toString(process.pid()), name);
        }

        Path file(String kind) {
            return proc("ns").resolve(kind);
        }

        void pin(String kind, Path pin) throws IOException {
            int create = Flags.O_RDONLY | Flags.O_CREAT | Flags.O_EXCL | Flags.O_NOFOLLOW;
            linux.open(pin, create, 0444).close();
            linux.mount(file(kind).toString(), pin, "none", Set.of(MountFlag.BIND), "");
        }

        /** Asks for something and waits until it is done. */
        void say(char what) throws IOException {
            process.getOutputStream().write(what);
            process.getOutputStream().flush();
            hear(what);
        }

        private void hear(char wanted) throws IOException {
            int found = process.getInputStream().read();
            if (found != wanted) {
                var error = process.getErrorStream().readNBytes(MAX_ERROR_BYTES);
                throw new IOException(
                        "%s userns: found %s within %s, wanted '%s': %s"
                                .formatted(
                                        program,
                                        found < 0 ? "its end" : "byte " + found,
                                        LIMIT,
                                        wanted,
                                        new String(error, UTF_8).strip()));
            }
        }

        @Override
        public void close() {
            deadline.cancel(false);
            process.destroyForcibly();
            // A killed process ends at once, unless the kernel holds it: that is not waited for.
            process.onExit().completeOnTimeout(process, KILLED.toMillis(), MILLISECONDS).join();
        }
    }
}
