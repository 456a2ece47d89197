package io.berth.e2e.bench;

import io.berth.e2e.image.TestImage;
import io.berth.e2e.node.DaemonUnderTest;
import io.berth.e2e.node.NodeConfig;
import io.berth.e2e.node.NodeFolders;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * containerd in a node's folder: its own root, state, socket and network, with berth's shim, runc
 * and program for pods. Of the machine's own containerd, if there is one, it sees nothing.
 */
final class Containerd {
    /** Where deploy/prerequisites unpacks Debian's; BENCH_CONTAINERD names another one. */
    private static final Path PROGRAM = Path.of("/usr/local/lib/berth/peer/containerd");

    private static final Path SHIMS = Path.of("/usr/local/lib/berth/shims/v2");

    private Containerd() {}

    /** The image of a pod's first process, as berth has it built in. */
    static TestImage pauseImage() throws IOException {
        var home = System.getenv("BERTH_HOME");
        var program = System.getenv("BERTH_NATIVE");
        if (home == null && program == null) {
            throw new IOException("containerd: found neither BERTH_HOME nor BERTH_NATIVE");
        }
        return TestImage.program(
                Path.of(program == null ? home + "/bin/berth-native" : program),
                List.of("/pause", "pause"));
    }

    /** Writes the configuration; the keys are those of versions 1.6 to 2. */
    static void configure(NodeFolders folders, String pauseReference) throws IOException {
        Files.writeString(
                folders.config(),
                """
                version = 2
                root = "%1$s"
                state = "%2$s"
                disabled_plugins = [
                  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
                  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
                  "io.containerd.internal.v1.opt"]
                [grpc]
                  address = "%3$s"
                [ttrpc]
                  address = "%3$s.ttrpc"
                [plugins."io.containerd.nri.v1.nri"]
                  socket_path = "%2$s/nri.sock"
                  plugin_path = "%2$s/plugins"
                  plugin_config_path = "%2$s/plugins.d"
                [plugins."io.containerd.grpc.v1.cri"]
                  sandbox_image = "%4$s"
                  disable_apparmor = true
                  restrict_oom_score_adj = true
                  netns_mounts_under_state_dir = true
                  stream_server_address = "127.0.0.1"
                  stream_server_port = "0"
                  [plugins."io.containerd.grpc.v1.cri".cni]
                    bin_dir = "/usr/lib/cni"
                    conf_dir = "%5$s"
                  [plugins."io.containerd.grpc.v1.cri".registry]
                    config_path = "%6$s"
                  [plugins."io.containerd.grpc.v1.cri".containerd]
                    default_runtime_name = "runc"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
                    runtime_type = "io.containerd.runc.v2"
                  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
                    BinaryName = "%7$s"
                    Root = "%2$s/runc"
                """
                        .formatted(
                                folders.root(),
                                folders.state(),
                                folders.socket(),
                                pauseReference,
                                folders.cni(),
                                folders.registryHosts(),
                                NodeConfig.newerRunc().map(Path::toString).orElse("runc")));
    }

    /** Starts it; it answers on return. */
    static DaemonUnderTest start(NodeFolders folders) throws IOException {
        var program = Path.of(System.getenv().getOrDefault("BENCH_CONTAINERD", PROGRAM.toString()));
        if (!Files.isExecutable(program)) {
            throw new IOException(
                    "containerd: found no %s; deploy/prerequisites bench brings it"
                            .formatted(program));
        }
        var builder =
                new ProcessBuilder(program.toString(), "--config", folders.config().toString())
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(folders.daemonLog().toFile()));
        // It takes the first shim of the name.
        builder.environment().merge("PATH", SHIMS.toString(), (path, shims) -> shims + ":" + path);
        var begin = Instant.now();
        return DaemonUnderTest.started(folders, builder.start(), begin);
    }
}
