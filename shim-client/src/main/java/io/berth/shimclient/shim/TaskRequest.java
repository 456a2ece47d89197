package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import java.nio.file.Path;
import java.util.List;

/**
 * What a task is made of.
 *
 * @param id the container's id, also the name of the bundle's folder
 * @param bundle folder that holds config.json and rootfs
 * @param rootfs mounts the shim makes on the bundle's rootfs; none if it is filled already
 * @param options of the runtime, see {@link RuncOptions} and {@link GenericOptions}; the empty Any
 *     for none
 * @param checkpoint folder of the files that its processes go on from; empty to begin anew
 */
public record TaskRequest(
        String id,
        Path bundle,
        List<RootfsMount> rootfs,
        TaskIo io,
        Any options,
        String checkpoint) {
    /** One that begins anew. */
    public TaskRequest(String id, Path bundle, List<RootfsMount> rootfs, TaskIo io, Any options) {
        this(id, bundle, rootfs, io, options, "");
    }

    public TaskRequest {
        ShimRequest.requireBundleOf(id, bundle);
        rootfs = List.copyOf(rootfs);
    }
}
