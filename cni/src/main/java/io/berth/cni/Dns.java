package io.berth.cni;

import java.util.List;

/**
 * Name resolution settings: what a pod asks for (the {@code dns} capability) and what a network
 * answers.
 *
 * @param servers addresses, first tried first
 * @param domain the local domain; only in answers, else empty
 * @param searches search domains, first tried first
 * @param options resolver options such as {@code ndots:5}
 */
public record Dns(
        List<String> servers, String domain, List<String> searches, List<String> options) {
    /** Nothing asked for, nothing answered. */
    public static final Dns NONE = of(List.of(), List.of(), List.of());

    public Dns {
        servers = List.copyOf(servers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    /** What a pod asks for, as the CRI's {@code DNSConfig} has it. */
    public static Dns of(List<String> servers, List<String> searches, List<String> options) {
        return new Dns(servers, "", searches, options);
    }
}
