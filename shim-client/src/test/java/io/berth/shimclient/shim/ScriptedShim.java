package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.MessageLite;
import io.berth.shim.bootstrap.BootstrapParams;
import io.berth.shim.bootstrap.BootstrapResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A shim program that speaks the start call of containerd 2.3 in front of one that does not: it
 * reads BootstrapParams and answers a BootstrapResult. As the real one does, it takes the first
 * field for the pod's id, whatever message that is a field of, and trusts no flag.
 */
final class ScriptedShim {
    private static final String JSON_ADDRESS = "\"address\":\"";

    private ScriptedShim() {}

    /** Writes the program, which leaves everything but the start call to a real shim. */
    static Path write(Path directory, Path real, String version) throws IOException {
        var program = Files.createDirectories(directory).resolve("containerd-shim-runc-v2");
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        Files.writeString(
                program,
                """
                #!/bin/sh
                [ "$1" = -v ] && { printf 'shim:\\n  Version:  %s\\n  Revision: \\n'; exit 0; }
                for last; do :; done
                [ "$last" = start ] || exec %s "$@"
                exec %s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '%s' %s %s "$@"
                """
                        .formatted(
                                version,
                                real,
                                java,
                                classPath(),
                                ScriptedShim.class.getName(),
                                real));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    /** The places of the classes that it uses, wherever it is started. */
    private static String classPath() {
        return Stream.of(ScriptedShim.class, BootstrapParams.class, MessageLite.class)
                .map(each -> each.getProtectionDomain().getCodeSource().getLocation().getPath())
                .map(place -> Path.of(place).toAbsolutePath().toString())
                .collect(Collectors.joining(":"));
    }

    /** Runs as the start call; the working directory is the bundle. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var params = BootstrapParams.parseFrom(System.in.readAllBytes());
        var command =
                new ArrayList<>(List.of(arguments[0], "-namespace", flag(arguments, "-namespace")));
        command.addAll(List.of("-id", orDash(params.getInstanceId())));
        command.addAll(List.of("-address", orDash(params.getContainerdGrpcAddress())));
        command.addAll(List.of("-publish-binary", orDash(params.getContainerdBinary())));
        command.add("start");
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("TTRPC_ADDRESS", params.getContainerdTtrpcAddress());
        var start = builder.start();
        try (var stdin = start.getOutputStream()) {
            for (var extension : params.getExtensionsList()) {
                stdin.write(extension.getValue().toByteArray());
            }
        }
        var answer = new String(start.getInputStream().readAllBytes(), UTF_8);
        int code = start.waitFor();
        if (code != 0) {
            System.exit(code);
        }
        int at = answer.indexOf(JSON_ADDRESS) + JSON_ADDRESS.length();
        BootstrapResult.newBuilder()
                .setVersion(3)
                .setAddress(answer.substring(at, answer.indexOf('"', at)))
                .setProtocol("ttrpc")
                .build()
                .writeTo(System.out);
        System.out.flush();
    }

    private static String flag(String[] arguments, String name) {
        return arguments[List.of(arguments).indexOf(name) + 1];
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
