package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import io.berth.shim.runc.CheckpointOptions;
import java.nio.file.Path;

/**
 * What the runc shim is told about a checkpoint that leaves the container running.
 *
 * @param workPath folder for CRIU's own log and statistics
 */
public record RuncCheckpoint(Path workPath) {
    public Any toAny() {
        var options = CheckpointOptions.newBuilder().setWorkPath(workPath.toString()).build();
        return Any.newBuilder()
                .setTypeUrl(CheckpointOptions.getDescriptor().getFullName())
                .setValue(options.toByteString())
                .build();
    }
}
