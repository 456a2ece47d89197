package io.berth.e2e.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of the node, of its plugins and of shims: kind and path. Of the metadata store only the
 * folder counts, and of a snapshot only that it is there.
 */
final class Folders {
    private static final int UNIX_SOCKET = 0140000;
    private static final int FIFO = 0010000;
    private static final int KIND = 0170000;

    /** Where shims, the OCI runtime and CNI plugins put things that no configuration moves. */
    private static final List<Path> SHARED =
            List.of(
                    Path.of("/run/containerd"),
                    Path.of("/run/runc"),
                    Path.of("/run/crun"),
                    Path.of("/var/lib/cni"),
                    Path.of("/run/cni"));

    private static final int MAX_DEPTH = 6;

    private Folders() {}

    static List<String> read(HostScope scope) throws IOException {
        var lines = new ArrayList<String>();
        for (Path folder : scope.folders()) {
            walk(folder, folder, 0, lines);
        }
        for (Path folder : SHARED) {
            walk(folder, folder, 0, lines);
        }
        for (String address : Kernel.names(scope.ipamFolder())) {
            if (!address.equals("lock") && !address.startsWith("last_reserved_ip")) {
                lines.add("address " + scope.ipamFolder().resolve(address));
            }
        }
        for (String name : Kernel.names(Path.of("/tmp"))) {
            if (name.startsWith("runc-")) {
                lines.add("file /tmp/" + name);
            }
        }
        return lines;
    }

    private static void walk(Path top, Path folder, int depth, List<String> lines)
            throws IOException {
        for (String name : Kernel.names(folder)) {
            var path = folder.resolve(name);
            var kind = kind(path);
            if (kind.isEmpty() || opaque(top.relativize(path))) {
                continue;
            }
            lines.add(kind + " " + path);
            if (kind.equals("folder") && depth < MAX_DEPTH && !snapshot(top.relativize(path))) {
                walk(top, path, depth + 1, lines);
            }
        }
    }

    /** The store's own files change with every record, and logs with every line. */
    private static boolean opaque(Path path) {
        return path.startsWith("meta") && path.getNameCount() > 1;
    }

    /** What is inside a snapshot is the image's or the container's. */
    private static boolean snapshot(Path path) {
        return path.startsWith("snapshots") && path.getNameCount() > 2;
    }

    private static String kind(Path path) throws IOException {
        try {
            var attributes =
                    Files.readAttributes(
                            path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isDirectory()) {
                return "folder";
            }
            if (attributes.isOther()) {
                int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
                return switch (mode & KIND) {
                    case UNIX_SOCKET -> "socket";
                    case FIFO -> "fifo";
                    default -> "device";
                };
            }
            return attributes.isSymbolicLink() ? "link-file" : "file";
        } catch (NoSuchFileException gone) {
            return "";
        }
    }
}
