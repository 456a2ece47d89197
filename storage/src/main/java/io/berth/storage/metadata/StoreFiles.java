package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The files of one RocksDB folder: which there are, and a second set of them. RocksDB deletes files
 * when it is opened, so what may be damaged is opened with a second set beside it.
 */
final class StoreFiles {
    private final Path directory;

    StoreFiles(Path directory) {
        this.directory = directory;
    }

    /** The file that CURRENT names, if there is one. */
    Optional<Path> manifest() throws IOException {
        try {
            var name = Files.readString(directory.resolve("CURRENT")).strip();
            return name.startsWith("MANIFEST-")
                    ? Optional.of(directory.resolve(name))
                    : Optional.empty();
        } catch (NoSuchFileException | java.nio.charset.MalformedInputException none) {
            return Optional.empty();
        }
    }

    /** What changes when RocksDB has CURRENT name another file. */
    Object currentKey() throws IOException {
        var read = Files.readAttributes(directory.resolve("CURRENT"), BasicFileAttributes.class);
        return String.valueOf(read.fileKey());
    }

    /** Whether RocksDB has ever kept anything here. */
    boolean used() throws IOException {
        return list().stream()
                .map(file -> String.valueOf(file.getFileName()))
                .anyMatch(
                        name ->
                                name.equals("CURRENT")
                                        || name.startsWith("MANIFEST-")
                                        || name.endsWith(".sst")
                                        || name.endsWith(".log"));
    }

    List<Path> logs() throws IOException {
        return list().stream().filter(file -> file.toString().endsWith(".log")).sorted().toList();
    }

    private List<Path> list() throws IOException {
        try (var files = Files.list(directory)) {
            return files.toList();
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /** Makes the second set in {@code target}, replacing it: tables are linked, the rest copied. */
    void copyTo(Path target, boolean logsToo) throws IOException {
        delete(target);
        Files.createDirectory(
                target,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        for (var file : list()) {
            var name = String.valueOf(file.getFileName());
            var copy = target.resolve(name);
            boolean lasting = name.endsWith(".sst") || (name.endsWith(".log") && !logsToo);
            if (name.equals("LOCK") || name.startsWith("LOG") || !Files.isRegularFile(file)) {
                continue;
            }
            if (lasting) {
                Files.createLink(copy, file);
            } else {
                Files.copy(file, copy);
            }
        }
    }

    /** Deletes a folder and all in it; success if it is gone. */
    static void delete(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path each, @org.jspecify.annotations.Nullable IOException failed)
                            throws IOException {
                        if (failed != null) {
                            throw failed;
                        }
                        Files.delete(each);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
