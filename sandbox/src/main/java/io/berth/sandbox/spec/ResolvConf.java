package io.berth.sandbox.spec;

import io.berth.cri.v1.DNSConfig;
import io.berth.sandbox.SandboxException;
import java.util.List;
import java.util.Optional;

/** A pod's resolv.conf (resolv.conf(5)). */
public final class ResolvConf {
    private ResolvConf() {}

    /**
     * The file that a request asks for; nothing if it asks for none, and the host's holds.
     *
     * @throws SandboxException.InvalidRequest for a word that would be two, or a line of its own
     */
    public static Optional<String> of(DNSConfig dns) {
        words(dns.getServersList(), "servers");
        words(dns.getSearchesList(), "searches");
        words(dns.getOptionsList(), "options");
        var text = new StringBuilder();
        line(text, "search", dns.getSearchesList());
        dns.getServersList().forEach(server -> line(text, "nameserver", List.of(server)));
        line(text, "options", dns.getOptionsList());
        return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
    }

    private static void line(StringBuilder text, String keyword, List<String> words) {
        if (!words.isEmpty()) {
            text.append(keyword).append(' ').append(String.join(" ", words)).append('\n');
        }
    }

    private static void words(List<String> words, String field) {
        for (var word : words) {
            if (word.isEmpty() || word.chars().anyMatch(c -> c <= ' ' || c == 0x7f)) {
                throw new SandboxException.InvalidRequest(
                        "config.dns_config.%s: found '%s', wanted one word"
                                .formatted(field, word.replaceAll("\\p{Cntrl}", "?")));
            }
        }
    }
}
