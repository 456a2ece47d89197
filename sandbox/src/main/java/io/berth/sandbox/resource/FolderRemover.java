package io.berth.sandbox.resource;

import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.MountEntry;
import io.berth.linux.UmountFlag;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The remover of what is named by its path: folders, bundles and what is mounted on folders. */
public final class FolderRemover implements Remover {
    private final List<Path> parents;
    private final Linux linux;
    private final HostFiles files;

    /** Removes folders right below {@code parent}, unmounting first what is mounted in them. */
    public FolderRemover(Path parent, Linux linux, HostFiles files) {
        this(List.of(parent), linux, files);
    }

    /** The same for folders below any of {@code parents}. */
    public FolderRemover(List<Path> parents, Linux linux, HostFiles files) {
        this.parents = List.copyOf(parents);
        this.linux = linux;
        this.files = files;
    }

    @Override
    public void remove(Ledger.Entry entry) throws IOException {
        var path = within(entry);
        if (Files.notExists(path, LinkOption.NOFOLLOW_LINKS)) {
            return; // nor is anything mounted there
        }
        unmountBelow(path);
        files.deleteTree(path);
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

    private void unmountBelow(Path path) throws IOException {
        List<MountEntry> mounts = linux.mountsBelow(path);
        // The kernel lists a mount after what it is mounted on.
        for (var mount : mounts.reversed()) {
            try {
                linux.umount(
                        mount.mountPoint(), EnumSet.of(UmountFlag.DETACH, UmountFlag.NOFOLLOW));
            } catch (LinuxException e) {
                if (linux.mountsBelow(mount.mountPoint()).isEmpty()) {
                    continue; // gone in between
                }
                throw e;
            }
        }
    }
}
