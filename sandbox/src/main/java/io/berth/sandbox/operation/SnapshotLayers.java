package io.berth.sandbox.operation;

import io.berth.storage.snapshot.MountSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The folders that a snapshot's mounts stack. */
final class SnapshotLayers {
    private SnapshotLayers() {}

    /** They are the uppermost first, and one alone where there is nothing to stack. */
    static List<Path> of(List<MountSpec> mounts) {
        var mount = mounts.getFirst();
        if (!mount.type().equals("overlay")) {
            return List.of(Path.of(mount.source()));
        }
        var layers = new ArrayList<Path>();
        for (var name : List.of("upperdir", "lowerdir")) {
            option(mount, name).stream()
                    .flatMap(value -> Arrays.stream(value.split(":", -1)))
                    .map(Path::of)
                    .forEach(layers::add);
        }
        return layers;
    }

    /** The value of a mount's option. */
    static Optional<String> option(MountSpec mount, String name) {
        return mount.options().stream()
                .filter(option -> option.startsWith(name + "="))
                .map(option -> option.substring(name.length() + 1))
                .findFirst();
    }
}
