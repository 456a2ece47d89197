package io.berth.daemon.cli.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.io.IOException;

/** Reads what the error stream says at the end of a session: a metav1.Status in JSON. */
final class ExitStatus {
    private ExitStatus() {}

    /**
     * The command's exit code.
     *
     * @throws IOException if it could not be run, or not to its end; with the server's words
     */
    static int code(byte[] status) throws IOException {
        var text = new String(status, UTF_8);
        JsonNode json;
        try {
            json = ForeignJson.within(JsonLimits.ANSWER).allowingMore().tree(status);
        } catch (MalformedJson malformed) {
            throw new IOException("server: said \"%s\" at the end".formatted(text), malformed);
        }
        if (json.path("status").asText().equals("Success")) {
            return 0;
        }
        for (var cause : json.path("details").path("causes")) {
            var code = cause.path("message").asText();
            if (cause.path("reason").asText().equals("ExitCode") && code.matches("\\d{1,3}")) {
                return Integer.parseInt(code);
            }
        }
        var message = json.path("message").asText();
        throw new IOException(message.isEmpty() ? "server: ended without a status" : message);
    }
}
