package io.berth.sandbox.salvage;

import io.berth.sandbox.operation.SystemdSlice;
import java.util.Optional;

/**
 * Where a task's cgroup lies, by its OCI config.
 *
 * @param leaf its own cgroup
 * @param parent what holds all of the pod's: a path, or with the systemd driver a slice
 * @param path the parent as a path
 * @param slice there with the systemd driver
 */
record SalvagedCgroup(String leaf, String parent, String path, Optional<SystemdSlice> slice) {

    /**
     * Reads {@code cgroupsPath}: a path, or {@code slice:prefix:name}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static SalvagedCgroup of(String cgroupsPath) {
        var parts = cgroupsPath.split(":", -1);
        if (parts.length == 3 && !parts[0].isEmpty()) {
            var slice = new SystemdSlice(parts[0]);
            var leaf = "%s/%s-%s.scope".formatted(slice.path(), parts[1], parts[2]);
            return new SalvagedCgroup(leaf, parts[0], slice.path(), Optional.of(slice));
        }
        int end = cgroupsPath.lastIndexOf('/');
        if (end <= 0 || parts.length != 1) {
            throw new IllegalArgumentException(
                    "cgroup: found \"%s\", wanted a path or slice:prefix:name"
                            .formatted(cgroupsPath));
        }
        var parent = cgroupsPath.substring(0, end);
        return new SalvagedCgroup(cgroupsPath, parent, parent, Optional.empty());
    }

    /** Whether the parent is the pod's own, since the kubelet named none. */
    boolean isOfPod(String sandboxId, String cgroupParent) {
        return slice.map(
                        it ->
                                it.toString()
                                        .equals(
                                                SystemdSlice.ofPath(cgroupParent)
                                                        .child(sandboxId)
                                                        .toString()))
                .orElse(path.equals(cgroupParent + "/" + sandboxId));
    }
}
