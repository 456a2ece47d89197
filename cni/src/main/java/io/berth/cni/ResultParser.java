package io.berth.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks a plugin's success answer, versions 0.3.0 to 1.1.0. Every size is limited and every
 * address is read; what is not understood is kept but not looked at.
 */
final class ResultParser {
    static final int MAX_INTERFACES = 256;
    static final int MAX_IPS = 64;
    static final int MAX_ROUTES = 4096;
    static final int MAX_DNS_ENTRIES = 64;
    static final int MAX_TEXT = 4096;

    private ResultParser() {}

    /**
     * The answer in {@code stdout}.
     *
     * @param asked what the plugin was spoken to in; also the version of an answer without one
     * @throws IllegalArgumentException what is wrong: where, found and wanted
     */
    static CniResult parse(byte[] stdout, CniVersion asked) {
        var json = Json.object(stdout);
        requireVersion(json, asked);
        var interfaces = interfaces(json);
        return new CniResult(json, interfaces, ips(json, interfaces), routes(json), dns(json));
    }

    private static void requireVersion(ObjectNode json, CniVersion asked) {
        var text = text(json, "cniVersion", "cniVersion");
        var version = text.isEmpty() ? asked : at("cniVersion", () -> CniVersion.parse(text));
        if (!version.isUnderstood()) {
            throw new IllegalArgumentException(
                    "cniVersion: found %s, wanted %s".formatted(version, asked));
        }
    }

    private static List<Interface> interfaces(ObjectNode json) {
        var interfaces = new ArrayList<Interface>();
        for (var node : array(json, "interfaces", MAX_INTERFACES)) {
            var where = "interfaces[%d]".formatted(interfaces.size());
            var object = object(node, where);
            var name = text(object, "name", where + ".name");
            if (name.isEmpty()) {
                throw new IllegalArgumentException(where + ".name: found none, wanted one");
            }
            interfaces.add(
                    new Interface(
                            name,
                            text(object, "mac", where + ".mac"),
                            text(object, "sandbox", where + ".sandbox")));
        }
        return interfaces;
    }

    private static List<CniResult.Ip> ips(ObjectNode json, List<Interface> interfaces) {
        var ips = new ArrayList<CniResult.Ip>();
        for (var node : array(json, "ips", MAX_IPS)) {
            var where = "ips[%d]".formatted(ips.size());
            var object = object(node, where);
            var cidr =
                    at(
                            where + ".address",
                            () -> IpAddress.parseCidr(text(object, "address", "address")));
            if (!cidr.address().isUsable()) {
                throw new IllegalArgumentException(
                        "%s.address: found %s, wanted the address of one machine"
                                .formatted(where, cidr.address().text()));
            }
            var gateway = text(object, "gateway", where + ".gateway");
            if (!gateway.isEmpty()) {
                at(where + ".gateway", () -> IpAddress.parse(gateway));
            }
            ips.add(new CniResult.Ip(cidr, holder(object, where, interfaces)));
        }
        return ips;
    }

    private static Optional<Interface> holder(
            ObjectNode ip, String where, List<Interface> interfaces) {
        var node = ip.path("interface");
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.canConvertToInt() || !node.isIntegralNumber()) {
            throw new IllegalArgumentException(
                    "%s.interface: found %s, wanted an index".formatted(where, excerpt(node)));
        }
        int index = node.intValue();
        if (index < 0 || index >= interfaces.size()) {
            throw new IllegalArgumentException(
                    "%s.interface: found %d, wanted less than %d, the number of interfaces"
                            .formatted(where, index, interfaces.size()));
        }
        return Optional.of(interfaces.get(index));
    }

    private static List<IpAddress.Cidr> routes(ObjectNode json) {
        var routes = new ArrayList<IpAddress.Cidr>();
        for (var node : array(json, "routes", MAX_ROUTES)) {
            var where = "routes[%d]".formatted(routes.size());
            var object = object(node, where);
            routes.add(at(where + ".dst", () -> IpAddress.parseCidr(text(object, "dst", "dst"))));
            var gateway = text(object, "gw", where + ".gw");
            if (!gateway.isEmpty()) {
                at(where + ".gw", () -> IpAddress.parse(gateway));
            }
        }
        return routes;
    }

    private static Dns dns(ObjectNode json) {
        var node = json.path("dns");
        if (node.isMissingNode() || node.isNull()) {
            return Dns.NONE;
        }
        var dns = object(node, "dns");
        return new Dns(
                texts(dns, "nameservers"),
                text(dns, "domain", "dns.domain"),
                texts(dns, "search"),
                texts(dns, "options"));
    }

    private static List<String> texts(ObjectNode dns, String key) {
        var texts = new ArrayList<String>();
        for (var node : array(dns, key, MAX_DNS_ENTRIES)) {
            texts.add(text(node, "dns.%s[%d]".formatted(key, texts.size())));
        }
        return texts;
    }

    private static Iterable<JsonNode> array(ObjectNode json, String key, int limit) {
        var node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return List.of();
        }
        if (!node.isArray()) {
            throw new IllegalArgumentException(
                    "%s: found %s, wanted an array".formatted(key, Json.kind(node)));
        }
        if (node.size() > limit) {
            throw new IllegalArgumentException(
                    "%s: found %d, wanted at most %d".formatted(key, node.size(), limit));
        }
        return node;
    }

    private static ObjectNode object(JsonNode node, String where) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new IllegalArgumentException(
                "%s: found %s, wanted an object".formatted(where, Json.kind(node)));
    }

    /** The text at {@code key}; empty when it is missing or null. */
    private static String text(ObjectNode json, String key, String where) {
        var node = json.path(key);
        return node.isMissingNode() || node.isNull() ? "" : text(node, where);
    }

    private static String text(JsonNode node, String where) {
        if (!node.isTextual() || node.textValue().length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "%s: found %s, wanted a string of at most %d characters"
                            .formatted(where, excerpt(node), MAX_TEXT));
        }
        return node.textValue();
    }

    private static String excerpt(JsonNode node) {
        return Excerpt.of(node.toString());
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T at(String where, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException invalid) {
            throw new IllegalArgumentException(where + ": " + invalid.getMessage(), invalid);
        }
    }
}
