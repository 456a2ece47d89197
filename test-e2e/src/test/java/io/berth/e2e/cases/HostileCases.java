package io.berth.e2e.cases;

import io.berth.cri.v1.ImageSpec;
import io.berth.cri.v1.RemoveImageRequest;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.run.Print;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * Tries hostile inputs on the daemon that the environment names, and prints "right" or "WRONG" for
 * each. Exits with 0 only if all are right. Arguments are names of cases; none means all.
 */
public final class HostileCases {
    private HostileCases() {}

    /** Returns every case, in the order in which they are tried. */
    public static List<HostileCase> all() {
        return List.of(
                new SetuidFromHost(),
                new PasswdForms(),
                new SeccompCalls(),
                new CheckpointRights(),
                new HeapByRequests(),
                new HeapByImages(),
                new HeapByAnnotations(),
                new HeapByLists(),
                new HeapByUpdates(),
                new HeapByOutput(),
                new HeapByCalls(),
                new HostileRegistry(),
                new HeapByMetrics(),
                new HeapByPings());
    }

    public static void main(String[] names) throws IOException {
        var wanted = List.of(names);
        var work = Files.createTempDirectory("b-cases-");
        int wrong = 0;
        try {
            var daemon = CaseDaemon.ofEnvironment(work);
            prepare(daemon);
            for (var hostile : all()) {
                if (wanted.isEmpty() || wanted.contains(hostile.name())) {
                    wrong += tried(hostile, daemon) ? 0 : 1;
                }
            }
            clear(daemon);
            daemon.client().close();
        } finally {
            delete(work);
        }
        System.exit(wrong == 0 ? 0 : 1);
    }

    private static boolean tried(HostileCase hostile, CaseDaemon daemon) throws IOException {
        var faults = run(hostile, daemon);
        Print.line("%-5s %s".formatted(faults.isEmpty() ? "right" : "WRONG", hostile.name()));
        faults.forEach(fault -> Print.line("      " + fault));
        return faults.isEmpty();
    }

    /**
     * Loads the image that cases run; {@link #clear} removes it.
     *
     * @throws IOException if the daemon refuses it
     */
    public static void prepare(CaseDaemon daemon) throws IOException {
        Files.createDirectories(daemon.logs());
        var loaded = daemon.load(TestImage.build("cases-" + daemon.mark()), daemon.reference());
        if (loaded.exitCode() != 0) {
            throw new IOException("image of the cases: not loaded: " + loaded.error().strip());
        }
    }

    /** Removes the image that cases run. */
    public static void clear(CaseDaemon daemon) {
        if (daemon.alive()) {
            var image = ImageSpec.newBuilder().setImage(daemon.reference());
            daemon.client()
                    .images()
                    .removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
        }
    }

    /**
     * Tries one case, and looks whether the daemon still answers.
     *
     * @return a line for each thing that went wrong
     */
    public static List<String> run(HostileCase hostile, CaseDaemon daemon) throws IOException {
        List<String> faults;
        try {
            faults = hostile.tryOn(daemon);
        } catch (StatusRuntimeException failed) {
            faults = List.of("a call that has to succeed failed: " + failed.getStatus());
        }
        return daemon.alive() ? faults : List.of("the daemon ended: see " + daemon.log());
    }

    private static void delete(Path folder) throws IOException {
        try (var walk = Files.walk(folder)) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
