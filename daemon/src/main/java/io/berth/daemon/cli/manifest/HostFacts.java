package io.berth.daemon.cli.manifest;

/**
 * What of the host a pod's mapping depends on.
 *
 * @param memoryBytes all memory
 * @param resolvConf text of the host's {@code /etc/resolv.conf}
 */
public record HostFacts(long memoryBytes, String resolvConf) {}
