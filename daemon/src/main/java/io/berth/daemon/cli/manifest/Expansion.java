package io.berth.daemon.cli.manifest;

import java.util.Map;

/**
 * Puts variables into texts: {@code $(NAME)} becomes its value, one that nobody set stays as it is,
 * and {@code $$} is a dollar. Source: the Kubernetes API, Container.command.
 */
final class Expansion {
    private Expansion() {}

    static String expand(String text, Map<String, String> variables) {
        var out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != '$' || at + 1 == text.length()) {
                out.append(c);
                at++;
                continue;
            }
            char next = text.charAt(at + 1);
            int end = next == '(' ? text.indexOf(')', at) : -1;
            if (next == '$') {
                out.append('$');
                at += 2;
            } else if (end >= 0) {
                var value = variables.get(text.substring(at + 2, end));
                out.append(value == null ? text.substring(at, end + 1) : value);
                at = end + 1;
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }
}
