package io.berth.imageservice.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One scheme of a {@code WWW-Authenticate} header: {@code Bearer realm="…",service="…"}.
 *
 * <p>Source: RFC 9110 11.6.1; unknown schemes are kept and skipped by the reader.
 *
 * @param scheme lower case
 * @param parameters by lower-case name
 */
record Challenge(String scheme, Map<String, String> parameters) {

    private static final int MAX_LENGTH = 16 << 10;

    /** The challenges of all headers in their order; what cannot be read ends its header. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= MAX_LENGTH) {
                new Reader(header).read(challenges);
            }
        }
        return challenges;
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void read(List<Challenge> into) {
            while (skip(" \t,")) {
                String scheme = token().toLowerCase(Locale.ROOT);
                if (scheme.isEmpty()) {
                    return;
                }
                Map<String, String> parameters = new LinkedHashMap<>();
                while (parameter(parameters)) {}
                into.add(new Challenge(scheme, parameters));
            }
        }

        /** Reads {@code name=value}; at anything else stands still and says no. */
        private boolean parameter(Map<String, String> parameters) {
            int start = at;
            if (!skip(" \t,")) {
                return false;
            }
            String name = token().toLowerCase(Locale.ROOT);
            if (name.isEmpty() || at >= text.length() || text.charAt(at) != '=') {
                at = start;
                return false;
            }
            at++;
            boolean quoted = at < text.length() && text.charAt(at) == '"';
            parameters.putIfAbsent(name, quoted ? quoted() : token());
            return true;
        }

        private String quoted() {
            var value = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            at++;
            return value.toString();
        }

        private String token() {
            int start = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        /** Skips the given characters; false at the end of the text. */
        private boolean skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return at < text.length();
        }
    }
}
