package io.berth.daemon;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.step.Steps;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * The cgroup above all pods for which the kubelet names no parent. It stands while the daemon runs,
 * and longer if pods do.
 */
final class PodsCgroup implements Closeable {
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final Cgroups cgroups;
    private final CgroupPath path;

    PodsCgroup(Cgroups cgroups, String path) {
        this.cgroups = cgroups;
        this.path = new CgroupPath(path);
    }

    CgroupPath path() {
        return path;
    }

    void create() throws IOException {
        Steps.run("cgroup.create", path.value(), () -> cgroups.create(path));
    }

    @Override
    public void close() throws IOException {
        if (cgroups.exists(path)
                && cgroups.children(path).isEmpty()
                && cgroups.processes(path).isEmpty()) {
            Steps.run("cgroup.remove", path.value(), () -> cgroups.remove(path, LIMIT));
        }
    }
}
