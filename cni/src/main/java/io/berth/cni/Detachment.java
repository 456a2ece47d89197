package io.berth.cni;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Undoes a pod's attachments by what the cache says of them, or as well as it can without. */
final class Detachment {
    private static final Logger LOG = System.getLogger(Detachment.class.getName());

    private final AttachmentFiles cache;
    private final Chains chains;
    private final PresentConfiguration present;

    /** What the pod's attachments would be by the configuration of now. */
    interface PresentConfiguration {
        List<CachedAttachment> of(String sandboxId, Optional<PodNetworkRequest> request);
    }

    Detachment(AttachmentFiles cache, Chains chains, PresentConfiguration present) {
        this.cache = cache;
        this.chains = chains;
        this.present = present;
    }

    /** The failures, last attachment first; empty when nothing of the pod is left. */
    List<CniException> detach(String sandboxId, Optional<PodNetworkRequest> request, boolean pinned)
            throws IOException {
        var failures = new ArrayList<CniException>();
        var cached = cache.of(sandboxId);
        for (var entry : cached.reversed()) {
            var undone =
                    entry.content().isPresent()
                            ? chains.del(entry.content().get(), pinned)
                            : undoUnreadable(entry, request, pinned);
            if (undone.isEmpty()) {
                cache.remove(entry.sandboxId(), entry.interfaceName());
            }
            failures.addAll(undone);
        }
        if (cached.isEmpty()) {
            failures.addAll(undoUncached(sandboxId, request, pinned));
        }
        cache.removeUnfinished(sandboxId);
        return failures;
    }

    private List<CniException> undoUnreadable(
            AttachmentFiles.Entry entry, Optional<PodNetworkRequest> request, boolean pinned) {
        var substitute =
                present.of(entry.sandboxId(), request).stream()
                        .filter(it -> it.interfaceName().equals(entry.interfaceName()))
                        .findFirst();
        if (substitute.isEmpty()) {
            return List.of(
                    new CniException.NotConfigured(
                            "%s, and there is no network configuration to detach by"
                                    .formatted(entry.problem())));
        }
        LOG.log(Level.WARNING, "{0}; detaching by the present configuration", entry.problem());
        return chains.del(substitute.get(), pinned);
    }

    /** Without a file no plugin ran, unless the cache was lost: a missing plugin is no failure. */
    private List<CniException> undoUncached(
            String sandboxId, Optional<PodNetworkRequest> request, boolean pinned) {
        var failures = new ArrayList<CniException>();
        for (var attachment : present.of(sandboxId, request).reversed()) {
            for (var failure : chains.del(attachment, pinned)) {
                if (failure instanceof CniException.PluginMissing) {
                    LOG.log(Level.DEBUG, "never attached: {0}", failure.getMessage());
                } else {
                    failures.add(failure);
                }
            }
        }
        return failures;
    }
}
