package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Where a shim of the runc family listens, which is known before it is started. */
final class ShimSocket {
    /** Compiled into the shims; measured with 1.6.20 and 2.1.9. */
    static final Path DIRECTORY = Path.of("/run/containerd/s");

    private ShimSocket() {}

    /** FOLDER/hex(sha256(GRPC_SOCKET/NAMESPACE/ID)), in the folder of the settings. */
    static Path of(ShimSettings settings, String id) {
        var key = settings.grpcSocket().resolve(settings.namespace()).resolve(id);
        try {
            var digest =
                    MessageDigest.getInstance("SHA-256").digest(key.toString().getBytes(UTF_8));
            return settings.socketFolder().resolve(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
