package io.berth.storage.snapshot;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.Stat;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Gives directories that a layer had to make, without the tar saying how they are, the attributes
 * that they have in the layers below.
 */
final class ImpliedDirectories {
    private static final System.Logger LOG = System.getLogger(ImpliedDirectories.class.getName());
    private static final String OPAQUE = "trusted.overlay.opaque";
    private static final int OPEN = Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW;

    private final Linux linux;
    private final List<Path> layers;

    /** {@code layers} are the parents' files, nearest first. */
    ImpliedDirectories(Linux linux, List<Path> layers) {
        this.linux = linux;
        this.layers = layers;
    }

    /** Settles each of {@code paths} below {@code draft}; whether the draft's root is opaque. */
    boolean settle(Path draft, List<String> paths) throws LinuxException {
        try (var root = linux.open(draft, OPEN, 0)) {
            for (String path : paths.reversed()) { // a parent's time after its children's
                try (var directory = open(root, path)) {
                    settle(directory, path);
                }
            }
            return opaque(root);
        }
    }

    private LinuxFd open(LinuxFd root, String path) throws LinuxException {
        return linux.openat2(
                root, path, OPEN, 0, Flags.RESOLVE_BENEATH | Flags.RESOLVE_NO_SYMLINKS);
    }

    private void settle(LinuxFd directory, String path) throws LinuxException {
        for (Path layer : layers) {
            try (var root = linux.open(layer, OPEN, 0)) {
                if (settleFrom(root, directory, path)) {
                    return;
                }
            }
        }
    }

    /** Looks in one layer; true when the layers below it do not matter. */
    private boolean settleFrom(LinuxFd root, LinuxFd directory, String path) throws LinuxException {
        boolean hidesBelow = false;
        String at = "";
        for (String name : path.split("/", -1)) {
            String parent = at.isEmpty() ? "." : at;
            at = at.isEmpty() ? name : at + "/" + name;
            Optional<Stat> stat;
            try (var above = open(root, parent)) {
                stat = LinuxLookups.stat(linux, above, name);
            }
            if (stat.isEmpty()) {
                return hidesBelow;
            }
            if (!stat.get().isDirectory()) {
                if (!stat.get().isWhiteout()) {
                    LOG.log(Level.WARNING, "layer {0}: {1}: hidden by a directory", root, at);
                }
                return true;
            }
            try (var found = open(root, at)) {
                hidesBelow |= opaque(found);
                if (at.equals(path)) {
                    new FileAttributes(linux).copy(found, directory);
                    return true;
                }
            }
        }
        return hidesBelow;
    }

    private boolean opaque(LinuxFd directory) throws LinuxException {
        return linux.fgetxattr(directory, OPAQUE)
                .map(value -> value.length == 1 && value[0] == 'y')
                .orElse(false);
    }
}
