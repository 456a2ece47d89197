package io.berth.shimclient.shim;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What a shim's start answers on stdout: where it listens, and which Task service it serves.
 *
 * <pre>
 * unix:///run/containerd/s/HEX                                                     1.x shims
 * {"version":3,"address":"unix:///run/containerd/s/HEX","protocol":"ttrpc"}        2.x shims
 * </pre>
 */
record Bootstrap(TaskApi version, Path socket) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String UNIX = "unix://";

    /**
     * Reads either form.
     *
     * @throws ShimException.Failed if it is neither, or names what this version does not speak
     */
    static Bootstrap parse(String shim, String answer) {
        var text = answer.strip();
        if (!text.startsWith("{")) {
            return new Bootstrap(TaskApi.V2, socket(shim, text));
        }
        try {
            var json = JSON.readTree(text);
            var protocol = json.path("protocol").asText("ttrpc");
            if (!protocol.equals("ttrpc")) {
                throw refused(shim, "protocol " + protocol + ", ttrpc wanted");
            }
            int version = json.path("version").asInt(2);
            var api =
                    switch (version) {
                        case 2 -> TaskApi.V2;
                        case 3 -> TaskApi.V3;
                        default -> throw refused(shim, "version " + version + ", 2 or 3 wanted");
                    };
            return new Bootstrap(api, socket(shim, json.path("address").asText()));
        } catch (JacksonException e) {
            throw refused(shim, "'" + shorten(text) + "', an address or a JSON object wanted");
        }
    }

    String address() {
        return UNIX + socket;
    }

    /** The JSON form. */
    byte[] encode() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("version", version == TaskApi.V2 ? 2 : 3)
                .put("address", address())
                .put("protocol", "ttrpc")
                .toString()
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Path socket(String shim, String address) {
        var path = address.startsWith(UNIX) ? address.substring(UNIX.length()) : address;
        try {
            if (path.startsWith("/")) {
                return Path.of(path);
            }
        } catch (InvalidPathException e) {
            // refused below
        }
        throw refused(shim, "address '" + shorten(address) + "', unix:///PATH wanted");
    }

    private static ShimException refused(String shim, String found) {
        return new ShimException.Failed("shim %s: start answered %s".formatted(shim, found), null);
    }

    private static String shorten(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }
}
