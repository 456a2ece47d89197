package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.linux.step.Steps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Processes that were started with a certain variable in their environment, and their children,
 * which inherit it: how programs of a daemon that was killed are found again. The variable's value
 * must be one that nobody else uses, such as an id that we gave. Source: proc(5), {@code
 * /proc/PID/environ}.
 */
public final class MarkedProcesses {
    /** Between two looks at who still runs. */
    private static final Duration LOOK = Duration.ofMillis(200);

    private final String mark;

    /** Those with the variable {@code name} set to {@code value}. */
    public MarkedProcesses(String name, String value) {
        if (name.isEmpty() || value.isEmpty()) {
            throw new IllegalArgumentException(
                    "found variable '%s=%s', wanted a name and a value".formatted(name, value));
        }
        this.mark = name + "=" + value;
    }

    /** How they ended: how many by themselves or not, and the names of those that were killed. */
    public record Ended(int count, List<String> killed) {}

    /**
     * Returns when none of them runs: after {@code grace} those that still do are killed. Needs an
     * open step.
     *
     * @throws IOException when one lives on for {@code limit} after SIGKILL; it is named
     */
    public Ended end(Duration grace, Duration limit) throws IOException {
        Steps.require("processes with " + mark);
        var count = running().size();
        if (count == 0 || ended(grace)) {
            return new Ended(count, List.of());
        }
        var killed = new LinkedHashSet<String>();
        var deadline = System.nanoTime() + limit.toNanos();
        // A killed one may have started another meanwhile: until there is none.
        for (var found = running(); !found.isEmpty(); found = running()) {
            found.forEach(process -> killed.add(describe(process)));
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "processes with %s: %s: still run %s after SIGKILL"
                                .formatted(mark, String.join(", ", killed), limit));
            }
            found.forEach(ProcessHandle::destroyForcibly);
            awaitExits(found, LOOK);
        }
        return new Ended(count, List.copyOf(killed));
    }

    /** Whether none is left within the time. */
    private boolean ended(Duration limit) throws IOException {
        var deadline = System.nanoTime() + limit.toNanos();
        for (var found = running(); !found.isEmpty(); found = running()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            awaitExits(found, LOOK);
        }
        return true;
    }

    /** Returns early when all are gone; a zombie's handle would wait for its parent. */
    private static void awaitExits(List<ProcessHandle> processes, Duration limit)
            throws IOException {
        var all =
                CompletableFuture.allOf(
                        processes.stream()
                                .map(ProcessHandle::onExit)
                                .toArray(CompletableFuture[]::new));
        try {
            all.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            return;
        } catch (ExecutionException impossible) {
            throw new AssertionError("an exit that fails", impossible);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for processes to end");
        }
    }

    private static String describe(ProcessHandle process) {
        return process.info().command().orElse("unknown program") + " (pid " + process.pid() + ")";
    }

    private List<ProcessHandle> running() throws IOException {
        var found = new ArrayList<ProcessHandle>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (var entry : entries) {
                // The handle fixes the process by its start time before we look what it is.
                var process = ProcessHandle.of(Long.parseLong(entry.getFileName().toString()));
                if (process.isPresent() && isMarked(entry)) {
                    found.add(process.get());
                }
            }
        }
        return found;
    }

    private boolean isMarked(Path entry) {
        try {
            var environment = new String(Files.readAllBytes(entry.resolve("environ")), UTF_8);
            return Arrays.asList(environment.split("\0", -1)).contains(mark);
        } catch (IOException gone) {
            return false; // it ended while we looked, or it is a thread of the kernel
        }
    }
}
