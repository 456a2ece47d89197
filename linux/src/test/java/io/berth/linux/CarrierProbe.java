package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A program that gives the scheduler every reason to make a carrier while a thread leaves a
 * namespace: all carriers there are spin, more are allowed, and the end of the visit wakes a
 * virtual thread. Prints how many namespaces its threads are in.
 */
final class CarrierProbe {
    private static final int ROUNDS = 8;
    private static final Duration VISIT = Duration.ofMillis(100);

    private CarrierProbe() {}

    public static void main(String[] arguments) throws Exception {
        var linux = new LinuxCalls();
        var namespaces = new Namespaces(linux);
        var stop = new AtomicBoolean();
        var visitors = new ArrayList<Thread>();
        try (var self = linux.pidfdOpen(linux.getpid())) {
            for (int round = 0; round < ROUNDS; round++) {
                var inside = new AtomicBoolean();
                var visited = new CountDownLatch(1);
                visitors.add(
                        Thread.startVirtualThread(
                                () -> {
                                    visit(namespaces, Path.of(arguments[0]), linux, self, inside);
                                    visited.countDown();
                                    spin(stop);
                                }));
                while (!inside.get()) {
                    Thread.onSpinWait();
                }
                visitors.add(Thread.startVirtualThread(() -> spin(stop)));
                visited.await();
            }
        }
        String found = "namespaces: " + namespacesOfThreads().size();
        linux.writeFully(new LinuxFd(1, "stdout"), ByteBuffer.wrap(found.getBytes(UTF_8)));
        stop.set(true);
        for (Thread visitor : visitors) {
            visitor.join();
        }
    }

    private static void visit(
            Namespaces namespaces, Path netns, Linux linux, Pidfd self, AtomicBoolean inside) {
        try {
            namespaces.callInNetns(
                    netns,
                    () -> {
                        inside.set(true);
                        return linux.awaitExit(self, VISIT);
                    });
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    private static void spin(AtomicBoolean stop) {
        while (!stop.get()) {
            Thread.onSpinWait();
        }
    }

    private static Set<String> namespacesOfThreads() throws IOException {
        var found = new TreeSet<String>();
        try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path task : tasks) {
                try {
                    found.add(Files.readSymbolicLink(task.resolve("ns/net")).toString());
                } catch (NoSuchFileException ended) {
                    // a thread of the JVM's own that has ended since
                }
            }
        }
        return found;
    }
}
