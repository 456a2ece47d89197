package io.berth.daemon.cli;

import io.berth.daemon.cli.console.Console;
import io.berth.daemon.cli.console.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "audit",
        description = {
            "Compare the ledger with the host and name what no living owner claims.",
            "Ends with 1 if anything is left."
        })
final class AuditCommand implements Callable<Integer> {
    private final Console console;

    @Mixin private NodeOptions node = new NodeOptions();
    @Mixin private ListOptions list = new ListOptions();

    @Option(names = "--fix", description = "Remove what is found.")
    private boolean fix;

    AuditCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        var table = new Table("VERDICT", "KIND", "KEY", "OWNER", "FIXED");
        boolean clean = true;
        try (var client = node.connect()) {
            for (var finding : client.audit(fix)) {
                clean &= finding.getFixed();
                var verdict = finding.getVerdict().name().toLowerCase(Locale.ROOT);
                table.add(
                        List.of(
                                verdict,
                                finding.getKind(),
                                finding.getKey(),
                                finding.getOwner(),
                                finding.getFixed() ? "yes" : "no"),
                        Map.of(
                                "verdict",
                                verdict,
                                "kind",
                                finding.getKind(),
                                "key",
                                finding.getKey(),
                                "owner",
                                finding.getOwner(),
                                "fixed",
                                finding.getFixed()));
            }
        }
        console.line(table.render(list.format()));
        return clean ? ExitCode.OK : ExitCode.FAILURE;
    }
}
