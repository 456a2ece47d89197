package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

/** What the error stream says at the end: the facts of a metav1.Status. */
sealed interface ExitStatus {
    /** Longest message that is passed on, in characters. */
    int MESSAGE_LIMIT = 4096;

    /** The command ended with 0, or the attachment is over. */
    record Success() implements ExitStatus {}

    /** The command ended with another code. */
    record Code(int code) implements ExitStatus {}

    /** It could not be run, or not to its end. */
    record Failure(String message) implements ExitStatus {}

    /** The words that are sent; nothing to a client of an older protocol that ended well. */
    default byte[] bytes(Protocol protocol) {
        return (protocol.statuses() ? json() : plain()).getBytes(UTF_8);
    }

    private String plain() {
        return switch (this) {
            case Success _ -> "";
            case Code(var code) -> "command terminated with exit code " + code;
            case Failure(var message) -> shortened(message);
        };
    }

    private String json() {
        return switch (this) {
            case Success _ -> "{\"metadata\":{},\"status\":\"Success\"}";
            case Code(var code) ->
                    ("{\"metadata\":{},\"status\":\"Failure\",\"message\":%s,"
                                    + "\"reason\":\"NonZeroExitCode\",\"details\":{\"causes\":"
                                    + "[{\"reason\":\"ExitCode\",\"message\":\"%d\"}]}}")
                            .formatted(quoted(plain()), code);
            case Failure(var message) ->
                    ("{\"metadata\":{},\"status\":\"Failure\",\"message\":%s,"
                                    + "\"reason\":\"InternalError\",\"code\":500}")
                            .formatted(quoted(shortened(message)));
        };
    }

    private static String shortened(String message) {
        return message.length() <= MESSAGE_LIMIT ? message : message.substring(0, MESSAGE_LIMIT);
    }

    private static String quoted(String text) {
        var out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
