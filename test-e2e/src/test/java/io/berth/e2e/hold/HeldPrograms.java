package io.berth.e2e.hold;

import io.berth.e2e.node.NodeFolders;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * Wrappers for the foreign programs of a node. One call at a time can be held: it tells its pid in
 * a file and waits for another.
 *
 * <pre>
 * TOP/held/runc, containerd-shim-runc-v2, criu     wrappers, named by the handler {@code held}
 * TOP/plugins/bridge, host-local, portmap          wrappers of CNI plugins
 * TOP/held/want      the armed point; without it nothing is held
 * TOP/held/calls     a line a call, while calls are written down
 * TOP/held/n.N       the N-th call of the armed point's program and verb
 * TOP/held/holding   pid of the held program
 * TOP/held/go        there once it may go on
 * </pre>
 */
public final class HeldPrograms {
    /** The handler whose shim and OCI runtime are wrappers. */
    public static final String HANDLER = "held";

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Path SHIM =
            Path.of("/usr/local/lib/berth/shims/v2/containerd-shim-runc-v2");
    private static final List<Path> PLUGINS =
            List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));
    private static final List<Path> PROGRAMS =
            List.of(
                    Path.of("/usr/local/sbin"),
                    Path.of("/usr/local/bin"),
                    Path.of("/usr/sbin"),
                    Path.of("/usr/bin"),
                    Path.of("/usr/local/lib/berth/criu/bin"));

    /**
     * Of runc: the daemon's own criu stays the first in PATH, and finds the wrapper; the first word
     * that is no option; the state's folder by root and the last word.
     */
    private static final String RUNC =
            """
            PATH="${PATH%%:*}:$held:${PATH#*:}"
            verb= root= state= last=
            for word; do
              case $last in --root) root=$word ;; esac
              case $last in
              --root | --log | --log-format | --criu) ;;
              *) case $word in -*) ;; *) [ -n "$verb" ] || verb=$word ;; esac ;;
              esac
              last=$word
            done
            state=$root/$last""";

    /** Of the shim: the last word. */
    private static final String SHIM_VERB = "for verb; do :; done";

    private static final String CNI_VERB = "verb=$CNI_COMMAND";
    private static final String CRIU_VERB =
            "verb=none; for word; do case $word in -*) ;; *) verb=$word; break ;; esac; done";

    private final Path folder;

    private HeldPrograms(Path folder) {
        this.folder = folder;
    }

    /**
     * Makes the wrappers, before the node's daemon starts; returns the table of the handler for the
     * daemon's configuration.
     */
    public static String install(NodeFolders folders) throws IOException {
        var held = Files.createDirectories(of(folders).folder);
        var plugins = Files.createDirectories(folders.top().resolve("plugins"));
        write(held, held, program("runc"), RUNC);
        write(held, held, SHIM, SHIM_VERB);
        write(held, held, program("criu"), CRIU_VERB);
        for (var name : List.of("bridge", "host-local", "portmap", "loopback")) {
            write(plugins, held, first(PLUGINS, name), CNI_VERB);
        }
        return "[runtimes.handlers.%s]\nshim = \"%s\"\nbinary = \"%s\"\n"
                .formatted(HANDLER, held.resolve(SHIM.getFileName()), held.resolve("runc"));
    }

    /** Those of a node whose configuration has the handler. */
    public static HeldPrograms of(NodeFolders folders) {
        return new HeldPrograms(folders.top().resolve("held"));
    }

    private static void write(Path where, Path held, Path real, String verb) throws IOException {
        var name = String.valueOf(real.getFileName());
        var file = where.resolve(name);
        var called = name.startsWith("containerd-shim") ? "shim" : name;
        var script =
                """
            #!/bin/sh
            held="%1$s" real="%2$s" name="%3$s"
            %4$s
            [ ! -e "$held/calls" ] || echo "$name.$verb" >> "$held/calls"
            moment=
            if [ -e "$held/want" ]; then
              read call occurrence wanted < "$held/want"
              if [ "$call" = "$name.$verb" ]; then
                n=1
                while ! mkdir "$held/n.$n" 2> /dev/null; do n=$((n + 1)); done
                [ "$n" != "$occurrence" ] || moment=$wanted
              fi
            fi
            hold() {
              echo "$1" > "$held/holding.new" && mv "$held/holding.new" "$held/holding"
              while [ -d "$held" ] && [ -e "/proc/$1" ] && [ ! -e "$held/go" ]; do sleep 0.01; done
            }
            watch() {
              while [ ! -e "$state$1" ]; do [ -e "/proc/$$" ] || exit 0; done
              kill -STOP $$ && hold $$
              kill -CONT $$
            }
            case $moment in
            before) hold $$ ;;
            inside) watch "" > /dev/null 2>&1 < /dev/null & ;;
            written) watch /state.json > /dev/null 2>&1 < /dev/null & ;;
            after)
              "$real" "$@"
              code=$?
              hold $$
              exit $code ;;
            esac
            exec "$real" "$@"
            """
                        .formatted(held, real, called, verb);
        Files.writeString(file, script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path program(String name) throws IOException {
        return first(PROGRAMS, name);
    }

    private static Path first(List<Path> folders, String name) throws IOException {
        return folders.stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IOException(name + ": not found in any of " + folders));
    }

    /** Writes calls down from now on. */
    public void learn() throws IOException {
        Files.writeString(folder.resolve("calls"), "");
    }

    /** The calls since {@link #learn}, each as program and verb; none is written down any more. */
    public List<String> learnt() throws IOException {
        var calls = folder.resolve("calls");
        var lines = Files.readAllLines(calls);
        Files.delete(calls);
        return lines;
    }

    /** Holds this call, the next time that it comes. */
    public void arm(HeldPoint point) throws IOException {
        disarm();
        var text = "%s %d %s\n".formatted(point.call(), point.occurrence(), point.moment().word());
        var whole = Files.writeString(folder.resolve("want.new"), text);
        Files.move(whole, folder.resolve("want"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Holds nothing any more, and forgets what was counted. */
    public void disarm() throws IOException {
        Files.deleteIfExists(folder.resolve("want"));
        Files.deleteIfExists(folder.resolve("holding"));
        Files.deleteIfExists(folder.resolve("go"));
        for (int n = 1; Files.deleteIfExists(folder.resolve("n." + n)); n++) {}
    }

    /** The pid of the program that is held now. */
    public OptionalLong holding() throws IOException {
        try {
            return OptionalLong.of(
                    Long.parseLong(Files.readString(folder.resolve("holding")).strip()));
        } catch (NoSuchFileException none) {
            return OptionalLong.empty();
        }
    }

    /** Waits until the armed call is held; its pid. */
    public long awaitHeld() throws IOException {
        Waiting.until("a held program", SOON, () -> holding().isPresent());
        return holding().orElseThrow();
    }

    /** Lets the held program go on, and holds nothing after it. */
    public void letGo() throws IOException {
        Files.deleteIfExists(folder.resolve("want"));
        Files.writeString(folder.resolve("go"), "");
    }

    /** Kills the held program; success if it is dead already. */
    public void kill(long pid) throws IOException {
        Command.run(SOON, "kill", "-KILL", Long.toString(pid));
        letGo();
    }
}
