package io.berth.cni;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a pod's network gave it.
 *
 * @param ips the pod's addresses in canonical text, the primary one first: those of the first
 *     default route's family, then the others, each in the order of the plugin's answer
 * @param interfaces everything that was made, in the order of the plugin's answer
 * @param dns resolver settings of the network; often empty
 * @param json the plugin's whole answer, for display
 */
public record NetworkResult(List<String> ips, List<Interface> interfaces, Dns dns, String json) {
    public NetworkResult {
        ips = List.copyOf(ips);
        interfaces = List.copyOf(interfaces);
    }

    /** The plugin's whole answer as UTF-8 JSON; a copy. */
    public byte[] raw() {
        return json.getBytes(StandardCharsets.UTF_8);
    }
}
