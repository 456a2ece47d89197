package io.berth.sandbox.folder;

import io.berth.linux.Errno;
import io.berth.linux.Flags;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.LinuxFd;
import io.berth.linux.MountEntry;
import io.berth.linux.MountInfo;
import io.berth.linux.step.Steps;
import io.berth.sandbox.container.ContainerStore;
import io.berth.sandbox.sandbox.SandboxStore;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The folders that are there when a daemon starts: makes those that all pods share, and closes
 * those of single pods that an earlier version left open to users of the host.
 */
public final class StandingFolders {
    private static final Logger LOG = System.getLogger(StandingFolders.class.getName());
    private static final int SHARED = 0711;
    private static final int CLOSED = 0700;

    private final SandboxPaths paths;
    private final Linux linux;
    private final HostFiles files;
    private final OwnedFolders owned;
    private final PodShm shm;

    public StandingFolders(SandboxPaths paths, Linux linux, HostFiles files) {
        this.paths = paths;
        this.linux = linux;
        this.files = files;
        this.owned = new OwnedFolders(linux, files);
        this.shm = new PodShm(paths, linux);
    }

    /**
     * Makes the folders that are shared by all pods, each passed by everybody or by root only.
     *
     * @throws IOException if one cannot be made
     */
    public void makeShared() throws IOException {
        for (var folder : paths.parents()) {
            shared(folder, SHARED);
        }
        for (var folder : paths.closedParents()) {
            shared(folder, CLOSED);
        }
    }

    /**
     * Lets OCI runtimes find a program as criu.
     *
     * @param program the native program, which checks restored processes and runs the real one
     */
    public void linkCriu(Path program) throws IOException {
        var link = paths.criuFolder().resolve("criu");
        Steps.run(
                "state.create",
                link.toString(),
                () -> {
                    if (Files.isSymbolicLink(link)
                            && !Files.readSymbolicLink(link).equals(program)) {
                        linux.unlinkat(LinuxFd.AT_FDCWD, link.toString(), 0);
                    }
                    files.symlink(program.toString(), link);
                });
    }

    private void shared(Path folder, int mode) throws IOException {
        Steps.run(
                "state.create",
                folder.toString(),
                () -> {
                    files.createDirectories(folder, mode);
                    if (linux.lstat(folder).permissions() != mode) {
                        linux.fchmodat(LinuxFd.AT_FDCWD, folder.toString(), mode);
                    }
                });
    }

    /**
     * Closes each folder of a pod or container. A folder that cannot be closed is logged, and the
     * others are closed all the same: pods run on.
     */
    public void close(SandboxStore sandboxes, ContainerStore containers) throws IOException {
        var groups = groups(sandboxes, containers);
        int closed = 0;
        boolean shmOpen = false;
        for (var parent : paths.parents()) {
            for (var folder : below(parent)) {
                if (parent.equals(paths.shmFolder()) && shm.isMount(folder)) {
                    shmOpen = true;
                    continue;
                }
                closed += close(folder, groups.getOrDefault(folder.getFileName().toString(), 0));
            }
        }
        if (shmOpen) {
            // The pods mount it from here: it cannot be moved, only kept from others.
            shared(paths.shmFolder(), CLOSED);
        }
        closed += restrict(MountInfo.below(paths.volumeFolder()));
        if (closed > 0) {
            LOG.log(
                    Logger.Level.INFO,
                    "{0} folders of pods and containers were open to users of the host: closed",
                    Integer.toString(closed));
        }
    }

    private static Map<String, Integer> groups(SandboxStore sandboxes, ContainerStore containers) {
        var groups = new HashMap<String, Integer>();
        for (var sandbox : sandboxes.all()) {
            int group = OwnedFolders.group(sandbox.config());
            if (group != 0) {
                groups.put(sandbox.id().value(), group);
                containers.of(sandbox.id()).forEach(each -> groups.put(each.id().value(), group));
            }
        }
        return groups;
    }

    private static List<Path> below(Path parent) throws IOException {
        var folders = new ArrayList<Path>();
        try (var entries = Files.newDirectoryStream(parent)) {
            entries.forEach(folders::add);
        }
        return folders;
    }

    private int close(Path folder, int group) {
        try {
            if (!linux.lstat(folder).isDirectory() || owned.isClosed(folder, group)) {
                return 0;
            }
            Steps.run("state.close", folder.toString(), () -> owned.close(folder, group));
            return 1;
        } catch (IOException failure) {
            return open(folder, failure);
        }
    }

    /** Images that are volumes and layers with mapped owners have no setuid program for anybody. */
    private int restrict(List<MountEntry> mounts) {
        int restricted = 0;
        for (var mount : mounts) {
            if (!mount.options().containsAll(List.of("nosuid", "nodev"))) {
                restricted += restrict(mount.mountPoint());
            }
        }
        return restricted;
    }

    private int restrict(Path mount) {
        try (var tree = linux.open(mount, Flags.O_PATH | Flags.O_CLOEXEC, 0)) {
            Steps.run(
                    "state.restrict",
                    mount.toString(),
                    () ->
                            linux.mountSetattr(
                                    tree,
                                    Flags.MOUNT_ATTR_NOSUID | Flags.MOUNT_ATTR_NODEV,
                                    0,
                                    false));
            return 1;
        } catch (IOException failure) {
            return open(mount, failure);
        }
    }

    private static int open(Path path, IOException failure) {
        if (!(failure instanceof LinuxException linux && linux.errno() == Errno.ENOENT)) {
            LOG.log(
                    Logger.Level.WARNING,
                    "{0}: stays open to users of the host: {1}",
                    path,
                    failure.getMessage());
        }
        return 0;
    }
}
