package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The store of records: one nested class a subcommand. */
@Command(
        name = "store",
        description = "Look at the store of records, or repair it, while no daemon runs.")
final class StoreCommand {
    private StoreCommand() {}

    static StoreCommand group() {
        return new StoreCommand();
    }

    @Command(
            name = "check",
            description = {
                "Read the whole store and name what is damaged. Changes nothing.",
                "Ends with 1 if anything is."
            })
    static final class Check implements Callable<Integer> {
        private final Console console;
        @Mixin private HomeOptions home = new HomeOptions();

        Check(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            var problems = home.care(console).check();
            problems.forEach(console::line);
            if (problems.isEmpty()) {
                console.line("the store is whole");
            }
            return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILURE;
        }
    }

    @Command(
            name = "salvage",
            description = {
                "Make a new store of what can be read, and set the damaged one aside.",
                "Nothing that runs is ended, and nothing is deleted."
            })
    static final class Salvage implements Callable<Integer> {
        private final Console console;
        @Mixin private HomeOptions home = new HomeOptions();

        Salvage(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            home.care(console).salvage().forEach(console::line);
            return ExitCode.OK;
        }
    }
}
