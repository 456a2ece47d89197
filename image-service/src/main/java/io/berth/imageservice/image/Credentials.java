package io.berth.imageservice.image;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * What a client proves itself with to one registry. Its text form never holds a secret.
 *
 * <p>Source: message AuthConfig of the CRI.
 */
public sealed interface Credentials {

    /** The first character after the visible ones of ASCII. */
    int DEL = 0x7f;

    /** The registry that these are for; empty means whichever the reference names. */
    String server();

    /** A user name and a password, sent as Basic or exchanged for a bearer token. */
    record Basic(String username, String password, String server) implements Credentials {
        @Override
        public String toString() {
            return "Basic[username=" + username + ", server=" + server + "]";
        }
    }

    /** A refresh token, exchanged for a bearer token by the OAuth2 flow. */
    record IdentityToken(String username, String token, String server) implements Credentials {
        @Override
        public String toString() {
            return "IdentityToken[server=" + server + "]";
        }
    }

    /** A bearer token that is sent to the registry as it is. */
    record RegistryToken(String token, String server) implements Credentials {
        @Override
        public String toString() {
            return "RegistryToken[server=" + server + "]";
        }
    }

    /**
     * The credentials that the fields of a request amount to; empty when all are empty. A registry
     * token wins over an identity token, which wins over a password; {@code auth} is the base64 of
     * {@code user:password} and is read when no user name is given.
     *
     * @throws ImageException.InvalidReference when {@code auth} is not base64 of that form, or the
     *     registry token cannot be sent
     */
    static Optional<Credentials> of(
            String username,
            String password,
            String auth,
            String server,
            String identityToken,
            String registryToken) {
        if (!registryToken.isEmpty()) {
            if (!registryToken.chars().allMatch(c -> c > ' ' && c < DEL)) {
                throw new ImageException.InvalidReference(
                        "credentials: field registry_token holds a character that no header of HTTP"
                                + " takes");
            }
            return Optional.of(new RegistryToken(registryToken, server));
        }
        if (!identityToken.isEmpty()) {
            return Optional.of(new IdentityToken(username, identityToken, server));
        }
        if (!username.isEmpty()) {
            return Optional.of(new Basic(username, password, server));
        }
        return auth.isEmpty() ? Optional.empty() : Optional.of(decode(auth, server));
    }

    private static Credentials decode(String auth, String server) {
        String plain;
        try {
            plain = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw new ImageException.InvalidReference(
                    "credentials: field auth is not base64 of user:password");
        }
        int colon = plain.indexOf(':');
        if (colon < 0) {
            throw new ImageException.InvalidReference(
                    "credentials: field auth holds no ':' between user and password");
        }
        String password = plain.substring(colon + 1).replace("\0", "");
        return new Basic(plain.substring(0, colon), password, server);
    }
}
