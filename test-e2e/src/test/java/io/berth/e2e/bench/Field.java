package io.berth.e2e.bench;

import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.node.BerthUnderTest;
import io.berth.e2e.node.CniConf;
import io.berth.e2e.node.HostGuard;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.run.Print;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The contenders and what they share: a registry and its images. {@link #close} ends and removes
 * all of it, and fails if the host is not as it was; beside a runtime of others it only clears.
 */
final class Field implements AutoCloseable {
    private static final String SHELL = "bench/busybox";
    private static final String PAUSE = "bench/pause";

    private final NodeFolders folders;
    private final HostGuard host;
    private final List<NodeFolders> ownFolders;
    private final List<OwnDaemon> daemons = new ArrayList<>();
    private final List<Contender> contenders = new ArrayList<>();
    private Optional<LocalRegistry> registry = Optional.empty();

    private Field(NodeFolders folders, HostGuard host, List<NodeFolders> ownFolders) {
        this.folders = folders;
        this.host = host;
        this.ownFolders = ownFolders;
    }

    /** Starts or finds each contender; all of them have the image. */
    static Field open(List<String> names) throws IOException {
        var folders = NodeFolders.create();
        var all = new ArrayList<>(List.of(folders));
        for (int i = 0; i < names.size(); i++) {
            all.add(NodeFolders.create());
        }
        // Before anything is started, as what one makes is no leftover of another.
        var own = Set.of(Options.BERTH, Options.CONTAINERD).containsAll(names);
        var host = own ? HostGuard.of(all) : HostGuard.besideOthers(all);
        var field = new Field(folders, host, all.subList(1, all.size()));
        try {
            field.start(names);
            return field;
        } catch (IOException | RuntimeException failure) {
            try {
                field.close();
            } catch (IOException | RuntimeException further) {
                failure.addSuppressed(further);
            }
            throw failure;
        }
    }

    private void start(List<String> names) throws IOException {
        var images = LocalRegistry.start(folders.top().resolve("registry"));
        registry = Optional.of(images);
        images.push(TestImage.build(folders.mark()), SHELL, "1");
        for (int i = 0; i < names.size(); i++) {
            contenders.add(
                    switch (names.get(i)) {
                        case Options.BERTH -> berth(i);
                        case Options.CONTAINERD -> containerd(i);
                        default -> running(i, Path.of(names.get(i)));
                    });
        }
    }

    private Contender berth(int index) throws IOException {
        var own = ownFolders.get(index);
        CniConf.write(own);
        NodeConfig.write(own);
        var daemon = OwnDaemon.start(own, () -> BerthUnderTest.start(own, Map.of()));
        daemons.add(daemon);
        // The configuration of the tests has a handler of this name if there is a newer runc.
        return Contender.open(
                index,
                place(own, NodeConfig.newerRunc().isPresent() ? "newer" : ""),
                Optional.of(daemon));
    }

    private Contender containerd(int index) throws IOException {
        var own = ownFolders.get(index);
        CniConf.write(own);
        registry().push(Containerd.pauseImage(), PAUSE, "1");
        Containerd.configure(own, registry().reference(PAUSE + ":1"));
        var daemon = OwnDaemon.start(own, () -> Containerd.start(own));
        daemons.add(daemon);
        return Contender.open(index, place(own, ""), Optional.of(daemon));
    }

    private Contender.Place place(NodeFolders own, String handler) {
        return new Contender.Place(
                own.socket(), reference(), own.logs(), own.mark(), own.cgroupParent(), handler);
    }

    private Contender running(int index, Path socket) {
        var own = ownFolders.get(index);
        return Contender.open(
                index,
                new Contender.Place(socket, reference(), own.logs(), own.mark(), "", ""),
                Optional.empty());
    }

    private String reference() {
        return registry().reference(SHELL + ":1");
    }

    LocalRegistry registry() {
        return registry.orElseThrow();
    }

    List<Contender> contenders() {
        return List.copyOf(contenders);
    }

    @Override
    public void close() throws IOException {
        if (Thread.interrupted()) {
            // A signal has; what follows is to come to its end all the same.
            Print.note("bench: broken off; clearing away");
        }
        contenders.reversed().forEach(Contender::close);
        try {
            end(daemons);
        } finally {
            registry.ifPresent(LocalRegistry::close);
            host.close();
        }
    }

    /** All of them, also when one does not end. */
    private static void end(List<OwnDaemon> daemons) throws IOException {
        if (daemons.isEmpty()) {
            return;
        }
        try {
            daemons.getFirst().close();
        } finally {
            end(daemons.subList(1, daemons.size()));
        }
    }
}
