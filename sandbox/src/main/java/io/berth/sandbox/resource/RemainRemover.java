package io.berth.sandbox.resource;

import io.berth.cni.remains.Remain;
import io.berth.cni.remains.Remains;
import io.berth.linux.step.Steps;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The remover of what plugins keep on the host for pods that are nobody's. Of a pod that has an
 * entry in the ledger it sees nothing: that is the attachment's to remove.
 */
public final class RemainRemover implements Remover {
    private final Remains remains;
    private final Remain.Kind kind;
    private final Predicate<String> owned;

    /**
     * @param owned whether a pod has entries in the ledger
     */
    public RemainRemover(Remains remains, Remain.Kind kind, Predicate<String> owned) {
        this.remains = remains;
        this.kind = kind;
        this.owned = owned;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        for (var remain : remains.unowned(kind, owned)) {
            if (remain.key().equals(entry.key())) {
                remains.remove(remain);
            }
        }
    }

    @Override
    public Set<String> standing() throws IOException {
        List<Remain> found =
                Steps.run(
                        "remains.list",
                        kind.name().toLowerCase(Locale.ROOT),
                        () -> remains.unowned(kind, owned));
        return found.stream().map(Remain::key).collect(Collectors.toSet());
    }
}
