package io.berth.imageservice.registry;

import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.storage.content.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens a blob's bytes from an offset on. The bytes are not verified here.
 *
 * <p>Source: OCI distribution-spec, "Pulling blobs"; RFC 9110 14 (ranges).
 */
public final class FetchBlob {

    private static final Pattern CONTENT_RANGE =
            Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

    private final RegistrySession session;

    /** Asks the host of {@code session}. */
    public FetchBlob(RegistrySession session) {
        this.session = session;
    }

    /**
     * The bytes from {@code offset} to the end. A host that knows no ranges sends all of them, and
     * those before the offset are read past. Reading throws {@link AttemptFailed} when the
     * connection breaks or comes too slowly.
     *
     * @param sizeBytes of the whole blob; another length is refused before a byte is read
     */
    public InputStream open(Digest digest, long offset, long sizeBytes) throws AttemptFailed {
        Map<String, String> headers =
                offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
        HttpResponse<InputStream> answer =
                session.send(
                        new RegistrySession.Ask(
                                "GET",
                                session.host()
                                        .locate(session.ref().repository(), "blobs/" + digest),
                                headers));
        if (answer.statusCode() == 200) {
            return whole(answer, digest, offset, sizeBytes);
        }
        if (answer.statusCode() == 206) {
            return ranged(answer, digest, offset, sizeBytes);
        }
        throw session.refused(answer, "blob " + digest);
    }

    private InputStream whole(
            HttpResponse<InputStream> answer, Digest digest, long offset, long sizeBytes)
            throws AttemptFailed {
        checkLength(answer, digest, sizeBytes);
        InputStream body = session.body(answer);
        try {
            body.skipNBytes(offset);
            return body;
        } catch (IOException broken) {
            session.discard(answer);
            throw RegistrySession.broken(session.host(), broken);
        }
    }

    private InputStream ranged(
            HttpResponse<InputStream> answer, Digest digest, long offset, long sizeBytes)
            throws AttemptFailed {
        String range = answer.headers().firstValue("content-range").orElse("");
        Matcher matcher = CONTENT_RANGE.matcher(range);
        boolean asked = matcher.matches() && Long.parseLong(matcher.group(1)) == offset;
        if (!asked) {
            session.discard(answer);
            throw session.failed(
                    Kind.FINAL,
                    "blob %s: found another content-range, wanted it from %d"
                            .formatted(digest, offset));
        }
        checkLength(answer, digest, sizeBytes - offset);
        return session.body(answer);
    }

    private void checkLength(HttpResponse<InputStream> answer, Digest digest, long wanted)
            throws AttemptFailed {
        OptionalLong length = answer.headers().firstValueAsLong("content-length");
        if (length.isPresent() && length.getAsLong() != wanted) {
            session.discard(answer);
            throw session.failed(
                    Kind.FINAL,
                    "blob %s: found %d bytes, the manifest says %d"
                            .formatted(digest, length.getAsLong(), wanted));
        }
    }
}
