package io.berth.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The mounts of {@link FakeLinux}. All methods exclude each other. */
final class FakeMounts {
    private static final Map<String, Long> MAGIC =
            Map.of(
                    "tmpfs",
                    Flags.TMPFS_MAGIC,
                    "overlay",
                    Flags.OVERLAYFS_SUPER_MAGIC,
                    "nsfs",
                    Flags.NSFS_MAGIC,
                    "proc",
                    0x9fa0L,
                    "mqueue",
                    0x19800202L,
                    "bind",
                    0L);

    private final Path folder;
    private final FakeTrees trees;
    private final AtomicInteger numbers = new AtomicInteger(1000);
    private final List<FakeMount> mounts = new ArrayList<>();
    private final Map<Path, Context> contexts = new ConcurrentHashMap<>();
    private final Map<Path, Detached> detached = new ConcurrentHashMap<>();

    FakeMounts(Path folder, FakeAttributes attributes) {
        this.folder = folder;
        this.trees = new FakeTrees(attributes);
    }

    /** A file system that is being configured. */
    private record Context(String type, List<Path> lower, Set<String> flags) {}

    /** A mount that has no place yet. */
    private record Detached(String type, Set<String> options) {}

    synchronized List<MountEntry> entries() {
        return mounts.stream().map(FakeMount::entry).toList();
    }

    synchronized List<MountEntry> below(Path directory) {
        return entries().stream().filter(it -> it.mountPoint().startsWith(directory)).toList();
    }

    private Optional<FakeMount> of(Path path) {
        FakeMount deepest = null;
        for (var mount : mounts) {
            if (path.startsWith(mount.point())
                    && (deepest == null
                            || mount.point().getNameCount() >= deepest.point().getNameCount())) {
                deepest = mount;
            }
        }
        return Optional.ofNullable(deepest);
    }

    synchronized boolean isMountPoint(Path path) {
        return mounts.stream().anyMatch(mount -> mount.point().equals(path));
    }

    /** Whether two paths lie in different mounts. */
    synchronized boolean differ(Path one, Path other) {
        return !of(one).equals(of(other));
    }

    synchronized boolean readOnly(Path path) {
        return of(path).map(FakeMount::readOnly).orElse(false);
    }

    synchronized OptionalLong magic(Path path) {
        return of(path).map(FakeMount::type).map(MAGIC::get).filter(it -> it != 0).stream()
                .mapToLong(Long::longValue)
                .findFirst();
    }

    synchronized void mount(
            String source, Path target, String type, Set<MountFlag> flags, String data)
            throws LinuxException {
        if (Files.notExists(target)) {
            throw new LinuxException("mount", Errno.ENOENT, target);
        }
        if (flags.contains(MountFlag.REMOUNT)) {
            remount(target, flags);
            return;
        }
        if (flags.stream().anyMatch(PROPAGATION::contains)) {
            return;
        }
        if (flags.contains(MountFlag.BIND)) {
            bind(Path.of(source), target, flags);
            return;
        }
        if (!MAGIC.containsKey(type)) {
            throw new LinuxException("mount", Errno.ENODEV, target);
        }
        var options = FakeMount.options(flags);
        if (type.equals("overlay")) {
            var layers = FakeTrees.layers(data);
            if (!layers.writable()) {
                options.add("ro");
            }
            add(
                    target,
                    type,
                    source,
                    options,
                    Optional.of(into -> trees.merge(layers.all(), into)));
        } else {
            add(target, type, source, options, Optional.of(into -> FakeTrees.mode(data, into)));
        }
    }

    private static final Set<MountFlag> PROPAGATION =
            Set.of(MountFlag.PRIVATE, MountFlag.SHARED, MountFlag.SLAVE, MountFlag.UNBINDABLE);

    private void remount(Path target, Set<MountFlag> flags) throws LinuxException {
        int at = top(target);
        if (at < 0) {
            throw new LinuxException("mount", Errno.EINVAL, target);
        }
        var old = mounts.get(at);
        mounts.set(
                at,
                new FakeMount(
                        old.id(),
                        old.point(),
                        old.type(),
                        old.source(),
                        FakeMount.options(flags),
                        old.covered(),
                        old.permissions()));
    }

    private void bind(Path source, Path target, Set<MountFlag> flags) throws LinuxException {
        if (Files.notExists(source)) {
            throw new LinuxException("mount", Errno.ENOENT, target);
        }
        if (source.startsWith("/proc")) { // a namespace is nothing to copy
            add(target, "nsfs", source.toString(), FakeMount.options(flags), Optional.empty());
            return;
        }
        add(
                target,
                of(source).map(FakeMount::type).orElse("bind"),
                source.toString(),
                FakeMount.options(flags),
                Optional.of(into -> trees.copy(source, into)));
    }

    /** Puts the content of a mount into its mount point. */
    private interface Content {
        void into(Path target) throws IOException;
    }

    private void add(
            Path target, String type, String source, Set<String> options, Optional<Content> content)
            throws LinuxException {
        int id = numbers.incrementAndGet();
        try {
            var permissions = Files.getPosixFilePermissions(target);
            var covered = content.isPresent() ? cover(target, id) : Optional.<Path>empty();
            if (content.isPresent()) {
                content.get().into(target);
            }
            mounts.add(new FakeMount(id, target, type, source, options, covered, permissions));
        } catch (LinuxException failed) {
            throw failed;
        } catch (IOException failed) {
            throw new LinuxException("mount", Errno.EIO, target + " (" + failed + ")");
        }
    }

    private Optional<Path> cover(Path target, int id) throws IOException {
        if (!Files.isDirectory(target)) {
            var held = folder.resolve("covered-" + id);
            Files.copy(target, held);
            return Optional.of(held);
        }
        if (FakeTrees.isEmpty(target)) {
            return Optional.empty();
        }
        var held = Files.createDirectory(folder.resolve("covered-" + id));
        FakeTrees.move(target, held);
        return Optional.of(held);
    }

    private int top(Path target) {
        for (int at = mounts.size() - 1; at >= 0; at--) {
            if (mounts.get(at).point().equals(target)) {
                return at;
            }
        }
        return -1;
    }

    synchronized void umount(Path target, boolean detach) throws LinuxException {
        int at = top(target);
        if (at < 0) {
            boolean there = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
            throw new LinuxException("umount2", there ? Errno.EINVAL : Errno.ENOENT, target);
        }
        for (int above = mounts.size() - 1; above > at; above--) {
            if (mounts.get(above).point().startsWith(target)) {
                if (!detach) {
                    throw new LinuxException("umount2", Errno.EBUSY, target);
                }
                end(mounts.remove(above));
            }
        }
        end(mounts.remove(at));
    }

    private void end(FakeMount mount) throws LinuxException {
        try {
            if (!mount.type().equals("nsfs")) {
                FakeTrees.empty(mount.point());
            }
            if (mount.covered().isPresent()) {
                var held = mount.covered().get();
                if (Files.isDirectory(held)) {
                    FakeTrees.move(held, mount.point());
                } else {
                    Files.write(mount.point(), Files.readAllBytes(held));
                }
                Files.delete(held);
            }
            if (mount.permissions() != null) {
                Files.setPosixFilePermissions(mount.point(), mount.permissions());
            }
        } catch (IOException failed) {
            throw new LinuxException("umount2", Errno.EIO, mount.point() + " (" + failed + ")");
        }
    }

    /** The file that stands for a file system being configured. */
    synchronized Path context(String type) throws LinuxException {
        if (!MAGIC.containsKey(type)) {
            throw new LinuxException("fsopen", Errno.ENODEV, type);
        }
        var held = folder.resolve("context-" + numbers.incrementAndGet());
        try {
            Files.createFile(held);
        } catch (IOException failed) {
            throw new LinuxException("fsopen", Errno.EIO, held);
        }
        contexts.put(held, new Context(type, new ArrayList<>(), new TreeSet<>()));
        return held;
    }

    synchronized void configure(Path context, String key, String value) throws LinuxException {
        var configured = contexts.get(context);
        if (configured == null) {
            throw new LinuxException("fsconfig", Errno.EINVAL, context);
        }
        switch (key) {
            case "lowerdir+" -> configured.lower().add(Path.of(value));
            case "lowerdir" ->
                    FakeTrees.layers("lowerdir=" + value).lower().forEach(configured.lower()::add);
            default -> configured.flags().add(key);
        }
    }

    /** The directory with the content of a mount that has no place yet. */
    synchronized Path detached(Path context, long attributes) throws LinuxException {
        var configured = contexts.remove(context);
        if (configured == null) {
            throw new LinuxException("fsmount", Errno.EINVAL, context);
        }
        var options = new TreeSet<>(configured.flags());
        FakeMount.attributes(options, attributes, 0);
        return detached(configured.type(), options, into -> trees.merge(configured.lower(), into));
    }

    synchronized Path clone(Path path) throws LinuxException {
        if (Files.notExists(path)) {
            throw new LinuxException("open_tree", Errno.ENOENT, path);
        }
        return detached(
                of(path).map(FakeMount::type).orElse("bind"),
                new TreeSet<>(Set.of("rw")),
                into -> trees.copy(path, into));
    }

    private Path detached(String type, Set<String> options, Content content) throws LinuxException {
        var held = folder.resolve("detached-" + numbers.incrementAndGet());
        try {
            Files.createDirectory(held);
            content.into(held);
        } catch (IOException failed) {
            throw new LinuxException("fsmount", Errno.EIO, held + " (" + failed + ")");
        }
        detached.put(held, new Detached(type, options));
        return held;
    }

    synchronized void change(Path mount, long set, long clear) throws LinuxException {
        var changed = detached.get(mount);
        if (changed == null) {
            throw new LinuxException("mount_setattr", Errno.EINVAL, mount);
        }
        FakeMount.attributes(changed.options(), set, clear);
    }

    synchronized void attach(Path mount, Path target) throws LinuxException {
        var moved = detached.remove(mount);
        if (moved == null) {
            throw new LinuxException("move_mount", Errno.EINVAL, target);
        }
        if (Files.notExists(target)) {
            throw new LinuxException("move_mount", Errno.ENOENT, target);
        }
        add(
                target,
                moved.type(),
                moved.type(),
                moved.options(),
                Optional.of(into -> FakeTrees.move(mount, into)));
    }
}
