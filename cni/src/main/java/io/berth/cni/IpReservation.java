package io.berth.cni;

import java.nio.file.Path;

/**
 * An address that the {@code host-local} plugin holds for a container, as its file says.
 *
 * @param network the network's name
 * @param ip the address
 * @param sandboxId the CNI container id
 * @param interfaceName the interface in the pod; empty in files of old plugins
 * @param file where the plugin keeps it
 */
public record IpReservation(
        String network, String ip, String sandboxId, String interfaceName, Path file) {}
