package io.berth.cni.remains;

import io.berth.cni.ConfFolders;
import io.berth.cni.HostLocalFiles;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Finds what plugins keep of pods on the host, and removes what DEL does not: portmap leaves its
 * rules to a DEL without port mappings, bridge its own to one without the pod's addresses, and a
 * plugin that is not there gives nothing back. Needs an open step.
 */
public final class Remains {
    /** How often, and how far apart, the lock of a network's addresses is tried. */
    private static final int ATTEMPTS = 50;

    private static final long PAUSE_MILLIS = 100;

    private final List<Path> confDirs;
    private final OtherOwners others;
    private final List<NatTable> tables;
    private final Linux linux;

    /**
     * @param confDirs where berth's networks are configured
     * @param libcni where other runtimes keep their attachments, {@code /var/lib/cni}
     */
    public Remains(List<Path> confDirs, Path libcni, List<NatTable> tables, Linux linux) {
        this.confDirs = List.copyOf(confDirs);
        this.others = new OtherOwners(libcni);
        this.tables = List.copyOf(tables);
        this.linux = linux;
    }

    /** What is nobody's. The host is looked at before {@code owned} is asked. */
    public List<Remain> unowned(Remain.Kind kind, Predicate<String> owned) throws IOException {
        var found = all(kind).stream().filter(each -> OtherOwners.isId(each.sandboxId())).toList();
        var left = found.stream().filter(each -> !owned.test(each.sandboxId())).toList();
        if (left.isEmpty()) {
            return left;
        }
        var carried = others.ids();
        return left.stream().filter(each -> !carried.contains(each.sandboxId())).toList();
    }

    private List<Remain> all(Remain.Kind kind) throws IOException {
        return switch (kind) {
            case ADDRESS -> addresses();
            case RULES -> rules();
        };
    }

    private List<Remain> addresses() throws IOException {
        return HostLocalFiles.reservationsIn(confDirs).stream()
                .map(
                        held ->
                                new Remain(
                                        Remain.Kind.ADDRESS,
                                        held.file().toString(),
                                        held.sandboxId(),
                                        held.network()))
                .toList();
    }

    private List<Remain> rules() throws IOException {
        var networks = ConfFolders.names(confDirs);
        var found = new ArrayList<Remain>();
        for (var table : tables) {
            for (var rule : table.rules()) {
                if (networks.contains(rule.network())) {
                    found.add(
                            new Remain(
                                    Remain.Kind.RULES,
                                    table.key(rule),
                                    rule.sandboxId(),
                                    rule.network()));
                }
            }
        }
        return found.stream().distinct().toList();
    }

    /** Removes a thing, if it is still the pod's that it was. */
    public void remove(Remain remain) throws IOException {
        switch (remain.kind()) {
            case ADDRESS -> release(Path.of(remain.key()), remain.sandboxId());
            case RULES -> {
                for (var table : tables) {
                    table.remove(remain.key(), remain.sandboxId());
                }
            }
        }
    }

    /** Removes all of a pod's; for one that DEL was sent for without what its ADD was told. */
    public void removeOf(String sandboxId) throws IOException {
        for (var kind : Remain.Kind.values()) {
            for (var each : all(kind)) {
                if (each.sandboxId().equals(sandboxId)) {
                    remove(each);
                }
            }
        }
    }

    /** The plugin holds the same lock while it looks for an address or gives one back. */
    private void release(Path file, String sandboxId) throws IOException {
        var lock = file.resolveSibling("lock");
        if (!Files.exists(lock)) {
            releaseLocked(file, sandboxId);
            return;
        }
        try (var fd = linux.open(lock, Flags.O_RDWR, 0)) {
            if (!locked(fd)) {
                throw new IOException("%s: its lock is held; try again".formatted(file));
            }
            releaseLocked(file, sandboxId);
        }
    }

    private boolean locked(LinuxFd lock) throws IOException {
        var never = new CountDownLatch(1);
        try {
            for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
                if (linux.flock(lock, true, true)) {
                    return true;
                }
                never.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static void releaseLocked(Path file, String sandboxId) throws IOException {
        if (HostLocalFiles.reservation(file).filter(held -> held.equals(sandboxId)).isPresent()) {
            Files.deleteIfExists(file);
        }
    }
}
