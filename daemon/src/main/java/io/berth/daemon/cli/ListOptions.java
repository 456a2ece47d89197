package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Table;
import picocli.CommandLine.Option;

/** How a list is printed. */
final class ListOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table or json (${DEFAULT-VALUE}).")
    private Table.Format format = Table.Format.TABLE;

    Table.Format format() {
        return format;
    }
}
