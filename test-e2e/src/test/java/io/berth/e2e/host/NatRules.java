package io.berth.e2e.host;

import io.berth.e2e.run.Command;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The nat and filter tables. The portmap plugin makes its top chains once and keeps them: these,
 * and the rules that lead to them, are no leak; a rule in them that leads to a pod's chain is. Nor
 * are the kernel's own chains, which appear with a table's first use.
 */
final class NatRules {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Pattern TOP_CHAIN =
            Pattern.compile("CNI-HOSTPORT-(DNAT|SETMARK|MASQ)\\b|CNI-ADMIN|CNI-FORWARD");
    private static final Pattern POD_CHAIN =
            Pattern.compile("CNI-(DN|SN)-[0-9a-f]+|CNI-[0-9a-f]{16,}");

    private static final Pattern KERNEL_CHAIN = Pattern.compile(":[A-Z]+ ACCEPT");

    private NatRules() {}

    static List<String> read() throws IOException {
        var saved = Command.run(LIMIT, "iptables-save");
        if (saved.exitCode() != 0) {
            throw new IOException(
                    "iptables-save: exit %d: %s".formatted(saved.exitCode(), saved.error()));
        }
        return saved.output()
                .lines()
                .filter(line -> line.startsWith("-A ") || line.startsWith(":"))
                .map(line -> line.replaceAll(" \\[[0-9]+:[0-9]+\\]$", ""))
                .filter(line -> !KERNEL_CHAIN.matcher(line).matches())
                .filter(line -> !TOP_CHAIN.matcher(line).find() || POD_CHAIN.matcher(line).find())
                .map(line -> "nat " + line)
                .toList();
    }
}
