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
 */
public record RuncOptions(String binaryName, String root, boolean systemdCgroup) {
    public Any toAny() {
        var options =
                Options.newBuilder()
                        .setBinaryName(binaryName)
                        .setRoot(root)
                        .setSystemdCgroup(systemdCgroup)
                        .build();
        return Any.newBuilder()
                .setTypeUrl(Options.getDescriptor().getFullName())
                .setValue(options.toByteString())
                .build();
    }
}
