package io.berth.sandbox.folder;

import io.berth.cri.v1.PodSandboxConfig;
import io.berth.linux.HostFiles;
import io.berth.linux.Linux;
import io.berth.linux.LinuxFd;
import io.berth.sandbox.spec.UserNamespaces;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes folders that belong to one pod or container: mode 0700, or 0710 with the group that is root
 * in the pod's user namespace, as which the OCI runtime goes to the container's root.
 */
public final class OwnedFolders {
    private static final int HOST_ROOT = 0;
    private static final int CLOSED = 0700;
    private static final int PASSED_BY_GROUP = 0710;

    private final Linux linux;
    private final HostFiles files;

    public OwnedFolders(Linux linux, HostFiles files) {
        this.linux = linux;
        this.files = files;
    }

    /** Makes a folder of a pod or of one of its containers. Needs an open step; repeats well. */
    public void make(Path folder, PodSandboxConfig pod) throws IOException {
        files.createDirectories(folder, CLOSED);
        close(folder, group(pod));
    }

    /** Returns the group that may pass through a pod's folders: 0 without a user namespace. */
    static int group(PodSandboxConfig pod) {
        return UserNamespaces.of(pod).map(maps -> (int) maps.gids().toHost(0)).orElse(HOST_ROOT);
    }

    /** Closes a folder to everybody but root and a group. Needs an open step if it is open. */
    void close(Path folder, int group) throws IOException {
        if (isClosed(folder, group)) {
            return;
        }
        linux.fchmodat(LinuxFd.AT_FDCWD, folder.toString(), CLOSED);
        if (group != HOST_ROOT) {
            linux.fchownat(LinuxFd.AT_FDCWD, folder.toString(), HOST_ROOT, group);
            linux.fchmodat(LinuxFd.AT_FDCWD, folder.toString(), PASSED_BY_GROUP);
        }
    }

    /** Whether only root and a group pass through a folder. */
    boolean isClosed(Path folder, int group) throws IOException {
        var stat = linux.lstat(folder);
        return group == HOST_ROOT
                ? stat.permissions() == CLOSED
                : stat.permissions() == PASSED_BY_GROUP && stat.gid() == group;
    }
}
