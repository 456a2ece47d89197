package io.berth.imageservice.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks a token endpoint for a bearer token to pull one repository: by GET with Basic or
 * anonymously, or by POST (OAuth2) with an identity token.
 *
 * <p>Source: distribution, docs/spec/auth/token.md and oauth.md.
 */
final class FetchToken {

    private static final ForeignJson JSON =
            ForeignJson.within(JsonLimits.ANSWER.withNodes(1000)).allowingMore();
    private static final int MAX_ANSWER = 1 << 20;

    private final RegistrySession session;
    private final Challenge challenge;

    FetchToken(RegistrySession session, Challenge challenge) {
        this.session = session;
        this.challenge = challenge;
    }

    /** A token, never empty. */
    String token() throws AttemptFailed {
        URI realm = realm();
        var identity =
                session.credentials().orElse(null) instanceof Credentials.IdentityToken token
                        ? token
                        : null;
        HttpRequest request = identity == null ? get(realm) : post(realm, identity);
        HttpResponse<InputStream> answer = session.exchange(request);
        int status = answer.statusCode();
        if (status != 200) {
            boolean ours = session.reach().isRegistry(realm);
            String said = ours ? RegistryErrors.read(session, answer) : "";
            if (!ours) {
                session.discard(answer);
            }
            Kind kind = status >= 500 || status == 429 ? Kind.TRANSIENT : Kind.UNAUTHORIZED;
            throw session.failed(
                    kind,
                    "token endpoint answered %d%s; %s"
                            .formatted(status, said, session.whatWasSent()));
        }
        return read(session.bytes(answer, MAX_ANSWER, "token answer"));
    }

    /**
     * The endpoint; a registry behind TLS may not send us to one without, and none to a place that
     * is not its own to name.
     */
    private URI realm() throws AttemptFailed {
        String text = challenge.parameter("realm");
        try {
            URI realm = URI.create(text);
            boolean web = "http".equals(realm.getScheme()) || "https".equals(realm.getScheme());
            if (web && realm.getHost() != null && realm.getRawUserInfo() == null) {
                boolean downgrade =
                        realm.getScheme().equals("http")
                                && session.host().base().getScheme().equals("https");
                if (downgrade) {
                    throw session.failed(
                            Kind.FINAL,
                            "names a token endpoint over plain http: " + realm.getHost());
                }
                check(realm);
                return realm;
            }
        } catch (IllegalArgumentException _) {
            throw session.failed(Kind.FINAL, "names a token endpoint that cannot be read");
        }
        throw session.failed(Kind.FINAL, "names no token endpoint in its challenge");
    }

    private void check(URI realm) throws AttemptFailed {
        var refusal = session.reach().refusal(realm);
        if (refusal.isPresent()) {
            throw session.failed(
                    Kind.FINAL,
                    "names a token endpoint at %s, which is %s; a hosts.toml can name that host"
                            .formatted(realm.getHost(), refusal.get()));
        }
        if (session.credentials().isPresent() && !session.reach().maySeeCredentials(realm)) {
            throw session.failed(
                    Kind.UNAUTHORIZED,
                    ("names a token endpoint at %s; credentials of a registry over http go only to"
                                    + " that registry and to hosts of its hosts.toml; name the"
                                    + " endpoint there, or use https")
                            .formatted(realm.getRawAuthority()));
        }
    }

    private HttpRequest get(URI realm) {
        Map<String, String> query = new LinkedHashMap<>();
        if (!challenge.parameter("service").isEmpty()) {
            query.put("service", challenge.parameter("service"));
        }
        query.put("scope", scope());
        String separator = realm.getRawQuery() == null ? "?" : "&";
        var request = request(URI.create(realm + separator + form(query))).GET();
        session.credentials()
                .map(Authorize::basic)
                .filter(header -> !header.isEmpty())
                .ifPresent(header -> request.header("Authorization", header));
        return request.build();
    }

    private HttpRequest post(URI realm, Credentials.IdentityToken identity) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("grant_type", "refresh_token");
        fields.put("refresh_token", identity.token());
        fields.put("service", challenge.parameter("service"));
        fields.put("scope", scope());
        fields.put("client_id", session.settings().userAgent());
        return request(realm)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(fields)))
                .build();
    }

    private HttpRequest.Builder request(URI uri) {
        return HttpRequest.newBuilder(uri)
                .timeout(session.settings().answerTimeout())
                .header("User-Agent", session.settings().userAgent())
                .header("Accept", "application/json");
    }

    private String scope() {
        String asked = challenge.parameter("scope");
        return asked.isEmpty() ? "repository:" + session.ref().repository() + ":pull" : asked;
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(
                        field ->
                                field.getKey()
                                        + "="
                                        + URLEncoder.encode(
                                                field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private String read(byte[] answer) throws AttemptFailed {
        try {
            JsonNode json = JSON.tree(answer);
            String token = json.path("token").asText(json.path("access_token").asText(""));
            if (token.isEmpty()) {
                token = json.path("access_token").asText("");
            }
            if (!token.isEmpty() && token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                return token;
            }
        } catch (MalformedJson _) {
            throw session.failed(Kind.FINAL, "token endpoint's answer is no JSON");
        }
        throw session.failed(Kind.FINAL, "token endpoint's answer holds no token");
    }
}
