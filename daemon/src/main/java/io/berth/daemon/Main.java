package io.berth.daemon;

import io.berth.daemon.cli.BerthCommand;
import io.berth.daemon.cli.console.Console;

/** The berth command. */
public final class Main {
    private Main() {}

    /** Runs one command line; the exit codes are in {@code berth --help}. */
    public static void main(String[] arguments) {
        LastingLog.install();
        System.exit(
                BerthCommand.run(
                        (config, root, state) -> {
                            DaemonProcess.run(config, root, state);
                            return 0;
                        },
                        Version.current(),
                        Console.system(),
                        arguments));
    }
}
