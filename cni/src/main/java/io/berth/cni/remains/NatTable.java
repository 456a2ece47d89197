package io.berth.cni.remains;

import io.berth.linux.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The nat table of one family of addresses, as iptables(8) shows and changes it. Needs an open step
 * and CAP_NET_ADMIN. Only chains that lead to those of pods are read, whatever the table holds.
 */
public final class NatTable {
    private static final List<String> ENTRIES =
            List.of("POSTROUTING", "CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SNAT");
    private static final List<Path> FOLDERS =
            Stream.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
                    .map(Path::of)
                    .toList();
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/sbin:/sbin:/usr/bin:/bin");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MAX_OUTPUT_BYTES = 8 << 20;
    private static final String LOCK_SECONDS = "10";

    /** Exit codes of iptables: no such chain; no such table in this kernel. */
    private static final int NO_CHAIN = 1;

    private static final int NO_TABLE = 3;

    private final String name;
    private final List<String> program;
    private final Processes processes;

    /**
     * @param name of the program, as keys have it
     * @param program with the words that come first
     */
    public NatTable(String name, List<String> program, Processes processes) {
        this.name = name;
        this.program = List.copyOf(program);
        this.processes = processes;
    }

    /** The host's tables of both families, those whose program is there. */
    public static List<NatTable> ofHost(Processes processes) {
        var tables = new ArrayList<NatTable>();
        for (var name : List.of("iptables", "ip6tables")) {
            FOLDERS.stream()
                    .map(folder -> folder.resolve(name))
                    .filter(Files::isExecutable)
                    .findFirst()
                    .map(found -> new NatTable(name, List.of(found.toString()), processes))
                    .ifPresent(tables::add);
        }
        return tables;
    }

    /** The rules that lead to chains of pods. */
    List<Rule> rules() throws IOException {
        var rules = new ArrayList<Rule>();
        for (var chain : ENTRIES) {
            var shown = run(List.of("-S", chain));
            switch (shown.exitCode()) {
                case 0 ->
                        shown.stdoutText()
                                .lines()
                                .map(Rule::of)
                                .flatMap(Optional::stream)
                                .forEach(rules::add);
                case NO_CHAIN -> {}
                case NO_TABLE -> {
                    return List.of();
                }
                default -> throw refused(List.of("-S", chain), shown);
            }
        }
        return rules;
    }

    String key(Rule rule) {
        return name + " " + rule.target();
    }

    /** Removes the chain of a key, if it is still the pod's, and the rules that lead to it. */
    void remove(String key, String sandboxId) throws IOException {
        var leading =
                rules().stream()
                        .filter(rule -> key(rule).equals(key))
                        .filter(rule -> rule.sandboxId().equals(sandboxId))
                        .toList();
        if (leading.isEmpty()) {
            return;
        }
        var chain = leading.getFirst().target();
        change(List.of("-F", chain)); // first, so that a crash leaves a chain without effect
        for (var rule : leading) {
            var words = new ArrayList<>(List.of("-D"));
            words.addAll(rule.words());
            change(words);
        }
        change(List.of("-X", chain));
    }

    private void change(List<String> words) throws IOException {
        var done = run(words);
        if (done.exitCode() != 0) {
            throw refused(words, done);
        }
    }

    private IOException refused(List<String> words, Processes.Completed done) {
        return new IOException(
                "%s %s: answered %d: %s"
                        .formatted(
                                name, String.join(" ", words), done.exitCode(), done.stderrText()));
    }

    private Processes.Completed run(List<String> words) throws IOException {
        var command = new ArrayList<>(program);
        command.addAll(List.of("-w", LOCK_SECONDS, "-t", "nat"));
        command.addAll(words);
        return processes.run(
                new Processes.Launch(
                        command, Path.of("/"), ENVIRONMENT, new byte[0], LIMIT, MAX_OUTPUT_BYTES));
    }
}
