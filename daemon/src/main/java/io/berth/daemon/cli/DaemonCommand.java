package io.berth.daemon.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "daemon", description = "Serve the CRI in the foreground. Needs root.")
final class DaemonCommand implements Callable<Integer> {
    static final String CONFIG = "/etc/berth/config.toml";

    private final DaemonLauncher launcher;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; conf.d beside it is read too (" + CONFIG + ").")
    private @Nullable Path config;

    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "Replaces the configuration's root.")
    private @Nullable Path root;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "Replaces the configuration's state.")
    private @Nullable Path state;

    DaemonCommand(DaemonLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() {
        return launcher.run(
                Optional.ofNullable(config), Optional.ofNullable(root), Optional.ofNullable(state));
    }
}
