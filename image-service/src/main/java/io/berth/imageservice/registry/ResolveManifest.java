package io.berth.imageservice.registry;

import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.storage.content.Digest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a host what a tag or digest stands for, and for the manifest itself.
 *
 * <p>Source: OCI distribution-spec, "Pulling manifests".
 */
public final class ResolveManifest {

    /** No manifest or index may be larger, in bytes; registries themselves refuse larger ones. */
    public static final int MAX_MANIFEST_BYTES = 4 << 20;

    private static final String ACCEPT =
            String.join(
                    ", ",
                    "application/vnd.oci.image.index.v1+json",
                    "application/vnd.oci.image.manifest.v1+json",
                    "application/vnd.docker.distribution.manifest.list.v2+json",
                    "application/vnd.docker.distribution.manifest.v2+json");

    private final RegistrySession session;

    /** Asks the host of {@code session}. */
    public ResolveManifest(RegistrySession session) {
        this.session = session;
    }

    /**
     * The digest that the host names for {@code target}; empty when it answers without naming one.
     *
     * @param target a tag or a digest
     */
    public Optional<Digest> head(String target) throws AttemptFailed {
        HttpResponse<InputStream> answer = session.send(ask("HEAD", target));
        if (answer.statusCode() != 200) {
            throw refused(answer);
        }
        session.discard(answer);
        return named(answer);
    }

    /**
     * The manifest for {@code target} and its media type as the host says it. The bytes are not yet
     * compared with a digest, except with the one that the host itself names.
     */
    public FoundManifest get(String target) throws AttemptFailed {
        HttpResponse<InputStream> answer = session.send(ask("GET", target));
        if (answer.statusCode() != 200) {
            throw refused(answer);
        }
        byte[] bytes = session.bytes(answer, MAX_MANIFEST_BYTES, "manifest");
        Digest digest = Digest.sha256(bytes);
        Optional<Digest> named = named(answer);
        if (named.isPresent() && !named.get().equals(digest)) {
            throw session.failed(
                    Kind.FINAL,
                    "manifest has digest %s, the host names %s".formatted(digest, named.get()));
        }
        String type = answer.headers().firstValue("content-type").orElse("");
        return new FoundManifest(digest, type.replaceFirst(";.*$", "").strip(), bytes);
    }

    private RegistrySession.Ask ask(String method, String target) {
        return new RegistrySession.Ask(
                method,
                session.host().locate(session.ref().repository(), "manifests/" + target),
                Map.of("Accept", ACCEPT));
    }

    private Optional<Digest> named(HttpResponse<InputStream> answer) throws AttemptFailed {
        Optional<String> text = answer.headers().firstValue("docker-content-digest");
        try {
            return text.map(Digest::parse);
        } catch (IllegalArgumentException malformed) {
            throw session.failed(Kind.FINAL, "manifest's digest header: " + malformed.getMessage());
        }
    }

    private AttemptFailed refused(HttpResponse<InputStream> answer) {
        AttemptFailed refused = session.refused(answer, "manifest");
        boolean unsaid = answer.request().method().equals("HEAD");
        if (refused.kind() == Kind.NOT_FOUND && unsaid) {
            try {
                return new Ping(session).isRegistry()
                        ? refused
                        : session.failed(
                                Kind.FINAL,
                                "manifest answered 404, and /v2/ does not answer as a registry");
            } catch (AttemptFailed _) {
                return refused;
            }
        }
        return refused;
    }
}
