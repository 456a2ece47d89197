package io.berth.imageservice.registry;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.registry.AttemptFailed.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Answers a registry's challenge with the value of an {@code Authorization} header. */
final class Authorize {

    private final RegistrySession session;
    private final List<Challenge> challenges;

    Authorize(RegistrySession session, List<Challenge> challenges) {
        this.session = session;
        this.challenges = challenges;
    }

    /**
     * The header to send, or the empty string when there is nothing new to say: the same header was
     * refused already, or no credentials are there.
     *
     * @param refused the header that led to the challenge
     */
    String header(String refused) throws AttemptFailed {
        for (Challenge challenge : challenges) {
            switch (challenge.scheme()) {
                case "bearer" -> {
                    String header = bearer(challenge);
                    return header.equals(refused) ? "" : header;
                }
                case "basic" -> {
                    String header = basic();
                    return header.equals(refused) ? "" : header;
                }
                case String _ -> {}
            }
        }
        String schemes = String.join(", ", challenges.stream().map(Challenge::scheme).toList());
        throw session.failed(
                Kind.UNAUTHORIZED,
                "answered 401 with "
                        + (schemes.isEmpty() ? "no challenge" : "the schemes " + schemes)
                        + ", wanted bearer or basic");
    }

    private String bearer(Challenge challenge) throws AttemptFailed {
        if (session.credentials().orElse(null) instanceof Credentials.RegistryToken token) {
            return "Bearer " + token.token();
        }
        return "Bearer " + new FetchToken(session, challenge).token();
    }

    private String basic() {
        return session.credentials().map(Authorize::basic).orElse("");
    }

    /** The Basic header for credentials that have a password, else the empty string. */
    static String basic(Credentials credentials) {
        return switch (credentials) {
            case Credentials.Basic(var user, var password, var _) ->
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(
                                            (user + ":" + password)
                                                    .getBytes(StandardCharsets.UTF_8));
            case Credentials.IdentityToken _ -> "";
            case Credentials.RegistryToken(var token, var _) -> "Bearer " + token;
        };
    }
}
