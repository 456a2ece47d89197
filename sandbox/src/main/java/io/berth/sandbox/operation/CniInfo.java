package io.berth.sandbox.operation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.cni.NetworkResult;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import java.io.IOException;
import java.util.List;

/**
 * What a pod's networks gave it, in the form that containerd shows: addresses by interface, name
 * servers and routes.
 */
final class CniInfo {
    private static final ForeignJson JSON = ForeignJson.within(JsonLimits.DOCUMENT);

    private CniInfo() {}

    /** Of the results of all networks, the first of which is the pod's main one. */
    static ObjectNode of(List<NetworkResult> results) throws IOException {
        var info = JsonNodeFactory.instance.objectNode();
        var interfaces = info.putObject("Interfaces");
        var dns = info.putArray("DNS");
        var routes = info.putArray("Routes");
        for (var result : results) {
            var answer = JSON.tree(result.raw());
            for (var made : answer.path("interfaces")) {
                var shown = interfaces.putObject(made.path("name").asText());
                shown.putArray("IPConfigs");
                shown.put("Mac", made.path("mac").asText());
                shown.put("Sandbox", made.path("sandbox").asText());
            }
            for (var ip : answer.path("ips")) {
                address(interfaces, answer.path("interfaces"), ip);
            }
            dns.add(answer.path("dns").isObject() ? answer.get("dns") : dns.objectNode());
            answer.path("routes").forEach(routes::add);
        }
        return info;
    }

    private static void address(ObjectNode interfaces, JsonNode made, JsonNode ip) {
        var name = made.path(ip.path("interface").asInt(0)).path("name").asText("eth0");
        var address = ip.path("address").asText();
        int mask = address.indexOf('/');
        interfaces
                .withObject("/" + name.replace("~", "~0").replace("/", "~1"))
                .withArray("/IPConfigs")
                .addObject()
                .put("IP", mask < 0 ? address : address.substring(0, mask))
                .put("Gateway", ip.path("gateway").asText());
    }
}
