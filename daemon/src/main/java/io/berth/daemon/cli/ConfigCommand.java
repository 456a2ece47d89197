package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.config.ConfigFiles;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The configuration: one nested class a subcommand. */
@Command(name = "config", description = "Print the daemon's configuration as TOML.")
final class ConfigCommand {
    private ConfigCommand() {}

    static ConfigCommand group() {
        return new ConfigCommand();
    }

    @Command(name = "default", description = "Print every key with its default.")
    static final class Default implements Callable<Integer> {
        private final Console console;

        Default(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            console.line(ConfigText.of(ConfigFiles.defaults()));
            return ExitCode.OK;
        }
    }

    @Command(name = "dump", description = "Print what a file and its drop-ins amount to.")
    static final class Dump implements Callable<Integer> {
        private final Console console;

        @Option(
                names = "--config",
                paramLabel = "FILE",
                defaultValue = DaemonCommand.CONFIG,
                description = "The main file (${DEFAULT-VALUE}).")
        private Path config = Path.of(DaemonCommand.CONFIG);

        Dump(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() {
            boolean standard = config.equals(Path.of(DaemonCommand.CONFIG));
            var loaded = ConfigFiles.load(config, standard);
            loaded.warnings().forEach(problem -> console.note("left out: " + problem));
            console.line(ConfigText.of(loaded.config()));
            return ExitCode.OK;
        }
    }
}
