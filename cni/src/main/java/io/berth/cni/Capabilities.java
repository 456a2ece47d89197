package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a pod asks of its network, as plugins are told: capability arguments (CONVENTIONS.md,
 * "Well-known Capabilities") and the CNI_ARGS of Kubernetes.
 *
 * @param arguments by capability name; each plugin gets those that it declares
 * @param environment in the order of CNI_ARGS
 */
record Capabilities(ObjectNode arguments, Map<String, String> environment) {

    static Capabilities of(PodNetworkRequest request) {
        return new Capabilities(arguments(request), environment(request));
    }

    /** For a pod of which only the id is known. */
    static Capabilities of(String sandboxId) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("IgnoreUnknown", "1");
        environment.put("K8S_POD_INFRA_CONTAINER_ID", sandboxId);
        return new Capabilities(Json.newObject(), environment);
    }

    private static Map<String, String> environment(PodNetworkRequest request) {
        var environment = new LinkedHashMap<String, String>();
        environment.put("IgnoreUnknown", "1");
        environment.put("K8S_POD_NAMESPACE", request.podNamespace());
        environment.put("K8S_POD_NAME", request.podName());
        environment.put("K8S_POD_INFRA_CONTAINER_ID", request.sandboxId());
        environment.put("K8S_POD_UID", request.podUid());
        return environment;
    }

    private static ObjectNode arguments(PodNetworkRequest request) {
        var json = Json.newObject();
        if (!request.portMappings().isEmpty()) {
            var mappings = json.putArray("portMappings");
            for (var mapping : request.portMappings()) {
                var object = mappings.addObject();
                object.put("hostPort", mapping.hostPort());
                object.put("containerPort", mapping.containerPort());
                object.put("protocol", mapping.protocol());
                object.put("hostIP", mapping.hostIp());
            }
        }
        request.bandwidth()
                .ifPresent(
                        limits -> {
                            var object = json.putObject("bandwidth");
                            object.put("ingressRate", limits.ingressRate());
                            object.put("ingressBurst", limits.ingressBurst());
                            object.put("egressRate", limits.egressRate());
                            object.put("egressBurst", limits.egressBurst());
                        });
        request.dns()
                .ifPresent(
                        dns -> {
                            var object = json.putObject("dns");
                            dns.servers().forEach(object.putArray("servers")::add);
                            dns.searches().forEach(object.putArray("searches")::add);
                            dns.options().forEach(object.putArray("options")::add);
                        });
        if (!request.cgroupParent().isEmpty()) {
            json.put("cgroupPath", request.cgroupParent());
        }
        var annotations = json.putObject("io.kubernetes.cri.pod-annotations");
        request.annotations().forEach(annotations::put);
        addresses(json, request.addresses());
        return json;
    }

    private static void addresses(ObjectNode json, Addresses addresses) {
        if (!addresses.ips().isEmpty()) {
            addresses.ips().forEach(json.putArray("ips")::add);
        }
        if (!addresses.pools().isEmpty()) {
            var pools = json.putArray("ipRanges");
            for (var pool : addresses.pools()) {
                var ranges = pools.addArray();
                for (var range : pool) {
                    var object = ranges.addObject().put("subnet", range.subnet());
                    putUnlessEmpty(object, "rangeStart", range.first());
                    putUnlessEmpty(object, "rangeEnd", range.last());
                    putUnlessEmpty(object, "gateway", range.gateway());
                }
            }
        }
    }

    private static void putUnlessEmpty(ObjectNode object, String key, String text) {
        if (!text.isEmpty()) {
            object.put(key, text);
        }
    }

    /** The value of the environment variable CNI_ARGS. */
    String cniArgs() {
        return environment.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(";"));
    }
}
