package io.berth.sandbox.resource;

import io.berth.linux.HostFiles;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The remover of what is named by its path: folders, bundles and what is mounted on folders. */
public final class FolderRemover implements Remover {
    private final List<Path> parents;
    private final HostFiles files;

    /** Removes folders right below {@code parent}, unmounting first what is mounted in them. */
    public FolderRemover(Path parent, HostFiles files) {
        this(List.of(parent), files);
    }

    /** The same for folders below any of {@code parents}. */
    public FolderRemover(List<Path> parents, HostFiles files) {
        this.parents = List.copyOf(parents);
        this.files = files;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var path = within(entry);
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return; // nor is anything mounted there
        }
        files.detachAndDeleteTree(path);
    }

    @Override
    public Set<String> standing() throws IOException {
        var found = new HashSet<String>();
        for (var parent : parents) {
            try (var entries = Files.newDirectoryStream(parent)) {
                entries.forEach(entry -> found.add(entry.toString()));
            } catch (NoSuchFileException none) {
                // nothing was ever made there
            }
        }
        return found;
    }

    private Path within(Ledger.Entry entry) throws IOException {
        var path = Path.of(entry.key());
        if (!path.normalize().equals(path) || !parents.contains(path.getParent())) {
            throw new IOException(
                    "%s %s: not right below %s, so it is not berth's to remove"
                            .formatted(entry.kind(), entry.key(), parents));
        }
        return path;
    }
}
