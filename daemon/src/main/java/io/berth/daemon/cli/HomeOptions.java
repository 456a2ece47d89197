package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.config.ConfigFiles;
import io.berth.daemon.home.HomeCare;
import io.berth.linux.LinuxCalls;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The folders that a command looks after while no daemon runs. */
final class HomeOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = DaemonCommand.CONFIG,
            description = "The daemon's configuration (${DEFAULT-VALUE}).")
    private Path config = Path.of(DaemonCommand.CONFIG);

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

    HomeCare care(Console console) {
        boolean standard = config.equals(Path.of(DaemonCommand.CONFIG));
        var loaded = ConfigFiles.load(config, standard);
        loaded.warnings().forEach(problem -> console.note("left out: " + problem));
        var chosen = loaded.config().at(Optional.ofNullable(root), Optional.ofNullable(state));
        return new HomeCare(chosen, new LinuxCalls(), Clock.systemUTC());
    }
}
