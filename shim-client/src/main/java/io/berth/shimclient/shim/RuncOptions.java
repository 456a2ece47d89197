package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import io.berth.shim.runc.Options;

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
 */
public record RuncOptions(
        String binaryName,
        String root,
        boolean systemdCgroup,
        boolean noPivotRoot,
        boolean noNewKeyring,
        String shimCgroup) {
    /** Without what is seldom wanted. */
    public RuncOptions(String binaryName, String root, boolean systemdCgroup) {
        this(binaryName, root, systemdCgroup, false, false, "");
    }

    public Any toAny() {
        var options =
                Options.newBuilder()
                        .setBinaryName(binaryName)
                        .setRoot(root)
                        .setSystemdCgroup(systemdCgroup)
                        .setNoPivotRoot(noPivotRoot)
                        .setNoNewKeyring(noNewKeyring)
                        .setShimCgroup(shimCgroup)
                        .build();
        return Any.newBuilder()
                .setTypeUrl(Options.getDescriptor().getFullName())
                .setValue(options.toByteString())
                .build();
    }
}
