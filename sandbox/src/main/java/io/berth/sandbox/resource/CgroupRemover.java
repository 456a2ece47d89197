package io.berth.sandbox.resource;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Kills what is left in a cgroup and removes it, with all below it, from every hierarchy. */
public final class CgroupRemover implements Remover {
    private final Cgroups cgroups;
    private final List<CgroupPath> parents;
    private final Duration limit;

    /**
     * Sees the cgroups right below {@code parent}, which is berth's own; removes also those that
     * the ledger names below a parent of the kubelet's.
     */
    public CgroupRemover(Cgroups cgroups, CgroupPath parent, Duration limit) {
        this(cgroups, List.of(parent), limit);
    }

    /** The same with several parents, one a cgroup driver. */
    public CgroupRemover(Cgroups cgroups, List<CgroupPath> parents, Duration limit) {
        this.cgroups = cgroups;
        this.parents = List.copyOf(parents);
        this.limit = limit;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var path = new CgroupPath(entry.key());
        if (!cgroups.exists(path)) {
            return;
        }
        if (!cgroups.processes(path).isEmpty()) {
            cgroups.killAll(path, limit);
        }
        cgroups.remove(path, limit);
    }

    @Override
    public Set<String> standing() throws IOException {
        var found = new HashSet<String>();
        for (var parent : parents) {
            for (var name : cgroups.children(parent)) {
                found.add(parent.child(name).value());
            }
        }
        return found;
    }
}
