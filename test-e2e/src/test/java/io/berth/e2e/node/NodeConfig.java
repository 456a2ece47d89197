package io.berth.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The daemon's configuration file for a test, and the programs that it names. */
public final class NodeConfig {
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
                binary = "/usr/bin/crun"
                [runtimes.handlers.gone]
                shim = "%s"
                binary = "/nonexistent/runc"
                [runtimes.handlers.noshim]
                shim = "/nonexistent/containerd-shim-runc-v2"
                [images]
                registry_hosts = "%s"
                [pods]
                cgroup_parent = "%s"
                [security]
                cdi_spec_dirs = ["%s"]
                [metrics]
                address = ""
                [nri]
                socket_path = "%s"
                plugin_path = "%s"
                plugin_config_path = "%s"
                plugin_registration_timeout = "60s"
                plugin_request_timeout = "20s"
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
                                shim,
                                folders.registryHosts(),
                                folders.cgroupParent(),
                                folders.top().resolve("cdi"),
                                folders.pluginSocket(),
                                folders.plugins(),
                                folders.pluginConfigs());
        var program =
                nativeProgram().map(at -> "[daemon]\nnative_program = \"" + at + "\"\n").orElse("");
        Files.writeString(folders.config(), text + newer(shim) + program + more);
    }

    /** A handler with a newer runc than the machine's, where there is one. */
    private static String newer(String shim) {
        return newerRunc()
                .map(
                        runc ->
                                "[runtimes.handlers.newer]\nshim = \"%s\"\nbinary = \"%s\"\n"
                                        .formatted(shim, runc))
                .orElse("");
    }

    /** The newer runc: {@code BERTH_E2E_RUNC}. */
    public static Optional<Path> newerRunc() {
        return Optional.ofNullable(System.getenv("BERTH_E2E_RUNC")).map(Path::of);
    }

    /** The built program, where the daemon does not run from a distribution that has its own. */
    private static Optional<Path> nativeProgram() {
        return Optional.ofNullable(System.getenv("BERTH_NATIVE")).map(Path::of);
    }
}
