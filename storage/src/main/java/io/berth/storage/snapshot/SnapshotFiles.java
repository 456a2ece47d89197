package io.berth.storage.snapshot;

import io.berth.linux.FileCalls.DirectoryEntry;
import io.berth.linux.Flags;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** The directories of one snapshotter, and the only class that knows their paths. */
final class SnapshotFiles {
    private static final System.Logger LOG = System.getLogger(SnapshotFiles.class.getName());
    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
    private static final String DRAFT = "draft-";
    private static final String GONE = "gone-";

    private final Linux linux;
    private final HostFiles files;
    private final Path root;
    private final AtomicLong last = new AtomicLong();

    private SnapshotFiles(Linux linux, Path root) {
        this.linux = linux;
        this.files = new HostFiles(linux);
        this.root = root;
    }

    /** Makes the root if need be, and removes each directory in it that is not of {@code known}. */
    static SnapshotFiles open(Linux linux, Path root, Set<Long> known) throws IOException {
        var files = new SnapshotFiles(linux, root.toAbsolutePath());
        files.files.createDirectories(files.root, 0700);
        for (String name : files.names()) {
            boolean number = NUMBER.matcher(name).matches();
            if (number) {
                files.last.accumulateAndGet(Long.parseLong(name), Math::max);
            }
            if (!number || !known.contains(Long.parseLong(name))) {
                LOG.log(Level.INFO, "snapshots={0} swept={1}", root, name);
                files.files.deleteTree(files.root.resolve(name));
            }
        }
        return files;
    }

    private List<String> names() throws IOException {
        var names = new ArrayList<String>();
        try (var directory = linux.open(root, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            for (var some = linux.getdents(directory);
                    !some.isEmpty();
                    some = linux.getdents(directory)) {
                some.stream().map(DirectoryEntry::name).forEach(names::add);
            }
        }
        return names;
    }

    private Path of(long number) {
        return root.resolve(Long.toString(number));
    }

    private Path ofDraft(long number) {
        return root.resolve(DRAFT + number);
    }

    /** The files of a snapshot. */
    Path fs(long number) {
        return of(number).resolve("fs");
    }

    /** The files of a snapshot, below the root: what a mount can be told in few bytes. */
    static String shortFs(long number) {
        return number + "/fs";
    }

    /** Overlayfs's work directory of an active snapshot. */
    Path work(long number) {
        return of(number).resolve("work");
    }

    Path draft(long number) {
        return ofDraft(number).resolve("fs");
    }

    boolean exists(long number) throws IOException {
        try (var directory = linux.open(root, Flags.O_PATH | Flags.O_DIRECTORY, 0)) {
            return LinuxLookups.stat(linux, directory, Long.toString(number)).isPresent();
        }
    }

    /** A number that no directory has had since the snapshotter was opened. */
    long next() {
        return last.incrementAndGet();
    }

    /** Makes the empty directory of an active snapshot; the root of its files has mode 0755. */
    void make(long number, boolean work) throws IOException {
        files.createDirectories(of(number), 0700);
        files.createDirectories(fs(number), 0755);
        if (work) {
            files.createDirectories(work(number), 0711);
        }
    }

    void makeDraft(long number) throws IOException {
        files.createDirectories(ofDraft(number), 0700);
        files.createDirectories(draft(number), 0755);
    }

    /** Gives a draft the name that a record may name. */
    void adopt(long number) throws IOException {
        linux.rename(ofDraft(number), of(number));
    }

    /** Everything written so far is on disk when this returns. */
    void sync() throws IOException {
        try (var directory = linux.open(root, Flags.O_RDONLY | Flags.O_DIRECTORY, 0)) {
            linux.syncfs(directory);
        }
    }

    void deleteWork(long number) throws IOException {
        files.deleteTree(work(number));
    }

    void deleteDraft(long number) throws IOException {
        files.deleteTree(ofDraft(number));
    }

    /** Renames a snapshot's directory away and deletes it; cut short, the next open finishes. */
    void delete(long number) throws IOException {
        Path gone = root.resolve(GONE + number);
        try (var directory = linux.open(root, Flags.O_PATH | Flags.O_DIRECTORY, 0)) {
            if (LinuxLookups.stat(linux, directory, Long.toString(number)).isPresent()) {
                linux.rename(of(number), gone);
            }
        }
        files.deleteTree(gone);
    }

    /** Opens a directory of ours for reading. */
    LinuxFd open(Path directory) throws IOException {
        return linux.open(directory, Flags.O_RDONLY | Flags.O_DIRECTORY | Flags.O_NOFOLLOW, 0);
    }
}
