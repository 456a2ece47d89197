package io.berth.cni;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The network configuration that a template makes of the pod CIDRs which the kubelet was given.
 * Values are containerd's: {@code PodCIDR} the first, {@code PodCIDRRanges} all, {@code Routes} the
 * default route of each address family.
 */
final class ConfTemplate {
    /** The file that is written, once: afterwards there is a configuration. */
    static final String FILE = "10-berth-net.conflist";

    private static final int MAX_CIDRS = 16;

    private ConfTemplate() {}

    /** The CIDRs of a list that is separated by commas, each as it was written. */
    static List<String> cidrs(String list) {
        if (list.isBlank()) {
            return List.of();
        }
        var cidrs = List.of(list.split(",", MAX_CIDRS + 1)).stream().map(String::strip).toList();
        if (cidrs.size() > MAX_CIDRS) {
            throw new IllegalArgumentException(
                    "pod_cidr: found more than %d, wanted fewer".formatted(MAX_CIDRS));
        }
        for (var cidr : cidrs) {
            try {
                var _ = IpAddress.parseCidr(cidr);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("pod_cidr: " + e.getMessage(), e);
            }
        }
        return cidrs;
    }

    /**
     * The bytes of a .conflist file.
     *
     * @throws IllegalArgumentException naming the template and what in it, or in the result, is
     *     wrong
     */
    static byte[] render(Path template, List<String> cidrs) throws IOException {
        if (Files.size(template) > ConfFolders.MAX_FILE_BYTES) {
            throw new IllegalArgumentException(
                    "%s: found more than %d bytes, wanted fewer"
                            .formatted(template, ConfFolders.MAX_FILE_BYTES));
        }
        try {
            var text =
                    TextTemplate.parse(Files.readString(template))
                            .render(
                                    Map.of(
                                            "PodCIDR", cidrs.getFirst(),
                                            "PodCIDRRanges", cidrs,
                                            "Routes", routes(cidrs)));
            var bytes = text.getBytes(UTF_8);
            var _ = NetworkConf.ofList(Json.object(bytes));
            return bytes;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("%s: %s".formatted(template, e.getMessage()), e);
        }
    }

    private static List<String> routes(List<String> cidrs) {
        return cidrs.stream()
                .map(cidr -> IpAddress.parseCidr(cidr).address().isV6() ? "::/0" : "0.0.0.0/0")
                .distinct()
                .toList();
    }
}
