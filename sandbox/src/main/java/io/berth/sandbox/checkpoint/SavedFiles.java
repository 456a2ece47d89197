package io.berth.sandbox.checkpoint;

import io.berth.linux.Errno;
import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.foreign.ForeignFileRefused;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.linux.foreign.ForeignFiles.Links;
import io.berth.linux.step.Steps;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of one checkpoint, by names relative to its folder, which stays open until {@link
 * #close}. A name that leads over a link, out of the folder or to another file system is refused;
 * so is what is no regular file. All refusals are {@link SandboxException.WrongState}.
 */
public final class SavedFiles implements AutoCloseable {
    /** How many files one copy takes. */
    static final int MAX_FILES = 65_536;

    /** How many bytes one copy takes: more than any process's memory that was ever saved. */
    static final long MAX_COPIED_BYTES = 1L << 40;

    private static final int FOLDER = Flags.O_RDONLY | Flags.O_CLOEXEC | Flags.O_DIRECTORY;
    private static final long WITHIN =
            Flags.RESOLVE_BENEATH
                    | Flags.RESOLVE_NO_SYMLINKS
                    | Flags.RESOLVE_NO_MAGICLINKS
                    | Flags.RESOLVE_NO_XDEV;

    private final Linux linux;
    private final String title;
    private final LinuxFd folder;
    private final int maxFiles;
    private final long maxBytes;

    private SavedFiles(Linux linux, String title, LinuxFd folder, int maxFiles, long maxBytes) {
        this.linux = linux;
        this.title = title;
        this.folder = folder;
        this.maxFiles = maxFiles;
        this.maxBytes = maxBytes;
    }

    /**
     * Opens a checkpoint's folder; the path to it may have links, as it is the caller's.
     *
     * @throws SandboxException.InvalidRequest if it is no folder
     */
    public static SavedFiles open(Linux linux, Path path) throws IOException {
        return open(linux, path, MAX_FILES, MAX_COPIED_BYTES);
    }

    /**
     * Opens a folder of the daemon's own, to which a checkpoint was unpacked.
     *
     * @param title what the checkpoint is called in messages
     */
    public static SavedFiles unpacked(Linux linux, Path path, String title) throws IOException {
        return new SavedFiles(
                linux, title, linux.open(path, FOLDER, 0), MAX_FILES, MAX_COPIED_BYTES);
    }

    static SavedFiles open(Linux linux, Path path, int maxFiles, long maxBytes) throws IOException {
        try {
            var folder = linux.open(path, FOLDER, 0);
            return new SavedFiles(linux, path.toString(), folder, maxFiles, maxBytes);
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.ENOENT || refused.errno() == Errno.ENOTDIR) {
                throw new SandboxException.InvalidRequest(
                        "checkpoint_path: found %s at '%s', wanted the folder of a checkpoint"
                                .formatted(refused.errnoName(), path));
            }
            throw refused;
        }
    }

    /** Whether there is anything of this name. */
    boolean has(String name) throws IOException {
        try (var _ = linux.openat2(folder, name, Flags.O_PATH | Flags.O_CLOEXEC, 0, WITHIN)) {
            return true;
        } catch (LinuxException refused) {
            if (refused.errno() == Errno.ENOENT) {
                return false;
            }
            throw refused;
        }
    }

    /** The content of a file, of at most so many bytes. */
    public byte[] read(String name, int maxBytes) throws IOException {
        try (var in = stream(name)) {
            var bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw refused(name, "more than %d bytes".formatted(maxBytes), "fewer");
            }
            return bytes;
        }
    }

    /** A file to be read to its end, by who limits what it makes of it. */
    public InputStream stream(String name) throws IOException {
        try (var file = file(name)) {
            return Files.newInputStream(Path.of(file.procPath()));
        }
    }

    /** Copies the regular files of one folder of the checkpoint into a folder that is there. */
    public void copy(String name, Path target) throws IOException {
        Steps.require("copy a checkpoint");
        long left = maxBytes;
        for (var entry : names(name)) {
            left -= copy(name + "/" + entry, target.resolve(entry), left);
        }
    }

    private long copy(String name, Path target, long most) throws IOException {
        try (var file = file(name);
                var from = FileChannel.open(Path.of(file.procPath()), StandardOpenOption.READ);
                var to =
                        FileChannel.open(
                                target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = from.size();
            if (size > most) {
                throw refused(
                        name,
                        "%d bytes where %d are left".formatted(size, most),
                        "no more than %d bytes in all".formatted(maxBytes));
            }
            long done = 0;
            while (done < size) {
                long some = from.transferTo(done, size - done, to);
                if (some <= 0) {
                    throw refused(name, "its end after %d bytes".formatted(done), size + " bytes");
                }
                done += some;
            }
            return size;
        }
    }

    private List<String> names(String name) throws IOException {
        var names = new ArrayList<String>();
        try (var directory = open(name, FOLDER)) {
            for (var some = linux.getdents(directory);
                    !some.isEmpty();
                    some = linux.getdents(directory)) {
                some.stream().map(DirectoryEntry::name).forEach(names::add);
                if (names.size() > maxFiles) {
                    throw refused(
                            name,
                            "more than %d files".formatted(maxFiles),
                            "no more than CRIU writes");
                }
            }
        }
        names.sort(null);
        return names;
    }

    private LinuxFd open(String name, int flags) throws IOException {
        try {
            return linux.openat2(folder, name, flags, 0, WITHIN);
        } catch (LinuxException failure) {
            throw refusal(name, failure);
        }
    }

    /** Returns the refusal that a failed look-up comes to, or throws the failure itself. */
    private SandboxException.WrongState refusal(String name, LinuxException failure)
            throws LinuxException {
        return switch (failure.errno()) {
            case Errno.ENOENT -> refused(name, "none", "a file of the checkpoint");
            case Errno.ELOOP -> refused(name, "a link", "a file; none is followed");
            case Errno.EXDEV ->
                    refused(name, "a way out of the folder", "a file of the checkpoint");
            case Errno.ENOTDIR -> refused(name, "a file", "a folder");
            default -> throw failure;
        };
    }

    /** The file by its descriptor, so that it is this one that is read, if it is a regular one. */
    private LinuxFd file(String name) throws IOException {
        try {
            return new ForeignFiles(linux)
                    .open(folder, name, Links.REFUSED, Long.MAX_VALUE)
                    .orElseThrow(() -> refused(name, "none", "a file of the checkpoint"));
        } catch (ForeignFileRefused notRegular) {
            throw refused(name, notRegular.found(), notRegular.wanted());
        } catch (LinuxException failure) {
            throw refusal(name, failure);
        }
    }

    /** What is wrong with a file of the checkpoint. */
    SandboxException.WrongState refused(String name, String found, String wanted) {
        return new SandboxException.WrongState(
                "checkpoint %s: %s: found %s, wanted %s"
                        .formatted(title, printable(name), found, wanted));
    }

    private static String printable(String name) {
        return name.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) ? '.' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Override
    public void close() {
        folder.close();
    }
}
