package io.berth.daemon;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.step.Steps;
import io.berth.sandbox.settings.SandboxSettings;
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
    private final boolean used;

    /**
     * @param used whether a runtime handler has pods in it; under systemd's driver they are in a
     *     slice, which systemd makes
     */
    private PodsCgroup(Cgroups cgroups, String path, boolean used) {
        this.cgroups = cgroups;
        this.path = new CgroupPath(path);
        this.used = used;
    }

    static PodsCgroup of(Cgroups cgroups, SandboxSettings settings) {
        boolean used =
                settings.runtimes().values().stream().anyMatch(handler -> !handler.systemdCgroup());
        return new PodsCgroup(cgroups, settings.cgroupParent(), used);
    }

    CgroupPath path() {
        return path;
    }

    void create() throws IOException {
        if (used) {
            Steps.run("cgroup.create", path.value(), () -> cgroups.create(path));
        }
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
