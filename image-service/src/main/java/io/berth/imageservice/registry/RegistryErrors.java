package io.berth.imageservice.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;

/** Reads what a registry says about a refusal, as short printable text. */
final class RegistryErrors {

    private static final int MAX_BODY = 8 << 10;
    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.ANSWER.withNodes(1000)).allowingMore();
    private static final int MAX_TEXT = 160;

    private RegistryErrors() {}

    /** {@code " (CODE: message)"} from the answer's body, or nothing; closes the body. */
    static String read(RegistrySession session, HttpResponse<InputStream> answer) {
        try (InputStream body = session.body(answer)) {
            return text(body.readNBytes(MAX_BODY));
        } catch (IOException _) {
            return "";
        }
    }

    private static String text(byte[] body) {
        try {
            JsonNode json = JSON.tree(body);
            JsonNode first = json.path("errors").path(0);
            String code = first.path("code").asText("");
            String message = first.path("message").asText(json.path("details").asText(""));
            String both =
                    code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
            return both.isEmpty() ? "" : " (" + printable(both) + ")";
        } catch (MalformedJson _) {
            return "";
        }
    }

    private static String printable(String foreign) {
        String clean = foreign.replaceAll("\\p{Cntrl}", ".");
        return clean.length() > MAX_TEXT ? clean.substring(0, MAX_TEXT) + "…" : clean;
    }

    /** Ends a body that nobody reads; a short one is read so that its connection can be reused. */
    static void drain(InputStream body) {
        try (body) {
            if (body.available() <= MAX_BODY) {
                body.readNBytes(body.available());
            }
        } catch (IOException _) {
            return; // the connection is not reused, nothing else
        }
    }
}
