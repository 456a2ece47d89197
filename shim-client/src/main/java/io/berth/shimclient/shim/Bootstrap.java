package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.InvalidProtocolBufferException;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import io.berth.shim.bootstrap.BootstrapResult;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The answer of a shim's start on standard output: where the shim listens, and which Task service
 * it serves.
 *
 * <pre>
 * unix:///run/containerd/s/HEX                                                shims of 1.x
 * {"version":3,"address":"unix:///run/containerd/s/HEX","protocol":"ttrpc"}   shims of 2.0 to 2.2
 * BootstrapResult in binary form, with the same fields                        shims since 2.3
 * </pre>
 */
record Bootstrap(TaskApi version, Path socket) {
    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.ANSWER.withNodes(1000)).allowingMore();
    private static final String UNIX = "unix://";
    private static final Pattern UNPRINTABLE = Pattern.compile("[^\\p{Print}\\p{L}]");

    /** The fields that all forms have. */
    private record Fields(int version, String address, String protocol) {}

    /**
     * Reads any of the three forms.
     *
     * @throws ShimException.Failed if it is none, or names what this version does not speak
     */
    static Bootstrap parse(String shim, byte[] answer) {
        var fields = fields(shim, answer);
        if (!fields.protocol().equals("ttrpc")) {
            throw refused(shim, "protocol '" + shorten(fields.protocol()) + "', ttrpc wanted");
        }
        var api =
                switch (fields.version()) {
                    case 2 -> TaskApi.V2;
                    case 3 -> TaskApi.V3;
                    default ->
                            throw refused(shim, "version " + fields.version() + ", 2 or 3 wanted");
                };
        return new Bootstrap(api, socket(shim, fields.address()));
    }

    /** Whether an answer has the binary form, which only shims since containerd 2.3 give. */
    static boolean isBinary(byte[] answer) {
        return !text(answer).startsWith("{") && binary(answer).isPresent();
    }

    /** The socket that an answer names; empty if it names none that could be one. */
    static Optional<Path> namedSocket(String shim, byte[] answer) {
        try {
            return Optional.of(socket(shim, fields(shim, answer).address()));
        } catch (ShimException.Failed none) {
            return Optional.empty();
        }
    }

    private static Fields fields(String shim, byte[] answer) {
        var text = text(answer);
        if (text.startsWith("{")) {
            try {
                var json = JSON.tree(text.getBytes(UTF_8));
                return new Fields(
                        json.path("version").asInt(2),
                        json.path("address").asText(),
                        json.path("protocol").asText("ttrpc"));
            } catch (MalformedJson e) {
                throw refused(shim, "'" + shorten(text) + "', an address or a JSON object wanted");
            }
        }
        return binary(answer).orElseGet(() -> new Fields(2, text, "ttrpc"));
    }

    /** No address reads as this message: its first letters are fields of types that do not end. */
    private static Optional<Fields> binary(byte[] answer) {
        try {
            var result = BootstrapResult.parseFrom(answer);
            return result.getAddress().isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Fields(
                                    result.getVersion(),
                                    result.getAddress(),
                                    result.getProtocol().isEmpty()
                                            ? "ttrpc"
                                            : result.getProtocol()));
        } catch (InvalidProtocolBufferException text) {
            return Optional.empty();
        }
    }

    private static String text(byte[] answer) {
        return new String(answer, UTF_8).strip();
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
                .getBytes(UTF_8);
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
        var shown = UNPRINTABLE.matcher(text).replaceAll("?");
        return shown.length() <= 200 ? shown : shown.substring(0, 200) + "…";
    }
}
