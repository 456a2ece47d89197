package io.berth.sandbox.recovery;

import io.berth.sandbox.nri.PluginPrograms;
import io.berth.sandbox.operation.Node;
import io.berth.sandbox.resource.Finding;
import io.berth.sandbox.resource.ResourceKind;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;

/** Compares the ledger with the host, and removes what no living pod or container owns. */
public final class Audit {
    private final Node node;

    public Audit(Node node) {
        this.node = node;
    }

    /**
     * Every disagreement as of now; empty on a node in order. Reads only, and may be called while
     * pods come and go.
     */
    public List<Finding> findings() throws IOException {
        return node.resources().audit(this::lives);
    }

    /** Those of things that carry berth's mark, which a daemon removes by itself. */
    List<Finding> marked() throws IOException {
        var kinds = EnumSet.allOf(ResourceKind.class);
        kinds.removeIf(kind -> !kind.isMarked());
        return node.resources().audit(kinds, this::lives);
    }

    /** Removes what was found; returns what stays, each with a line in the log. */
    public List<Finding> fix(List<Finding> findings) {
        return node.resources().fix(findings, this::lives);
    }

    private boolean lives(String owner) {
        return owner.equals(PluginPrograms.OWNER)
                || node.sandboxes().all().stream().anyMatch(s -> s.id().value().equals(owner))
                || node.containers().all().stream().anyMatch(c -> c.id().value().equals(owner));
    }
}
