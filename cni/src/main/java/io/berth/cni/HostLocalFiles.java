package io.berth.cni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Reads the files in which the {@code host-local} plugin keeps addresses: {@code
 * DATADIR/NETWORK/IP} with the container id in its first line and the interface in its second.
 * Never writes there.
 */
public final class HostLocalFiles {
    private static final Path DEFAULT_DATA_DIR = Path.of("/var/lib/cni/networks");

    /** An id and an interface name fit many times over. */
    private static final int MAX_FILE_BYTES = 1024;

    private HostLocalFiles() {}

    /** The folder where the plugin keeps this network's addresses, when it is the one in use. */
    static List<Path> folders(NetworkConf network) {
        var folders = new ArrayList<Path>();
        for (var plugin : network.plugins()) {
            var ipam = plugin.json().path("ipam");
            if (ipam.path("type").asText("").equals("host-local")) {
                var configured = ipam.path("dataDir").asText("");
                var dataDir = configured.isEmpty() ? DEFAULT_DATA_DIR : Path.of(configured);
                folders.add(dataDir.resolve(network.name()));
            }
        }
        return folders;
    }

    /** What is reserved in the networks that are configured in these folders. */
    public static List<IpReservation> reservationsIn(List<Path> confDirs) throws IOException {
        return reservations(new ConfFolders(confDirs, ConfFolders.MAX_FILES).load().networks());
    }

    /** The container id that a file of an address holds now; empty if it is gone. */
    public static Optional<String> reservation(Path file) throws IOException {
        return found("", "", file).map(IpReservation::sandboxId);
    }

    /** What is reserved in any of the networks, each folder once. */
    static List<IpReservation> reservations(List<NetworkConf> networks) throws IOException {
        var sources = new LinkedHashSet<Path>();
        networks.forEach(network -> sources.addAll(folders(network)));
        var reservations = new ArrayList<IpReservation>();
        for (var folder : sources) {
            reservations.addAll(reservations(folder));
        }
        return reservations;
    }

    static List<IpReservation> reservations(Path folder) throws IOException {
        var reservations = new ArrayList<IpReservation>();
        try (var files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
            for (var file : files) {
                var name = file.getFileName().toString();
                if (isAddress(name)) {
                    found(folder.getFileName().toString(), name, file).ifPresent(reservations::add);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException nothingKept) {
            return List.of();
        }
        return reservations;
    }

    private static Optional<IpReservation> found(String network, String ip, Path file)
            throws IOException {
        try {
            return Optional.of(read(network, ip, file));
        } catch (NoSuchFileException gone) {
            return Optional.empty(); // given back while we looked
        }
    }

    private static IpReservation read(String network, String ip, Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            var text = new String(in.readNBytes(MAX_FILE_BYTES), StandardCharsets.UTF_8);
            var lines = text.lines().map(String::strip).toList();
            return new IpReservation(
                    network,
                    ip,
                    lines.isEmpty() ? "" : lines.get(0),
                    lines.size() < 2 ? "" : lines.get(1),
                    file);
        }
    }

    /** The folder also holds {@code lock} and {@code last_reserved_ip.N}. */
    private static boolean isAddress(String name) {
        try {
            IpAddress.parse(name);
            return true;
        } catch (IllegalArgumentException other) {
            return false;
        }
    }
}
