package io.berth.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * A plugin's checked success answer (SPEC.md, section 5).
 *
 * @param json the whole answer, unknown keys included; never changed once it is here
 * @param routes destinations, in order
 */
record CniResult(
        ObjectNode json,
        List<Interface> interfaces,
        List<Ip> ips,
        List<IpAddress.Cidr> routes,
        Dns dns) {
    CniResult {
        interfaces = List.copyOf(interfaces);
        ips = List.copyOf(ips);
        routes = List.copyOf(routes);
    }

    /**
     * An address that was given.
     *
     * @param holder the interface it is on; empty when the plugin does not say
     */
    record Ip(IpAddress.Cidr address, Optional<Interface> holder) {}

    /**
     * As {@code prevResult} for plugins that are spoken to in {@code version}: the answer of a
     * plugin may be in another version, which no plugin accepts.
     */
    ObjectNode asPrevious(CniVersion version) {
        var previous = json.deepCopy();
        previous.put("cniVersion", version.toString());
        boolean withIpVersion = !version.isAtLeast(CniVersion.WITHOUT_IP_VERSION);
        if (previous.get("ips") instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (array.get(i) instanceof ObjectNode ip) {
                    if (withIpVersion) {
                        ip.put("version", ips.get(i).address().address().isV6() ? "6" : "4");
                    } else {
                        ip.remove("version");
                    }
                }
            }
        }
        return previous;
    }

    /**
     * The addresses of the pod's interface, primary first: the family of the first default route
     * leads, otherwise the answer's order stands. An address without an interface counts as the
     * pod's.
     */
    List<String> podIps(String interfaceName) {
        var leading = new LinkedHashSet<String>();
        var others = new LinkedHashSet<String>();
        var family =
                routes.stream()
                        .filter(IpAddress.Cidr::isDefaultRoute)
                        .map(route -> route.address().isV6())
                        .findFirst();
        for (var ip : ips) {
            var address = ip.address().address();
            if (ip.holder().map(holder -> holder.name().equals(interfaceName)).orElse(true)) {
                boolean leads = family.map(v6 -> v6 == address.isV6()).orElse(true);
                (leads ? leading : others).add(address.text());
            }
        }
        var all = new ArrayList<>(leading);
        all.addAll(others);
        return all;
    }

    NetworkResult forPod(String interfaceName) {
        return new NetworkResult(podIps(interfaceName), interfaces, dns, Json.text(json));
    }
}
