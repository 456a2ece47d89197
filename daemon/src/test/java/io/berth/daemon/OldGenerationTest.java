package io.berth.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** In a JVM of its own, with a heap like the daemon's. */
class OldGenerationTest {
    private static final long LIMIT_SECONDS = 60;

    /** Larger than the young generation, so that it begins in the old one. */
    private static final int LARGE = 11 << 20;

    @Test
    void garbageIsCollectedAndGivenBackBeforeTheHeapIsFull() throws Exception {
        assertThat(run("-XX:+UseSerialGC", "garbage")).isEqualTo("collected and given back\n");
    }

    @Test
    void whatLivesIsCollectedOnce() throws Exception {
        assertThat(run("-XX:+UseSerialGC", "live")).isEqualTo("collected 1\n");
    }

    @Test
    void anotherCollectorIsLeftAlone() throws Exception {
        assertThat(run("-XX:+UseParallelGC", "garbage")).isEqualTo("nothing to watch\n");
    }

    private static String run(String collector, String what) throws Exception {
        var command =
                List.of(
                        System.getProperty("java.home") + "/bin/java",
                        collector,
                        "-Xms24m",
                        "-Xmx256m",
                        "-Xmn10m",
                        "-XX:-ShrinkHeapInSteps",
                        "-XX:MinHeapFreeRatio=20",
                        "-XX:MaxHeapFreeRatio=40",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        what);
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            var said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    /** What runs in that JVM; it says on stdout what it has seen. */
    static final class Program {
        private final List<byte[]> kept = new ArrayList<>();
        private final MemoryPoolMXBean old = pool();

        private Program() {}

        public static void main(String[] arguments) throws IOException {
            var watched = OldGeneration.watch();
            if (watched.isEmpty()) {
                say("nothing to watch");
                return;
            }
            try (var _ = watched.get()) {
                var program = new Program();
                if (arguments[0].equals("live")) {
                    program.live();
                } else {
                    program.garbage();
                }
            }
        }

        /** Little more than what has to be reached; the heap has room for six times of it. */
        private void garbage() throws IOException {
            while (old.getUsage().getUsed() <= OldGeneration.FLOOR_BYTES) {
                fill(1);
                kept.clear();
            }
            if (await(1) && old.getUsage().getCommitted() < 2L * LARGE) {
                say("collected and given back");
            } else {
                say("found " + old.getUsage() + " after " + collections() + " collections");
            }
        }

        /** What lives after the first collection is more than half of what comes then. */
        private void live() throws IOException {
            fill(3);
            await(1);
            fill(2);
            say("collected " + collections());
        }

        private void fill(int times) {
            for (int i = 0; i < times; i++) {
                kept.add(new byte[LARGE]);
            }
        }

        private static boolean await(int collections) {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
            while (collections() < collections && System.nanoTime() - until < 0) {
                LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            }
            return collections() >= collections;
        }

        private static long collections() {
            return ManagementFactory.getGarbageCollectorMXBeans().stream()
                    .filter(each -> each.getName().equals("MarkSweepCompact"))
                    .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                    .sum();
        }

        private static MemoryPoolMXBean pool() {
            return ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(each -> each.getName().equals("Tenured Gen"))
                    .findFirst()
                    .orElseThrow();
        }

        private static void say(String what) throws IOException {
            try (var out = new FileOutputStream(FileDescriptor.out)) {
                out.write((what + "\n").getBytes(UTF_8));
            }
        }
    }
}
