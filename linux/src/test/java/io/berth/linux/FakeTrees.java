package io.berth.linux;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Copies trees, and merges them as overlayfs shows them, with what {@link FakeAttributes} says. */
final class FakeTrees {
    private static final LinuxCalls KERNEL = new LinuxCalls();

    private final FakeAttributes attributes;

    FakeTrees(FakeAttributes attributes) {
        this.attributes = attributes;
    }

    /** The layers of an overlay's options; the uppermost first. */
    record Layers(Optional<Path> upper, List<Path> lower) {
        boolean writable() {
            return upper.isPresent();
        }

        List<Path> all() {
            var all = new ArrayList<Path>();
            upper.ifPresent(all::add);
            all.addAll(lower);
            return all;
        }
    }

    static Layers layers(String data) {
        Optional<Path> upper = Optional.empty();
        var lower = new ArrayList<Path>();
        for (var option : data.split(",", -1)) {
            if (option.startsWith("upperdir=")) {
                upper = Optional.of(Path.of(option.substring("upperdir=".length())));
            } else if (option.startsWith("lowerdir=")) {
                for (var layer : option.substring("lowerdir=".length()).split(":", -1)) {
                    lower.add(Path.of(layer));
                }
            }
        }
        return new Layers(upper, lower);
    }

    /** Gives a directory the mode that a tmpfs is told. */
    static void mode(String data, Path directory) throws IOException {
        var permissions = EnumSet.allOf(PosixFilePermission.class);
        for (var option : data.split(",", -1)) {
            if (option.startsWith("mode=")) {
                int mode = Integer.parseInt(option.substring("mode=".length()), 8);
                var all = PosixFilePermission.values(); // from the owner's read on
                permissions.clear();
                for (int bit = 0; bit < all.length; bit++) {
                    if ((mode & (0400 >> bit)) != 0) {
                        permissions.add(all[bit]);
                    }
                }
            }
        }
        Files.setPosixFilePermissions(directory, permissions);
    }

    /** Shows layers, the uppermost first, in an empty directory. */
    void merge(List<Path> layers, Path into) throws IOException {
        for (var layer : layers.reversed()) {
            lay(layer, into);
        }
    }

    private void lay(Path layer, Path into) throws IOException {
        for (var entry : entries(layer)) {
            var target = into.resolve(entry.getFileName());
            var id = id(entry);
            boolean directory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
            if (!directory
                    || attributes.isOpaque(id)
                    || !Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
                delete(target);
            }
            if (attributes.isWhiteout(id)) {
                continue;
            }
            if (!directory) {
                copyOne(entry, target);
            } else {
                if (Files.notExists(target)) {
                    Files.createDirectory(target);
                }
                lay(entry, target);
                Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(entry));
                attributes.copy(id, id(target));
            }
        }
    }

    private static Stat.FileId id(Path path) throws LinuxException {
        return KERNEL.lstat(path).id();
    }

    private void copyOne(Path from, Path to) throws IOException {
        var stat = KERNEL.lstat(from);
        if (stat.isRegularFile() || stat.isSymlink()) {
            Files.copy(
                    from,
                    to,
                    LinkOption.NOFOLLOW_LINKS,
                    StandardCopyOption.COPY_ATTRIBUTES,
                    StandardCopyOption.REPLACE_EXISTING);
        } else {
            KERNEL.mknodat(LinuxFd.AT_FDCWD, to.toString(), stat.mode(), 0);
        }
        attributes.copy(stat.id(), id(to));
    }

    /** Copies a file, or what a directory holds. */
    void copy(Path from, Path to) throws IOException {
        if (!Files.isDirectory(from)) {
            Files.write(to, Files.readAllBytes(from));
            return;
        }
        lay(from, to);
        Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from));
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.toList();
        }
    }

    static boolean isEmpty(Path directory) throws IOException {
        return entries(directory).isEmpty();
    }

    /** Moves what a directory holds. */
    static void move(Path from, Path to) throws IOException {
        for (var entry : entries(from)) {
            Files.move(entry, to.resolve(entry.getFileName()));
        }
    }

    /** Removes what a directory holds; of a file, its bytes. */
    static void empty(Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.write(path, new byte[0]);
            return;
        }
        for (var entry : entries(path)) {
            delete(entry);
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(
                path,
                Set.of(),
                Integer.MAX_VALUE,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes ignored)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @org.jspecify.annotations.Nullable IOException failure)
                            throws IOException {
                        if (failure != null) {
                            throw failure;
                        }
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
