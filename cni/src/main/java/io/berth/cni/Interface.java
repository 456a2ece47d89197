package io.berth.cni;

/**
 * A network interface that an attachment made, in the pod or on the host.
 *
 * @param name as {@code ip link} shows it
 * @param mac hardware address; empty if none
 * @param sandbox path of the network namespace it is in; empty for the host's
 */
public record Interface(String name, String mac, String sandbox) {}
