package io.berth.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The network of a node: bridge, host-local and portmap on a subnet of the mark's own. */
public final class CniConf {
    private CniConf() {}

    /** Puts the configuration where the daemon finds it, at once and whole. */
    public static void write(NodeFolders folders) throws IOException {
        write(folders, normal(folders));
    }

    /** Puts any text there instead. */
    public static void write(NodeFolders folders, String text) throws IOException {
        var temporary = folders.top().resolve("conflist.new");
        Files.writeString(temporary, text);
        Files.move(temporary, file(folders), StandardCopyOption.ATOMIC_MOVE);
    }

    public static void remove(NodeFolders folders) throws IOException {
        Files.deleteIfExists(file(folders));
    }

    private static Path file(NodeFolders folders) {
        return folders.cni().resolve("10-e2e.conflist");
    }

    /** Writes what a configuration is made of when the kubelet tells pod CIDRs; where it lies. */
    static Path template(NodeFolders folders) throws IOException {
        var ipam =
                """
                {"type":"bridge","bridge":"%s","ipam":{"type":"host-local","dataDir":"%s","ranges":[
                {{- range $i, $cidr := .PodCIDRRanges}}{{if $i}}, {{end -}}
                [{"subnet": "{{$cidr}}"}]{{end}}],
                "routes":[{{range $i, $to := .Routes}}{{if $i}}, {{end}}{"dst": "{{$to}}"}{{end}}]}}
                """
                        .formatted(folders.bridge(), folders.ipam().getParent());
        return Files.writeString(folders.top().resolve("cni-template"), chain(folders, ipam));
    }

    /** Writes a network without a gateway into a folder of its own; that folder. */
    static Path special(NodeFolders folders, String subnet) throws IOException {
        var folder = Files.createDirectories(folders.top().resolve("cni-special"));
        var plugin =
                """
                {"type":"bridge","bridge":"%s",
                 "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"%s"}]]}}
                """
                        .formatted(folders.bridge(), folders.ipam().getParent(), subnet);
        Files.writeString(folder.resolve("10-special.conflist"), chain(folders, plugin));
        return folder;
    }

    private static String normal(NodeFolders folders) {
        return chain(
                folders,
                """
                {"type":"bridge","bridge":"%s","isGateway":true,"ipMasq":true,"hairpinMode":true,
                 "ipam":{"type":"host-local","dataDir":"%s","ranges":[[{"subnet":"%s"}]],
                         "routes":[{"dst":"0.0.0.0/0"}]}},
                {"type":"portmap","capabilities":{"portMappings":true}}
                """
                        .formatted(folders.bridge(), folders.ipam().getParent(), subnet(folders)));
    }

    /** A conflist of the given plugins. */
    public static String chain(NodeFolders folders, String plugins) {
        return "{\"cniVersion\":\"1.0.0\",\"name\":\"%s\",\"plugins\":[%s]}"
                .formatted(folders.network(), plugins);
    }

    /** A subnet in 10/8 that depends on the mark. */
    public static String subnet(NodeFolders folders) {
        int mark = Integer.parseInt(folders.mark().substring(0, 4), 16);
        return "10.%d.%d.0/24".formatted(100 + (mark >> 8) % 100, mark & 0xff);
    }
}
