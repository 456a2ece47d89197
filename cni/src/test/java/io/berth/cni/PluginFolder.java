package io.berth.cni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A folder of scripted plugins: real executables, run as the real ones are. Each call appends
 * {@code PLUGIN VERB} to {@code calls} and leaves its input and environment in {@code
 * PLUGIN.VERB.stdin} and {@code PLUGIN.VERB.env}.
 */
record PluginFolder(Path bin, Path record) {
    static PluginFolder in(Path directory) throws IOException {
        return new PluginFolder(
                Files.createDirectories(directory.resolve("bin")),
                Files.createDirectories(directory.resolve("record")));
    }

    /** A plugin that runs {@code script} (sh) once it has recorded the call. */
    PluginFolder with(String name, String script) throws IOException {
        var text =
                """
                #!/bin/sh
                cat > %1$s/%2$s.$CNI_COMMAND.stdin
                /usr/bin/env | /usr/bin/sort > %1$s/%2$s.$CNI_COMMAND.env
                echo %2$s $CNI_COMMAND >> %1$s/calls
                %3$s
                """
                        .formatted(record, name, script);
        var temporary = bin.resolve("." + name);
        Files.writeString(temporary, text);
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(
                temporary,
                bin.resolve(name),
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
        return this;
    }

    /** A plugin that answers ADD with {@code result} and everything else with nothing. */
    PluginFolder answering(String name, String result) throws IOException {
        return with(
                name,
                """
                [ "$CNI_COMMAND" = ADD ] && cat <<'END'
                %s
                END
                exit 0
                """
                        .formatted(result));
    }

    /** A plugin that answers VERSION with {@code versions} and runs {@code script} otherwise. */
    PluginFolder speaking(String name, String versions, String script) throws IOException {
        return with(
                name,
                """
                if [ "$CNI_COMMAND" = VERSION ]; then
                  echo '{"cniVersion":"1.1.0","supportedVersions":[%s]}'; exit 0
                fi
                %s
                """
                        .formatted(versions, script));
    }

    /** The loopback plugin as far as these tests need it. */
    PluginFolder withLoopback() throws IOException {
        return answering("loopback", "{\"cniVersion\":\"0.3.1\"}");
    }

    /** What ran, in order: {@code bridge ADD}. */
    List<String> calls() throws IOException {
        var calls = record.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    /** The same without the loopback plugin's, which runs beside the others. */
    List<String> callsForNetworks() throws IOException {
        return calls().stream().filter(call -> !call.startsWith("loopback ")).toList();
    }

    void forgetCalls() throws IOException {
        Files.deleteIfExists(record.resolve("calls"));
    }

    String input(String plugin, String verb) throws IOException {
        return Files.readString(record.resolve(plugin + "." + verb + ".stdin"));
    }

    List<String> environment(String plugin, String verb) throws IOException {
        return Files.readAllLines(record.resolve(plugin + "." + verb + ".env"));
    }
}
