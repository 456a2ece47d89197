package io.berth.imageservice.registry;

import io.berth.imageservice.image.Credentials;
import io.berth.imageservice.image.ImageRef;
import java.util.Optional;
import java.util.Set;

/** Decides which host may see which credentials. */
final class CredentialScope {

    private static final Set<String> DOCKER_HUB =
            Set.of(
                    "docker.io",
                    "index.docker.io",
                    "registry-1.docker.io",
                    "registry.hub.docker.com");

    private CredentialScope() {}

    /**
     * The credentials that {@code host} may see: those that name it, and those that name the
     * registry or nobody when it is the registry itself. A mirror never sees the registry's.
     */
    static Optional<Credentials> of(
            RegistryHost host, ImageRef ref, Optional<Credentials> credentials) {
        return credentials.filter(
                known -> {
                    String server = authority(known.server());
                    if (same(server, host.authority())) {
                        return true;
                    }
                    return host.origin() && (server.isEmpty() || same(server, ref.registry()));
                });
    }

    private static boolean same(String server, String authority) {
        return server.equalsIgnoreCase(authority)
                || (DOCKER_HUB.contains(server) && DOCKER_HUB.contains(authority));
    }

    /** {@code https://index.docker.io/v1/} means {@code index.docker.io}. */
    private static String authority(String server) {
        return server.strip().replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    }
}
