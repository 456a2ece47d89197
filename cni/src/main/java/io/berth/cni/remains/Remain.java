package io.berth.cni.remains;

/**
 * A thing on the host that a CNI plugin made for a pod.
 *
 * @param key what names it: of an address the file in which it is kept, of rules the program that
 *     shows them and the chain that they are in, such as {@code iptables CNI-DN-0a1b…}
 * @param network the network's name
 */
public record Remain(Kind kind, String key, String sandboxId, String network) {
    /** Kinds of such things. */
    public enum Kind {
        /** An address that {@code host-local} holds. */
        ADDRESS,
        /** A chain of the nat table, with the rules that lead to it. */
        RULES
    }
}
