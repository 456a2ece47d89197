package io.berth.e2e.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The private folder of one node and the names derived from its mark.
 *
 * <pre>
 * /tmp/b-MARK/.berth-e2e   mark, pid and start time of the run, for test-e2e/clean
 *            /r /s         root and state of the daemon
 *            /cni /ipam    network configurations, and addresses that are taken
 *            /logs         logs of pods
 *            /nri.sock /nri /nri.d   plugins of the node
 *            /config.toml /daemon.log /steps
 * </pre>
 */
public record NodeFolders(Path top, String mark) {
    /** Makes a folder with a fresh mark. Paths are short: a socket's may have 107 bytes. */
    public static NodeFolders create() throws IOException {
        var bytes = new byte[3];
        ThreadLocalRandom.current().nextBytes(bytes);
        var mark = HexFormat.of().formatHex(bytes);
        var top =
                Files.createDirectory(
                        Path.of("/tmp/b-" + mark),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rwxr-xr-x")));
        var stat = Files.readString(Path.of("/proc/self/stat"), UTF_8);
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        var forward = Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"), UTF_8).strip();
        Files.writeString(
                top.resolve(".berth-e2e"),
                "mark=%s\npid=%d\nstart=%s\nip_forward=%s\n"
                        .formatted(mark, ProcessHandle.current().pid(), fields[19], forward));
        var folders = new NodeFolders(top, mark);
        Files.createDirectories(folders.cni());
        Files.createDirectories(folders.logs());
        Files.createDirectories(folders.registryHosts());
        return folders;
    }

    public Path root() {
        return top.resolve("r");
    }

    public Path state() {
        return top.resolve("s");
    }

    public Path socket() {
        return state().resolve("berth.sock");
    }

    public Path cni() {
        return top.resolve("cni");
    }

    public Path logs() {
        return top.resolve("logs");
    }

    public Path registryHosts() {
        return top.resolve("certs.d");
    }

    /** Where plugins of the node connect. */
    public Path pluginSocket() {
        return top.resolve("nri.sock");
    }

    /** Programs that the daemon starts as plugins. */
    public Path plugins() {
        return top.resolve("nri");
    }

    public Path pluginConfigs() {
        return top.resolve("nri.d");
    }

    public Path config() {
        return top.resolve("config.toml");
    }

    public Path daemonLog() {
        return top.resolve("daemon.log");
    }

    public Path steps() {
        return top.resolve("steps");
    }

    /** The network's name; the bridge's is the same without the dash. */
    public String network() {
        return "be2e-" + mark;
    }

    public String bridge() {
        return "be2e" + mark;
    }

    public Path ipam() {
        return top.resolve("ipam").resolve(network());
    }

    public String cgroupParent() {
        return "/berth-e2e-" + mark;
    }
}
