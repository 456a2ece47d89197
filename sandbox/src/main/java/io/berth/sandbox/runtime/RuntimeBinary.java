package io.berth.sandbox.runtime;

import io.berth.sandbox.settings.SandboxSettings.RuntimeHandler;
import io.berth.sandbox.settings.ShimType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** Where a handler's OCI runtime lies. */
public final class RuntimeBinary {
    /**
     * What shims are given as PATH: theirs is the choice where no binary is configured. The last is
     * where deploy/prerequisites unpacks a criu.
     */
    public static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/lib/berth/criu/bin";

    /** What the runc shim looks for. */
    private static final String DEFAULT = "runc";

    private RuntimeBinary() {}

    /** Which kind of runtime a handler has: runc, crun …, or what its shim is for. */
    public static String kind(RuntimeHandler handler) {
        var type = ShimType.of(handler.shim());
        return type.isRunc()
                ? handler.binary()
                        .map(binary -> String.valueOf(binary.getFileName()))
                        .orElse(DEFAULT)
                : type.name();
    }

    /** The runtime of a handler of runc's shim; empty if there is none. */
    public static Optional<Path> of(RuntimeHandler handler) {
        return of(handler.binary());
    }

    /** The configured binary, or the one that the shim will find; empty if it will find none. */
    static Optional<Path> of(Optional<Path> configured) {
        if (configured.isPresent()) {
            return configured;
        }
        return Arrays.stream(PATH.split(":", -1))
                .map(folder -> Path.of(folder, DEFAULT))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
