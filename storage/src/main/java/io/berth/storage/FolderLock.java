package io.berth.storage;

import io.berth.linux.Flags;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Keeps a second process from a folder, by flock(2): the kernel frees it however we end. */
public final class FolderLock implements AutoCloseable {
    private static final int MAX_PID_BYTES = 32;
    private final LinuxFd file;

    private FolderLock(LinuxFd file) {
        this.file = file;
    }

    /**
     * Takes the lock or says who has it.
     *
     * @param word what the folder is, for the message: root or state
     * @throws StorageLocked when another has it, this process included
     */
    public static FolderLock take(Path folder, String word, Linux linux) throws IOException {
        var path = folder.resolve("lock");
        try {
            Files.createFile(
                    path,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException usual) {
            // The file stays behind when its holder ends; only the lock on it counts.
        }
        var file = linux.open(path, Flags.O_RDWR, 0);
        try {
            if (!linux.flock(file, true, true)) {
                throw new StorageLocked(word, folder, holder(path));
            }
            Files.writeString(path, ProcessHandle.current().pid() + "\n");
            return new FolderLock(file);
        } catch (IOException | RuntimeException failed) {
            file.close();
            throw failed;
        }
    }

    private static String holder(Path path) throws IOException {
        if (Files.size(path) > MAX_PID_BYTES) {
            return "another process";
        }
        var pid = Files.readString(path).strip();
        return pid.isEmpty() ? "another process" : "process " + pid;
    }

    @Override
    public void close() {
        file.close();
    }
}
