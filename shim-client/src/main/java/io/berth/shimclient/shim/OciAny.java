package io.berth.shimclient.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;

/** JSON objects of the OCI runtime spec, wrapped as shims expect them. */
public final class OciAny {
    private static final String PREFIX = "types.containerd.io/opencontainers/runtime-spec/1/";

    private OciAny() {}

    /** The spec's {@code process} object. */
    public static Any process(ByteString json) {
        return of("Process", json);
    }

    /** The spec's {@code linux.resources} object. */
    public static Any linuxResources(ByteString json) {
        return of("LinuxResources", json);
    }

    private static Any of(String type, ByteString json) {
        return Any.newBuilder().setTypeUrl(PREFIX + type).setValue(json).build();
    }
}
