package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import io.berth.shim.runc.Options;
import java.nio.file.Path;

/**
 * What the runc shim is told about its runtime; its create call takes it, and keeps it in the
 * bundle for the delete binary.
 *
 * @param binaryName runc, crun …: a path, or a name on the shim's PATH
 * @param root folder of the runtime's state; the shim adds the namespace
 * @param systemdCgroup cgroups are made by systemd, and cgroupsPath is {@code slice:prefix:name}
 * @param noPivotRoot the root is moved, not pivoted: for nodes whose own root is a ramdisk
 * @param noNewKeyring containers keep the session keyring of their shim
 * @param shimCgroup where the shim moves itself; empty leaves it
 * @param ioUid who owns the pipes between a process and the shim, for a process that is not root
 *     and opens its own streams anew
 * @param ioGid their group
 */
public record RuncOptions(
        String binaryName,
        String root,
        boolean systemdCgroup,
        boolean noPivotRoot,
        boolean noNewKeyring,
        String shimCgroup,
        int ioUid,
        int ioGid) {
    /** Without what is seldom wanted. */
    public RuncOptions(String binaryName, String root, boolean systemdCgroup) {
        this(binaryName, root, systemdCgroup, false, false, "", 0, 0);
    }

    /** The same for a process whose streams belong to another than root. */
    public RuncOptions ownedBy(int uid, int gid) {
        return new RuncOptions(
                binaryName, root, systemdCgroup, noPivotRoot, noNewKeyring, shimCgroup, uid, gid);
    }

    public Any toAny() {
        return any(options().build());
    }

    /** The same for a task that goes on from a checkpoint: CRIU leaves its log in a folder. */
    public Any restoring(Path criuLogs) {
        return any(options().setCriuWorkPath(criuLogs.toString()).build());
    }

    private Options.Builder options() {
        return Options.newBuilder()
                .setBinaryName(binaryName)
                .setRoot(root)
                .setSystemdCgroup(systemdCgroup)
                .setNoPivotRoot(noPivotRoot)
                .setNoNewKeyring(noNewKeyring)
                .setShimCgroup(shimCgroup)
                .setIoUid(ioUid)
                .setIoGid(ioGid);
    }

    private static Any any(Options options) {
        return Any.newBuilder()
                .setTypeUrl(Options.getDescriptor().getFullName())
                .setValue(options.toByteString())
                .build();
    }
}
