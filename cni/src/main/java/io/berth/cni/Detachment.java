package io.berth.cni;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Undoes a pod's attachments by what the cache says of them, or as well as it can without. */
final class Detachment {
    private static final Logger LOG = System.getLogger(Detachment.class.getName());

    private final AttachmentFiles cache;
    private final Chains chains;
    private final PresentConfiguration present;

    private final List<Path> confDirs;

    /** What the pod's attachments would be by the configuration of now. */
    interface PresentConfiguration {
        List<CachedAttachment> of(String sandboxId, Optional<PodNetworkRequest> request);
    }

    /**
     * @param confDirs where the node's networks are configured
     */
    Detachment(
            AttachmentFiles cache,
            Chains chains,
            List<Path> confDirs,
            PresentConfiguration present) {
        this.cache = cache;
        this.chains = chains;
        this.confDirs = confDirs;
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
                            ? undo(entry.content().get(), pinned)
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

    /**
     * DEL by the configuration of the ADD; if that fails, by the one that has its name now. Plugins
     * that owe no DEL are left out of the failures.
     */
    private List<CniException> undo(CachedAttachment attachment, boolean pinned) {
        var failed = chains.del(attachment, pinned);
        if (failed.isEmpty()) {
            return List.of();
        }
        var folders = attachment.origin().folder().map(List::of).orElse(confDirs);
        var now = ConfFolders.find(folders, attachment.network().name());
        boolean replaced = !now.equals(Optional.of(attachment.network()));
        var failures = new ArrayList<CniException>();
        if (replaced && now.isPresent()) {
            failures.addAll(chains.del(attachment.by(now.get()), pinned).values());
            if (failures.isEmpty()) {
                LOG.log(
                        Level.INFO,
                        "{0}: detached by the configuration that has its name now",
                        attachment.subject());
                return List.of();
            }
        }
        var owed = new ArrayList<CniException>();
        failed.forEach(
                (place, failure) -> {
                    if (owes(attachment, place, failure, replaced)) {
                        owed.add(failure);
                    } else {
                        LOG.log(
                                Level.WARNING,
                                "{0}: never attached, and its configuration is invalid; given up: {1}",
                                attachment.subject(),
                                failure.getMessage());
                    }
                });
        if (owed.isEmpty()) {
            return List.of();
        }
        owed.addAll(failures);
        return owed;
    }

    private static boolean owes(
            CachedAttachment attachment, int place, CniException failure, boolean replaced) {
        return attachment
                .outcome()
                .failure()
                .map(add -> add.owesDel(place, Chains.answer(failure), replaced))
                .orElse(true);
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
        return List.copyOf(chains.del(substitute.get(), pinned).values());
    }

    /** Without a file no plugin ran, unless the cache was lost: a missing plugin is no failure. */
    private List<CniException> undoUncached(
            String sandboxId, Optional<PodNetworkRequest> request, boolean pinned) {
        var failures = new ArrayList<CniException>();
        for (var attachment : present.of(sandboxId, request).reversed()) {
            for (var failure : chains.del(attachment, pinned).values()) {
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
