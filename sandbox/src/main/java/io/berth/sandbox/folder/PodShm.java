package io.berth.sandbox.folder;

import io.berth.linux.Linux;
import io.berth.linux.MountFlag;
import io.berth.sandbox.sandbox.PodSandbox;
import io.berth.sandbox.settings.SandboxPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;

/**
 * A pod's /dev/shm, which everybody in the pod may write to: a mount inside of a folder that nobody
 * else passes through. Earlier versions mounted it on the folder itself; pods that were made so
 * keep it there, in a folder of pods that is closed then (see {@link StandingFolders}).
 */
public final class PodShm {
    private static final int SIZE_BYTES = 64 << 20;

    private final SandboxPaths paths;
    private final Linux linux;

    public PodShm(SandboxPaths paths, Linux linux) {
        this.paths = paths;
        this.linux = linux;
    }

    /** Makes the folder and mounts in it. Needs an open step. */
    public void make(PodSandbox sandbox, OwnedFolders folders) throws IOException {
        folders.make(paths.shm(sandbox.id()), sandbox.config());
        var mount = paths.shmMount(sandbox.id());
        folders.make(mount, sandbox.config());
        linux.mount(
                "shm",
                mount,
                "tmpfs",
                EnumSet.of(MountFlag.NO_EXEC, MountFlag.NO_SUID, MountFlag.NO_DEV),
                "mode=1777,size=" + SIZE_BYTES);
    }

    /** Returns where the pod's is mounted. */
    public Path of(PodSandbox sandbox) throws IOException {
        var folder = paths.shm(sandbox.id());
        return isMount(folder) ? folder : paths.shmMount(sandbox.id());
    }

    /** Whether another file system than the parent's is mounted at a folder of the parent. */
    boolean isMount(Path folder) throws IOException {
        var above = linux.lstat(paths.shmFolder()).id();
        var own = linux.lstat(folder).id();
        return own.deviceMajor() != above.deviceMajor() || own.deviceMinor() != above.deviceMinor();
    }
}
