package io.berth.cni;

import java.util.Set;

/**
 * A host port that leads to a container port: the {@code portMappings} capability.
 *
 * @param hostPort 1 to 65535
 * @param containerPort 1 to 65535
 * @param protocol {@code tcp}, {@code udp} or {@code sctp}
 * @param hostIp the host address to listen on; empty for all
 */
public record PortMapping(int hostPort, int containerPort, String protocol, String hostIp) {
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

    public PortMapping {
        if (hostPort < 1 || hostPort > 65535) {
            throw new IllegalArgumentException(
                    "host port: found %d, wanted 1 to 65535".formatted(hostPort));
        }
        if (containerPort < 1 || containerPort > 65535) {
            throw new IllegalArgumentException(
                    "container port: found %d, wanted 1 to 65535".formatted(containerPort));
        }
        if (!PROTOCOLS.contains(protocol)) {
            throw new IllegalArgumentException(
                    "port protocol: found \"%s\", wanted tcp, udp or sctp".formatted(protocol));
        }
        if (!hostIp.isEmpty()) {
            IpAddress.parse(hostIp);
        }
    }
}
