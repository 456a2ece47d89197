package io.berth.storage.snapshot;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.UmountFlag;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Mounts snapshots for tests, as a shim would; overlays by fsconfig, which knows no page limit. */
final class Mounter implements AutoCloseable {
    private final Linux linux;
    private final Path directory;
    private final Deque<Path> mounted = new ArrayDeque<>();
    private int last;

    Mounter(Linux linux, Path directory) {
        this.linux = linux;
        this.directory = directory;
    }

    Path mount(List<MountSpec> mounts) throws IOException {
        Path target = Files.createDirectory(directory.resolve("m" + ++last));
        Steps.run(
                "test.mount",
                target.toString(),
                () -> {
                    for (MountSpec mount : mounts) {
                        if (mount.type().equals("bind")) {
                            bind(mount, target);
                        } else {
                            overlay(mount, target);
                        }
                        mounted.push(target);
                    }
                });
        return target;
    }

    private void bind(MountSpec mount, Path target) throws IOException {
        try (var tree = linux.openTreeClone(Path.of(mount.source()), true)) {
            if (mount.options().contains("ro")) {
                linux.mountSetattr(tree, Flags.MOUNT_ATTR_RDONLY, 0, true);
            }
            linux.moveMount(tree, target);
        }
    }

    private void overlay(MountSpec mount, Path target) throws IOException {
        try (var context = linux.fsopen("overlay")) {
            for (String layer : mount.option("lowerdir").split(":", -1)) {
                linux.fsconfigString(context, "lowerdir+", layer);
            }
            for (String name : List.of("upperdir", "workdir", "index")) {
                if (!mount.option(name).isEmpty()) {
                    linux.fsconfigString(context, name, mount.option(name));
                }
            }
            linux.fsconfigCreate(context);
            long attributes = mount.options().contains("ro") ? Flags.MOUNT_ATTR_RDONLY : 0;
            try (var tree = linux.fsmount(context, attributes)) {
                linux.moveMount(tree, target);
            }
        }
    }

    void umount(Path target) throws IOException {
        Steps.run("test.umount", target.toString(), () -> linux.umount(target, Set.of()));
        mounted.remove(target);
        Files.delete(target);
    }

    @Override
    public void close() throws IOException {
        while (!mounted.isEmpty()) {
            Path target = mounted.pop();
            Steps.run(
                    "test.umount",
                    target.toString(),
                    () -> linux.umount(target, Set.of(UmountFlag.DETACH)));
        }
    }
}
