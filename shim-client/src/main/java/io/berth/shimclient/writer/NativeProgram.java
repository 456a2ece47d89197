package io.berth.shimclient.writer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The installed {@code berth-native}: an absolute path of an executable file.
 *
 * @param path where it is installed, from the daemon's config
 */
public record NativeProgram(Path path) {
    private static final String RESOURCE = "/native/berth-native";

    public NativeProgram {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(
                    "native program %s: found a relative path, wanted an absolute one"
                            .formatted(path));
        }
    }

    /**
     * The program at {@code path}.
     *
     * @throws LogWriterException.NotInstalled when there is no executable file
     */
    public static NativeProgram at(Path path) {
        var program = new NativeProgram(path);
        if (!Files.isRegularFile(path) || !Files.isExecutable(path)) {
            throw new LogWriterException.NotInstalled(
                    "native program %s: found no executable file; reinstall berth or correct its path in the config"
                            .formatted(path));
        }
        return program;
    }

    /** The bytes of the program this build carries: statically linked, it runs in any root. */
    public static byte[] bytes() throws IOException {
        try (var in = NativeProgram.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new LogWriterException.NotInstalled(
                        "native program: found no %s in this build; build shim-client with Maven"
                                .formatted(RESOURCE));
            }
            return in.readAllBytes();
        }
    }
}
