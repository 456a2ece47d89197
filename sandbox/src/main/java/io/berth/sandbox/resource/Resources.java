package io.berth.sandbox.resource;

import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import io.berth.shimclient.shim.ShimException;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Ledger;
import io.berth.storage.metadata.MetadataException;
import java.io.IOException;
import java.lang.System.Logger;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that pods and containers have outside the store. What is planned here stands in the
 * ledger before it is made; what is released here is struck out after it is gone.
 */
public final class Resources {
    private static final Logger LOG = System.getLogger(Resources.class.getName());

    private final Ledger ledger;
    private final Map<ResourceKind, Remover> removers;
    private final Clock clock;

    /** Throws {@link IllegalArgumentException} if a kind has no remover. */
    public Resources(Ledger ledger, Map<ResourceKind, Remover> removers, Clock clock) {
        for (var kind : ResourceKind.values()) {
            if (!removers.containsKey(kind)) {
                throw new IllegalArgumentException("no remover for " + kind.word());
            }
        }
        this.ledger = ledger;
        this.removers = new EnumMap<>(removers);
        this.clock = clock;
    }

    /** What adds the intents to the batch that also writes their owner's record. */
    public Consumer<Batch> intents(String owner, List<Planned> planned) {
        var now = clock.instant();
        return batch -> {
            batch.grows();
            for (var thing : planned) {
                ledger.intend(
                        batch,
                        new Ledger.Entry(
                                thing.kind().word(), thing.key(), owner, now, thing.details()));
            }
        };
    }

    /**
     * Makes an owner's things of the given kinds absent, in the order of the kinds, and returns
     * what strikes them from the ledger, for the batch that also changes the owner's record. Stops
     * at the first that stays, since later kinds hold earlier ones: what has gone until then is
     * found gone by the next try.
     *
     * @throws SandboxException.Failed naming the thing that stays and why
     * @throws ShimException.GivenUp if this daemon ends meanwhile; so does Closed of the store
     */
    public Consumer<Batch> release(String owner, Set<ResourceKind> kinds) {
        var entries =
                ledger.of(owner).stream()
                        .filter(entry -> kindOf(entry).map(kinds::contains).orElse(false))
                        .sorted(Comparator.comparing(entry -> kindOf(entry).orElseThrow()))
                        .toList();
        for (var entry : entries) {
            try {
                remove(entry);
            } catch (ShimException.GivenUp | MetadataException.Closed ours) {
                throw ours;
            } catch (IOException | RuntimeException e) {
                throw new SandboxException.Failed(
                        "%s: its %s %s stays: %s"
                                .formatted(owner, entry.kind(), entry.key(), e.getMessage()),
                        e);
            }
        }
        return batch -> entries.forEach(e -> ledger.strike(batch, e.kind(), e.key()));
    }

    /** Makes one entry's thing absent, without striking the entry. */
    private void remove(Ledger.Entry entry) throws IOException {
        var kind = kindOf(entry).orElseThrow();
        var remover = remover(kind);
        Steps.run(kind.word() + ".remove", entry.key(), () -> remover.remove(entry));
    }

    private Remover remover(ResourceKind kind) {
        var remover = removers.get(kind);
        if (remover == null) {
            throw new IllegalStateException("no remover for " + kind.word());
        }
        return remover;
    }

    /** Whose a thing is; empty for one that stands in no plan. */
    public Optional<String> owner(ResourceKind kind, String key) {
        return ledger.find(kind.word(), key).map(Ledger.Entry::owner);
    }

    /** Strikes a thing that is given up: what of it is still there is nobody's any more. */
    public void strike(ResourceKind kind, String key) {
        ledger.strike(kind.word(), key);
    }

    /** What was written down of a planned thing beside its key. */
    public Optional<String> detail(ResourceKind kind, String key, String name) {
        return ledger.find(kind.word(), key).map(entry -> entry.details().get(name));
    }

    /** The owners that have entries of our kinds. */
    public Set<String> owners() {
        var owners = new HashSet<String>();
        for (var entry : ledger.entries()) {
            if (kindOf(entry).isPresent()) {
                owners.add(entry.owner());
            }
        }
        return owners;
    }

    /**
     * Compares the ledger with the host. Things of owners that live are in order, whether made yet
     * or not.
     *
     * @param lives whether an owner, a sandbox or a container, still has a record
     */
    public List<Finding> audit(Predicate<String> lives) throws IOException {
        return audit(EnumSet.allOf(ResourceKind.class), lives);
    }

    /** The same of some kinds alone. */
    public List<Finding> audit(Set<ResourceKind> kinds, Predicate<String> lives)
            throws IOException {
        var findings = new ArrayList<Finding>();
        for (var kind : kinds) {
            var remover = remover(kind);
            // The host first: a thing made in between has its entry in the later reading.
            var unexplained = new HashSet<>(remover.standing());
            var standing = Set.copyOf(unexplained);
            for (var entry : ledger.entries()) {
                if (!entry.kind().equals(kind.word())) {
                    continue;
                }
                unexplained.remove(entry.key());
                if (!lives.test(entry.owner())) {
                    var verdict =
                            standing.contains(entry.key())
                                    ? Finding.Verdict.LEAK
                                    : Finding.Verdict.GHOST;
                    findings.add(new Finding(verdict, kind, entry.key(), entry.owner()));
                }
            }
            for (var key : unexplained) {
                findings.add(new Finding(Finding.Verdict.LEAK, kind, key, Finding.UNKNOWN));
            }
        }
        return findings;
    }

    /**
     * Removes what an audit found, in the order of the kinds, and looks whether it is gone. Returns
     * what stays, with a line in the log for each. What has an owner by now, since pods come and go
     * meanwhile, stays too.
     *
     * @param lives whether an owner, a sandbox or a container, still has a record
     */
    public List<Finding> fix(List<Finding> findings, Predicate<String> lives) {
        var stays = new ArrayList<Finding>();
        for (var kind : ResourceKind.values()) {
            var removed = new ArrayList<Finding>();
            for (var finding : findings) {
                if (finding.kind() == kind) {
                    (removed(finding, lives) ? removed : stays).add(finding);
                }
            }
            if (!removed.isEmpty()) {
                stays.addAll(strikeGone(kind, removed));
            }
        }
        return stays;
    }

    private boolean removed(Finding finding, Predicate<String> lives) {
        var kind = finding.kind().word();
        var known = ledger.find(kind, finding.key());
        if (known.filter(entry -> lives.test(entry.owner())).isPresent()) {
            LOG.log(Logger.Level.INFO, "{0} {1}: has an owner by now", kind, finding.key());
            return false;
        }
        try {
            remove(
                    known.orElseGet(
                            () ->
                                    new Ledger.Entry(
                                            kind,
                                            finding.key(),
                                            finding.owner(),
                                            clock.instant(),
                                            Map.of())));
            return true;
        } catch (IOException | RuntimeException e) {
            tellThatStays(finding, e.getMessage());
            return false;
        }
    }

    /** Strikes what is gone from the ledger; returns what the host still shows. */
    private List<Finding> strikeGone(ResourceKind kind, List<Finding> removed) {
        var stays = new ArrayList<Finding>();
        Set<String> standing;
        try {
            standing = remover(kind).standing();
        } catch (IOException | RuntimeException blind) {
            removed.forEach(finding -> tellThatStays(finding, blind.getMessage()));
            return removed;
        }
        for (var finding : removed) {
            if (standing.contains(finding.key())) {
                stays.add(finding);
                tellThatStays(finding, "its removal reported success, but it is still there");
                continue;
            }
            ledger.strike(kind.word(), finding.key());
            LOG.log(
                    Logger.Level.INFO,
                    "{0} {1}: removed, owner {2}",
                    kind.word(),
                    finding.key(),
                    finding.owner());
        }
        return stays;
    }

    private static void tellThatStays(Finding finding, @Nullable String why) {
        LOG.log(
                Logger.Level.ERROR,
                "{0} {1}: stays: {2}",
                finding.kind().word(),
                finding.key(),
                why);
    }

    private static Optional<ResourceKind> kindOf(Ledger.Entry entry) {
        return ResourceKind.of(entry.kind());
    }
}
