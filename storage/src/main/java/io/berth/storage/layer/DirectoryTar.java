package io.berth.storage.layer;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.Stat;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A directory as a tar, members by name. Of an overlay's upper directory it makes a layer: the
 * overlay's whiteouts become those of OCI layers (image-spec, layer.md), so that {@link
 * LayerApplier} takes it. Nothing may change in it meanwhile. Sockets are left out, as tar has
 * none.
 */
public final class DirectoryTar {
    private static final String OVERLAY = "trusted.overlay.";
    private static final String OPAQUE = OVERLAY + "opaque";

    private final Linux linux;

    public DirectoryTar(Linux linux) {
        this.linux = linux;
    }

    /** Writes all below a directory, not the directory itself. */
    public void write(Path directory, OutputStream to) throws IOException {
        var buffered = new BufferedOutputStream(to, 1 << 16);
        try (var tar = new TarWriter(buffered)) {
            write(directory, "", new HashMap<>(), tar);
        }
        buffered.flush();
    }

    private void write(Path directory, String prefix, Map<Stat.FileId, String> links, TarWriter tar)
            throws IOException {
        for (var path : children(directory)) {
            var name = prefix + path.getFileName();
            var stat = linux.lstat(path);
            if (stat.isWhiteout()) {
                tar.put(empty(prefix + ".wh." + path.getFileName(), stat));
            } else if (stat.isDirectory()) {
                var xattrs = xattrs(path);
                boolean opaque = linux.lgetxattr(path, OPAQUE).isPresent();
                tar.put(member(name + "/", '5', stat, 0, "", xattrs));
                if (opaque) {
                    tar.put(empty(name + "/.wh..wh..opq", stat));
                }
                write(path, name + "/", links, tar);
            } else {
                leaf(path, name, stat, links, tar);
            }
        }
    }

    private void leaf(
            Path path, String name, Stat stat, Map<Stat.FileId, String> links, TarWriter tar)
            throws IOException {
        var first = stat.links() > 1 ? links.putIfAbsent(stat.id(), name) : null;
        if (first != null) {
            tar.put(member(name, '1', stat, 0, first, Map.of()));
            return;
        }
        switch (stat.type()) {
            case Flags.S_IFREG -> {
                try (var in =
                        Files.newInputStream(
                                path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
                    tar.put(member(name, '0', stat, stat.sizeBytes(), "", xattrs(path)), in);
                }
            }
            case Flags.S_IFLNK ->
                    tar.put(
                            member(
                                    name,
                                    '2',
                                    stat,
                                    0,
                                    Files.readSymbolicLink(path).toString(),
                                    Map.of()));
            case Flags.S_IFCHR -> tar.put(member(name, '3', stat, 0, "", Map.of()));
            case Flags.S_IFBLK -> tar.put(member(name, '4', stat, 0, "", Map.of()));
            case Flags.S_IFIFO -> tar.put(member(name, '6', stat, 0, "", Map.of()));
            default -> {}
        }
    }

    private static TarWriter.Member empty(String name, Stat stat) {
        return member(name, '0', stat, 0, "", Map.of());
    }

    private static TarWriter.Member member(
            String name, char type, Stat stat, long size, String link, Map<String, byte[]> xattrs) {
        return new TarWriter.Member(
                name,
                type,
                stat.permissions(),
                Integer.toUnsignedLong(stat.uid()),
                Integer.toUnsignedLong(stat.gid()),
                size,
                stat.modified().getEpochSecond(),
                link,
                stat.deviceMajor(),
                stat.deviceMinor(),
                xattrs);
    }

    private Map<String, byte[]> xattrs(Path path) throws LinuxException {
        var found = new TreeMap<String, byte[]>();
        for (var name : linux.llistxattr(path)) {
            if (!name.startsWith(OVERLAY)) {
                linux.lgetxattr(path, name).ifPresent(value -> found.put(name, value));
            }
        }
        return found;
    }

    private static List<Path> children(Path directory) throws IOException {
        var children = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(directory)) {
            entries.forEach(children::add);
        }
        children.sort(null);
        return children;
    }
}
