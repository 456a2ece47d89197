package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.HostFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The cache of attachments: the only class that knows its paths. Writes and removals need an open
 * step.
 */
public final class AttachmentFiles {
    static final int MAX_FILE_BYTES = 4 << 20;

    private static final String SUFFIX = ".json";

    private final Path folder;
    private final HostFiles files;

    AttachmentFiles(Path cacheDir, HostFiles files) {
        this.folder = cacheDir.resolve("results");
        this.files = files;
    }

    /**
     * A file of the cache.
     *
     * @param content empty when the file cannot be used; {@code problem} then says why
     */
    record Entry(
            String sandboxId,
            String interfaceName,
            Path file,
            Optional<CachedAttachment> content,
            String problem) {}

    /** Durable and atomic: readers see the old or the new. */
    void put(CachedAttachment attachment) throws IOException {
        var bytes = Json.bytes(attachment.toJson());
        if (bytes.length > MAX_FILE_BYTES) {
            throw new IOException(
                    "cached attachment of pod %s: found %d bytes, wanted at most %d"
                            .formatted(attachment.sandboxId(), bytes.length, MAX_FILE_BYTES));
        }
        files.createDirectories(folder, 0700);
        files.write(path(attachment.sandboxId(), attachment.interfaceName()), bytes, 0600);
    }

    /** No error when it is gone already. */
    void remove(String sandboxId, String interfaceName) throws IOException {
        files.deleteIfExists(path(sandboxId, interfaceName));
    }

    /** Removes all of a pod. */
    void remove(String sandboxId) throws IOException {
        for (var entry : of(sandboxId)) {
            remove(sandboxId, entry.interfaceName());
        }
    }

    /** Removes what a crash left of files of a pod that were being put. */
    void removeUnfinished(String sandboxId) throws IOException {
        files.deleteTemporaries(folder, sandboxId + "@");
    }

    /** Everything cached, by file name. */
    List<Entry> all() throws IOException {
        return entries("");
    }

    /** What is cached of one pod, by interface name. */
    List<Entry> of(String sandboxId) throws IOException {
        return entries(sandboxId + "@");
    }

    /** What each network gave a pod, by interface name. */
    List<NetworkResult> results(String sandboxId) throws IOException {
        return of(sandboxId).stream()
                .flatMap(entry -> entry.content().stream())
                .flatMap(it -> it.result().stream().map(done -> done.forPod(it.interfaceName())))
                .toList();
    }

    /** Reads the addresses that a pod was given by its first network; none if it is not cached. */
    public static List<String> addresses(Path cacheDir, HostFiles files, String sandboxId)
            throws IOException {
        return new AttachmentFiles(cacheDir, files)
                .results(sandboxId).stream().findFirst().map(NetworkResult::ips).orElse(List.of());
    }

    /** The network of each attachment. */
    List<NetworkConf> networks() throws IOException {
        return all().stream()
                .flatMap(entry -> entry.content().stream())
                .map(CachedAttachment::network)
                .toList();
    }

    private Path path(String sandboxId, String interfaceName) {
        return folder.resolve(sandboxId + "@" + interfaceName + SUFFIX);
    }

    private List<Entry> entries(String prefix) throws IOException {
        try (var names = Files.list(folder)) {
            return names.filter(file -> isEntry(file.getFileName().toString(), prefix))
                    .sorted()
                    .map(AttachmentFiles::read)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException nothingCached) {
            return List.of();
        }
    }

    /** Anything else in the folder, such as a file half written before a crash, is not ours. */
    private static boolean isEntry(String name, String prefix) {
        int at = name.indexOf('@');
        return name.startsWith(prefix)
                && name.endsWith(SUFFIX)
                && at > 0
                && PodNetworkRequest.isSandboxId(name.substring(0, at));
    }

    private static Optional<Entry> read(Path file) {
        var name = file.getFileName().toString();
        int at = name.indexOf('@');
        var sandboxId = name.substring(0, at);
        var interfaceName = name.substring(at + 1, name.length() - SUFFIX.length());
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IllegalArgumentException(
                        "found more than %d bytes".formatted(MAX_FILE_BYTES));
            }
            ObjectNode json = Json.cached(bytes);
            var content = CachedAttachment.ofJson(json);
            if (!content.sandboxId().equals(sandboxId)
                    || !content.interfaceName().equals(interfaceName)) {
                throw new IllegalArgumentException(
                        "found %s@%s in it, wanted what its name says"
                                .formatted(
                                        Excerpt.of(content.sandboxId()),
                                        Excerpt.of(content.interfaceName())));
            }
            return Optional.of(new Entry(sandboxId, interfaceName, file, Optional.of(content), ""));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        } catch (IOException | IllegalArgumentException unusable) {
            var problem = "cached attachment %s: %s".formatted(file, unusable.getMessage());
            return Optional.of(
                    new Entry(sandboxId, interfaceName, file, Optional.empty(), problem));
        }
    }
}
