package io.berth.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The daemon's configuration file for a test, and the programs that it names. */
public final class NodeConfig {
    /** Where deploy/prerequisites unpacks one. */
    private static final Path NEWER_RUNC = Path.of("/usr/local/lib/berth/runc/bin/runc");

    /** How addresses begin that the handler {@code special} gives. */
    public static final String SPECIAL_NET = "10.86.9.";

    private static final String SHIMS = "/usr/local/lib/berth/shims/";

    private NodeConfig() {}

    /** Writes config.toml with every handler that the tests use. */
    public static void write(NodeFolders folders) throws IOException {
        write(folders, "");
    }

    /** The same, with further tables at the end. */
    public static void write(NodeFolders folders, String more) throws IOException {
        var shim = SHIMS + "v2/containerd-shim-runc-v2";
        var text =
                """
                root = "%s"
                state = "%s"
                [cni]
                conf_dirs = ["%s"]
                bin_dirs = ["%s", "/opt/cni/bin", "/usr/lib/cni"]
                conf_template = "%s"
                [runtimes]
                default = "runc"
                [runtimes.handlers.runc]
                shim = "%s"
                [runtimes.handlers.v3]
                shim = "%s"
                [runtimes.handlers.crun]
                shim = "%s"
                binary = "%s"
                [runtimes.handlers.bare-crun]
                shim = "%s"
                binary = "/usr/bin/crun"
                [runtimes.handlers.special]
                shim = "%s"
                root = "%s"
                pod_annotations = ["pass.pod/*"]
                container_annotations = ["pass.*"]
                base_runtime_spec = "%s"
                cni_conf_dir = "%s"
                [runtimes.handlers.gone]
                shim = "%s"
                binary = "/nonexistent/runc"
                [runtimes.handlers.noshim]
                shim = "/nonexistent/containerd-shim-runc-v2"
                [images]
                registry_hosts = "%s"
                pinned_images = ["*/e2e/keep-*"]
                [pods]
                cgroup_parent = "%s"
                [security]
                cdi_spec_dirs = ["%s"]
                [metrics]
                address = "127.0.0.1:0"
                """
                        .formatted(
                                folders.root(),
                                folders.state(),
                                folders.cni(),
                                folders.top().resolve("plugins"),
                                CniConf.template(folders),
                                shim,
                                SHIMS + "v3/containerd-shim-runc-v2",
                                shim,
                                crun(folders),
                                shim,
                                shim,
                                folders.top().resolve("special-state"),
                                base(folders),
                                CniConf.special(folders, SPECIAL_NET + "0/24"),
                                shim,
                                folders.registryHosts(),
                                folders.cgroupParent(),
                                folders.top().resolve("cdi"));
        var program =
                nativeProgram().map(at -> "[daemon]\nnative_program = \"" + at + "\"\n").orElse("");
        Files.writeString(
                folders.config(),
                text + plugins(folders) + copies(shim) + newer(shim) + program + more);
    }

    /** Plugins of the node, with deadlines that a loaded machine keeps. */
    private static String plugins(NodeFolders folders) {
        return """
        [nri]
        socket_path = "%s"
        plugin_path = "%s"
        plugin_config_path = "%s"
        plugin_registration_timeout = "60s"
        plugin_request_timeout = "20s"
        """
                .formatted(folders.pluginSocket(), folders.plugins(), folders.pluginConfigs());
    }

    /** A handler whose pods have copies of images, and devices that nobody gave them. */
    private static String copies(String shim) {
        return """
        [runtimes.handlers.copies]
        shim = "%s"
        snapshotter = "native"
        privileged_without_host_devices = true
        privileged_without_host_devices_all_devices_allowed = true
        """
                .formatted(shim);
    }

    /** A handler with a newer runc than the machine's own, where there is one. */
    private static String newer(String shim) {
        return newerRunc()
                .or(() -> Optional.of(NEWER_RUNC).filter(Files::isExecutable))
                .map(
                        runc ->
                                "[runtimes.handlers.newer]\nshim = \"%s\"\nbinary = \"%s\"\n"
                                        .formatted(shim, runc))
                .orElse("");
    }

    /** The runc that is asked for: {@code BERTH_E2E_RUNC}. */
    public static Optional<Path> newerRunc() {
        return Optional.ofNullable(System.getenv("BERTH_E2E_RUNC")).map(Path::of);
    }

    /**
     * crun, as a program of the node's own: it refuses a host with both cgroup versions if the
     * second has a controller, so it does not get to see that list. Its calls are written down.
     */
    private static Path crun(NodeFolders folders) throws IOException {
        var program = folders.top().resolve("crun");
        Files.writeString(
                program,
                """
                #!/bin/sh
                echo "$*" >> "%s"
                list=/sys/fs/cgroup/unified/cgroup.controllers
                [ -e "$list" ] || exec /usr/bin/crun "$@"
                exec unshare --mount --propagation slave sh -c \\
                  'mount --bind /dev/null "$0" && exec /usr/bin/crun "$@"' "$list" "$@"
                """
                        .formatted(crunCalls(folders)));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    /** The arguments of each call of crun, a line each. */
    public static Path crunCalls(NodeFolders folders) {
        return folders.top().resolve("crun.calls");
    }

    /** What the OCI configs of the handler {@code special} are laid over. */
    private static Path base(NodeFolders folders) throws IOException {
        return Files.writeString(
                folders.top().resolve("base.json"),
                """
                {"process": {"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 321, "hard": 321}]}}
                """);
    }

    /** The built program, where the daemon does not run from a distribution that has its own. */
    private static Optional<Path> nativeProgram() {
        return Optional.ofNullable(System.getenv("BERTH_NATIVE")).map(Path::of);
    }
}
