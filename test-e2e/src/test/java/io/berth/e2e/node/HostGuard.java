package io.berth.e2e.node;

import io.berth.e2e.host.HostScope;
import io.berth.e2e.host.HostSnapshot;
import io.berth.e2e.run.Command;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The host as it was before some nodes, whose folders exist already, were started. {@link #close}
 * removes what is left of them and fails if the host is not as it was.
 */
public final class HostGuard implements AutoCloseable {
    private static final Duration CLEAN = Duration.ofSeconds(60);
    private static final Duration SETTLE = Duration.ofSeconds(60);

    private final List<Guarded> all;

    private record Guarded(NodeFolders folders, Optional<HostSnapshot> untouched) {}

    private HostGuard(List<Guarded> all) {
        this.all = all;
    }

    /** Looks at the host before the nodes of these folders make anything. */
    public static HostGuard of(List<NodeFolders> nodes) throws IOException {
        var all = new ArrayList<Guarded>();
        for (var folders : nodes) {
            all.add(new Guarded(folders, Optional.of(HostSnapshot.take(outside(folders)))));
        }
        return new HostGuard(all);
    }

    /**
     * Cleans at the end, but holds nothing against the host: where a runtime runs that is not the
     * test's, it makes what it likes, such as its bridge with its first pod.
     */
    public static HostGuard besideOthers(List<NodeFolders> nodes) {
        return new HostGuard(
                nodes.stream().map(folders -> new Guarded(folders, Optional.empty())).toList());
    }

    /** Removes all that bears the marks of the folders, and the folders, whatever is in them. */
    public void clean() throws IOException {
        var home = Path.of(System.getProperty("berth.e2e.home", "."));
        for (var each : all.reversed()) {
            Command.need(CLEAN, home.resolve("clean").toString(), each.folders().top().toString());
        }
    }

    @Override
    public void close() throws IOException {
        clean();
        var left = new ArrayList<String>();
        for (var each : all) {
            if (each.untouched().isPresent()) {
                var before = each.untouched().get();
                left.addAll(before.differenceWithin(outside(each.folders()), SETTLE));
            }
        }
        if (!left.isEmpty()) {
            throw new AssertionError("the host is not as it was:\n" + String.join("\n", left));
        }
    }

    private static HostScope outside(NodeFolders folders) {
        return new HostScope(
                folders.mark(),
                List.of(folders.root(), folders.state()),
                folders.ipam(),
                "-",
                List.of());
    }
}
