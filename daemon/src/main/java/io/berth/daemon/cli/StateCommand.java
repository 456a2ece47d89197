package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The state folder and the tasks that run out of it: one nested class a subcommand. */
@Command(
        name = "state",
        description =
                "Decide about running tasks that the root does not know, while no daemon runs.")
final class StateCommand {
    private StateCommand() {}

    static StateCommand group() {
        return new StateCommand();
    }

    @Command(
            name = "adopt",
            description = {
                "Take the running tasks of the state folder into a root that has no pods.",
                "Their records come from the copy that is there, or else from their bundles.",
                "Nothing is ended. Their images are pulled again when they are needed."
            })
    static final class Adopt implements Callable<Integer> {
        private final Console console;
        @Mixin private HomeOptions home = new HomeOptions();

        Adopt(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            home.care(console).adopt().forEach(console::line);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "forget",
            description = {
                "Order that the next daemon ends the tasks that its root has no record of,",
                "with their networks, mounts and cgroups."
            })
    static final class Forget implements Callable<Integer> {
        private final Console console;
        @Mixin private HomeOptions home = new HomeOptions();

        Forget(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            home.care(console).forget().forEach(console::line);
            return ExitCode.OK;
        }
    }
}
