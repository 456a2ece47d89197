package io.berth.sandbox.rig;

import io.berth.linux.Flags;
import io.berth.linux.LinuxCalls;
import io.berth.linux.LinuxFd;
import io.berth.linux.step.Steps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * The CNI plugin of a rig's network: an executable, run as the real ones are. Verbs are {@code
 * ADD}, {@code DEL}, {@code CHECK}, {@code STATUS} and {@code GC}.
 */
public final class RigPlugins {
    private static final String CONF =
            """
            {"cniVersion": "1.0.0", "name": "rig", "plugins": [{"type": "rig-net"}]}
            """;

    private static final String LOOPBACK =
            """
            #!/bin/sh
            [ "$CNI_COMMAND" = ADD ] && echo '{"cniVersion":"0.3.1"}'
            exit 0
            """;

    private static final String PLUGIN =
            """
            #!/bin/sh
            verb=$CNI_COMMAND
            if [ "$verb" = VERSION ]; then
              echo '{"cniVersion":"1.0.0","supportedVersions":["0.3.1","0.4.0","1.0.0"]}'
              exit 0
            fi
            cd FOLDER
            n=2
            [ ! -e calls ] || while read -r _; do n=$((n + 1)); done <calls
            echo "$verb $CNI_CONTAINERID" >>calls
            if [ -p "$verb.hold" ]; then echo there >"$verb.there"; read -r _ <"$verb.hold"; fi
            for fault in "$verb.once" "$verb.always"; do
              if [ -e "$fault" ]; then
                cat "$fault"
                [ "$fault" != "$verb.once" ] || rm "$fault"
                exit 1
              fi
            done
            if [ "$verb" = ADD ]; then
              if [ -e answer ]; then cat answer; exit 0; fi
              echo '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"'"$CNI_NETNS"'"}],'
              echo '"ips":[{"address":"10.77.'$((n / 250))'.'$((n % 250 + 1))'/16","interface":0}]}'
            fi
            exit 0
            """;

    private final LinuxCalls linux = new LinuxCalls();
    private final Path folder;

    RigPlugins(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(confFolder());
        Files.createDirectories(binFolder());
        Files.createDirectories(scriptFolder());
        executable("loopback", LOOPBACK);
        executable("rig-net", PLUGIN.replace("FOLDER", scriptFolder().toString()));
        if (Files.notExists(confFolder().resolve("10-rig.conflist"))) {
            conf(CONF);
        }
    }

    private void executable(String name, String text) throws IOException {
        var file = binFolder().resolve(name);
        if (Files.notExists(file)) {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    /** Where the network's configuration lies. */
    public Path confFolder() {
        return folder.resolve("net.d");
    }

    /** Where the plugins lie. */
    public Path binFolder() {
        return folder.resolve("plugins");
    }

    private Path scriptFolder() {
        return folder.resolve("cni-script");
    }

    /** Replaces the network's configuration. */
    public void conf(String text) throws IOException {
        Files.writeString(confFolder().resolve("10-rig.conflist"), text);
    }

    /** What was asked of the network's plugin, in order: {@code ADD ID}. */
    public List<String> calls() throws IOException {
        var calls = scriptFolder().resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    /** The next call of a verb fails. */
    public void failNext(String verb, String message) throws IOException {
        Files.writeString(scriptFolder().resolve(verb + ".once"), error(message));
    }

    /** Every call of a verb fails, until {@link #heal}. */
    public void fail(String verb, String message) throws IOException {
        Files.writeString(scriptFolder().resolve(verb + ".always"), error(message));
    }

    private static String error(String message) {
        return "{\"cniVersion\":\"1.0.0\",\"code\":999,\"msg\":\"%s\"}".formatted(message);
    }

    /** ADD answers with this result instead of an address of its own. */
    public void answer(String result) throws IOException {
        Files.writeString(scriptFolder().resolve("answer"), result);
    }

    /** No call fails from now on, and ADD answers by itself. */
    public void heal() throws IOException {
        try (var files = Files.newDirectoryStream(scriptFolder(), "{*.once,*.always,answer}")) {
            for (var file : files) {
                Files.delete(file);
            }
        }
    }

    /** The next call of a verb waits until it is let go; later ones too, until then. */
    public Held hold(String verb) throws IOException {
        return new Held(verb);
    }

    /** A plugin that waits. To be closed, which lets it go. */
    public final class Held implements AutoCloseable {
        private final Path there;
        private final Path hold;
        private final LinuxFd thereFd;
        private final LinuxFd holdFd;

        private Held(String verb) throws IOException {
            this.there = scriptFolder().resolve(verb + ".there");
            this.hold = scriptFolder().resolve(verb + ".hold");
            Steps.run(
                    "test.fifo",
                    verb,
                    () -> {
                        linux.mkfifo(there, 0600);
                        linux.mkfifo(hold, 0600);
                    });
            this.thereFd = linux.open(there, Flags.O_RDWR, 0);
            this.holdFd = linux.open(hold, Flags.O_RDWR, 0);
        }

        /** Waits until the plugin waits. */
        public void awaitCall() throws IOException {
            var _ = linux.read(thereFd, ByteBuffer.allocateDirect(64));
        }

        /** Lets it go on. */
        public void release() throws IOException {
            Files.deleteIfExists(hold); // before the word, so that no later call waits for one
            linux.writeFully(
                    holdFd, ByteBuffer.wrap("go\n".repeat(8).getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public void close() throws IOException {
            if (Files.exists(hold)) {
                release();
            }
            Files.deleteIfExists(there);
            thereFd.close();
        }
    }
}
