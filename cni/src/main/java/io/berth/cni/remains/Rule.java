package io.berth.cni.remains;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A rule of the nat table that leads to a pod's own chain.
 *
 * @param words as {@code iptables -S} shows it, without {@code -A}: first the chain that it is in
 * @param target the pod's chain
 */
record Rule(List<String> words, String target, String network, String sandboxId) {
    /** As portmap and the masquerading plugins write it; a longer one is cut and not recognised. */
    private static final Pattern COMMENT =
            Pattern.compile("(?:[ds]nat )?name: \"([^\"]+)\" id: \"([^\"]+)\"");

    private static final Pattern TARGET = Pattern.compile("CNI-(?:[DS]N-)?[0-9a-f]{8,}");

    Rule {
        words = List.copyOf(words);
    }

    /** Reads a line of {@code iptables -S}; empty if it is no such rule. */
    static Optional<Rule> of(String line) {
        var words = words(line);
        if (words.size() < 2 || !words.getFirst().equals("-A")) {
            return Optional.empty();
        }
        var rule = words.subList(1, words.size());
        var comment = COMMENT.matcher(after("--comment", rule));
        var target = after("-j", rule);
        return comment.matches() && TARGET.matcher(target).matches()
                ? Optional.of(new Rule(rule, target, comment.group(1), comment.group(2)))
                : Optional.empty();
    }

    private static String after(String option, List<String> words) {
        int at = words.indexOf(option);
        return at < 0 || at + 1 == words.size() ? "" : words.get(at + 1);
    }

    /** Words are parted by spaces; within double quotes a backslash takes the next one as it is. */
    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        boolean quoted = false;
        boolean begun = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && quoted && i + 1 < line.length()) {
                i++;
                word.append(line.charAt(i));
            } else if (c == '"') {
                quoted = !quoted;
                begun = true;
            } else if (c == ' ' && !quoted) {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return words;
    }
}
