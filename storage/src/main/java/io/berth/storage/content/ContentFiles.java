package io.berth.storage.content;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The one place that knows where content lies; drawn in the package's documentation. */
final class ContentFiles {
    private static final int MAX_REF_BYTES = 4096;
    private static final int INGEST_ID_LENGTH = 32;
    private final Path root;
    private final Path blobs;
    private final Path ingests;

    ContentFiles(Path root) {
        this.root = root;
        this.blobs = root.resolve("blobs").resolve(Digest.SHA256);
        this.ingests = root.resolve("ingest");
    }

    void create() throws IOException {
        Files.createDirectories(blobs);
        Files.createDirectories(ingests);
        sync(root.resolve("blobs"));
        sync(root);
    }

    Path root() {
        return root;
    }

    Path blob(Digest digest) {
        return blobs.resolve(digest.hex());
    }

    /** The directory's name for a ref: chosen before it is made, the same each time. */
    static String ingestId(String ref) {
        byte[] bytes = ref.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_REF_BYTES) {
            throw new IllegalArgumentException(
                    "ingest ref: found %d bytes, wanted 1 to %d"
                            .formatted(bytes.length, MAX_REF_BYTES));
        }
        return Digest.sha256(bytes).hex().substring(0, INGEST_ID_LENGTH);
    }

    Path data(String ingestId) {
        return ingests.resolve(ingestId).resolve("data");
    }

    private Path ref(String ingestId) {
        return ingests.resolve(ingestId).resolve("ref");
    }

    void createIngest(String ingestId, String ref) throws IOException {
        Files.createDirectories(ingests.resolve(ingestId));
        Files.writeString(ref(ingestId), ref);
    }

    /** The ref of an ingest that can be resumed; empty when it cannot. */
    Optional<String> resumableRef(String ingestId) throws IOException {
        try {
            if (Files.size(ref(ingestId)) > MAX_REF_BYTES || !Files.exists(data(ingestId))) {
                return Optional.empty();
            }
            var ref = Files.readString(ref(ingestId));
            return Optional.of(ref).filter(r -> !r.isEmpty() && ingestId(r).equals(ingestId));
        } catch (NoSuchFileException cutShort) {
            return Optional.empty();
        }
    }

    void deleteIngest(String ingestId) throws IOException {
        Files.deleteIfExists(data(ingestId));
        Files.deleteIfExists(ref(ingestId));
        Files.deleteIfExists(ingests.resolve(ingestId));
    }

    /** Makes synced data a blob: visible whole, and durable when this returns. */
    void publish(String ingestId, Digest digest) throws IOException {
        var data = data(ingestId);
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("r--r--r--"));
        Files.move(data, blob(digest), StandardCopyOption.ATOMIC_MOVE);
        sync(blobs);
    }

    List<String> ingestIds() throws IOException {
        return names(ingests);
    }

    List<String> blobNames() throws IOException {
        return names(blobs);
    }

    private static List<String> names(Path directory) throws IOException {
        var found = new ArrayList<String>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (var entry : entries) {
                found.add(String.valueOf(entry.getFileName()));
            }
        }
        return found;
    }

    /** fsync(2) of a directory: its names are on disk. */
    static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
