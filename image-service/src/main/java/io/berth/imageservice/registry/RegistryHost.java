package io.berth.imageservice.registry;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One place that may be asked for a registry's images: the registry itself or a mirror.
 *
 * @param base everything before {@code /<repository>/manifests/…}; ends without a slash
 * @param origin true for the registry itself, whose credentials may be sent there
 * @param headers sent with every request to this host, and to no other
 */
public record RegistryHost(
        URI base,
        boolean origin,
        Set<Capability> capabilities,
        Map<String, List<String>> headers,
        Trust trust,
        Optional<Duration> dialTimeout) {

    /** What a host may be asked for; pushing is read and not used. */
    public enum Capability {
        PULL,
        RESOLVE,
        PUSH,
        REFERRERS
    }

    /**
     * Whom a TLS connection trusts and as whom it presents itself.
     *
     * @param authorities PEM files added to the system's
     * @param clients pairs of PEM files
     * @param unverified accepts any certificate
     */
    public record Trust(List<Path> authorities, List<ClientPair> clients, boolean unverified) {

        /** The system's authorities and no client certificate. */
        public static final Trust SYSTEM = new Trust(List.of(), List.of(), false);

        /** Copies the lists. */
        public Trust {
            authorities = List.copyOf(authorities);
            clients = List.copyOf(clients);
        }
    }

    /** A client's certificate chain and its key; both may stand in one file. */
    public record ClientPair(Path certificate, Path key) {}

    /** Copies what can change. */
    public RegistryHost {
        capabilities = Set.copyOf(capabilities);
        headers = Map.copyOf(headers);
    }

    /** {@code host[:port]} as it stands in error messages. */
    public String authority() {
        return base.getRawAuthority();
    }

    /** The address of something below the repository. */
    URI locate(String repository, String rest) {
        return URI.create(base + "/" + repository + "/" + rest);
    }

    boolean can(Capability capability) {
        return capabilities.contains(capability);
    }
}
