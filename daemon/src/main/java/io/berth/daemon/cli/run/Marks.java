package io.berth.daemon.cli.run;

import io.berth.cri.v1.PodSandbox;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a run writes on its sandbox, as annotations: which manifest, who looks after it, and which
 * folder is its own.
 */
public final class Marks {
    private static final String MANIFEST = "run.berth.io/manifest";
    private static final String KEEPER = "run.berth.io/keeper";
    private static final String FOLDER = "run.berth.io/folder";
    private static final String DETACHED = "detached";

    private Marks() {}

    static Map<String, String> of(Path manifest, boolean detached, Path folder) {
        return Map.of(
                MANIFEST,
                manifest.toString(),
                KEEPER,
                detached ? DETACHED : keeper(ProcessHandle.current()),
                FOLDER,
                folder.toString());
    }

    /** A process, told from any later one of the same id. */
    private static String keeper(ProcessHandle process) {
        var start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + " " + start;
    }

    /** Whether a sandbox was made by {@code berth run}. */
    static boolean ours(PodSandbox pod) {
        return pod.containsAnnotations(MANIFEST);
    }

    static boolean isOf(PodSandbox pod, Path manifest) {
        return manifest.toString().equals(pod.getAnnotationsOrDefault(MANIFEST, ""));
    }

    static boolean detached(PodSandbox pod) {
        return DETACHED.equals(pod.getAnnotationsOrDefault(KEEPER, ""));
    }

    /** The id of the process that looks after a sandbox, if it still runs. */
    static Optional<Long> keptBy(PodSandbox pod) {
        var keeper = pod.getAnnotationsOrDefault(KEEPER, "");
        return ProcessHandle.allProcesses()
                .filter(process -> keeper(process).equals(keeper))
                .map(ProcessHandle::pid)
                .findFirst();
    }

    /** The folder of the run that made a sandbox. */
    public static Optional<RunFolder> folder(PodSandbox pod) {
        return pod.containsAnnotations(FOLDER)
                ? Optional.of(
                        new RunFolder(
                                Path.of(pod.getAnnotationsOrThrow(FOLDER)),
                                pod.getMetadata().getUid()))
                : Optional.empty();
    }
}
