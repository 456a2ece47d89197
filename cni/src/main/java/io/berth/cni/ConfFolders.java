package io.berth.cni;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the folders with network configurations. A bad file is left out and named; the others
 * count.
 */
public final class ConfFolders {
    /** The largest configuration file that is read. */
    static final int MAX_FILE_BYTES = 1 << 20;

    /** The most files of one folder that are looked at. */
    static final int MAX_FILES = 256;

    private static final Set<String> EXTENSIONS = Set.of(".conf", ".conflist", ".json");

    private final List<Path> folders;
    private final int wanted;

    ConfFolders(List<Path> folders, int wanted) {
        this.folders = folders;
        this.wanted = wanted;
    }

    /**
     * What the folders hold now.
     *
     * @param networks the first valid ones, in the folders' order and then by file name
     * @param problems files and folders that were left out, each with its reason
     */
    record Loaded(List<NetworkConf> networks, List<String> problems) {
        static final Loaded NOTHING = new Loaded(List.of(), List.of());

        Loaded {
            networks = List.copyOf(networks);
            problems = List.copyOf(problems);
        }
    }

    /** Reads everything anew. Never throws for what it finds: it is named in the answer. */
    Loaded load() {
        var networks = new ArrayList<NetworkConf>();
        var problems = new ArrayList<String>();
        for (var folder : folders) {
            for (var file : files(folder, EXTENSIONS, problems)) {
                if (networks.size() == wanted) {
                    return new Loaded(networks, problems);
                }
                try {
                    networks.add(read(file));
                } catch (NoSuchFileException gone) {
                    // removed between the listing and the read: as if never seen
                } catch (IOException unreadable) {
                    problems.add("%s: not readable: %s".formatted(file, reason(unreadable)));
                } catch (IllegalArgumentException invalid) {
                    problems.add("%s: %s".formatted(file, invalid.getMessage()));
                }
            }
        }
        return new Loaded(networks, problems);
    }

    /** The names of all valid networks in these folders, read now. */
    public static Set<String> names(List<Path> folders) {
        return new ConfFolders(folders, MAX_FILES)
                .load().networks().stream().map(NetworkConf::name).collect(Collectors.toSet());
    }

    /** The valid network of a name, read now, wherever in the folders its file is. */
    static Optional<NetworkConf> find(List<Path> folders, String name) {
        return new ConfFolders(folders, MAX_FILES)
                .load().networks().stream()
                        .filter(network -> network.name().equals(name))
                        .findFirst();
    }

    /** The message for a node without a network. */
    String absence(List<String> problems) {
        var where = folders.stream().map(Path::toString).collect(Collectors.joining(", "));
        if (problems.isEmpty()) {
            return "no network configuration in %s; install a network (a .conflist file there)"
                    .formatted(where);
        }
        return "no usable network configuration in %s; %s"
                .formatted(where, String.join("; ", problems));
    }

    private static NetworkConf read(Path file) throws IOException {
        var json = Json.object(bytes(file));
        if (!file.toString().endsWith(".conflist")) {
            return NetworkConf.ofPlugin(json);
        }
        if (NetworkConf.flag(json, "loadOnlyInlinedPlugins")) {
            return NetworkConf.ofList(json);
        }
        return NetworkConf.ofList(json, pluginFiles(file, NetworkConf.nameOf(json)));
    }

    /** Plugins in files of their own: {@code FOLDER/NETWORK/*.conf}, by name. */
    private static List<PluginConf> pluginFiles(Path list, String network) throws IOException {
        var problems = new ArrayList<String>();
        var plugins = new ArrayList<PluginConf>();
        for (var file : files(list.resolveSibling(network), Set.of(".conf"), problems)) {
            try {
                plugins.add(PluginConf.of(Json.object(bytes(file))));
            } catch (IllegalArgumentException invalid) {
                throw new IllegalArgumentException(
                        "%s: %s".formatted(file, invalid.getMessage()), invalid);
            }
        }
        if (!problems.isEmpty()) {
            throw new IOException(problems.getFirst());
        }
        return plugins;
    }

    private static List<Path> files(Path folder, Set<String> extensions, List<String> problems) {
        try (var entries = Files.list(folder)) {
            var files =
                    entries.filter(file -> extensions.contains(extension(file)))
                            .limit(MAX_FILES + 1)
                            .sorted()
                            .toList();
            if (files.size() > MAX_FILES) {
                problems.add(
                        "%s: found more than %d files, wanted fewer".formatted(folder, MAX_FILES));
                return List.of();
            }
            return files.stream().filter(file -> !Files.isDirectory(file)).toList();
        } catch (NoSuchFileException missing) {
            return List.of();
        } catch (IOException | UncheckedIOException unreadable) {
            problems.add("%s: not readable: %s".formatted(folder, reason(unreadable)));
            return List.of();
        }
    }

    private static String extension(Path file) {
        var name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot);
    }

    /** A FIFO or device is refused before it is opened: opening one may block for ever. */
    private static byte[] bytes(Path file) throws IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IllegalArgumentException("found a special file, wanted a regular one");
        }
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IllegalArgumentException(
                        "found more than %d bytes, wanted fewer".formatted(MAX_FILE_BYTES));
            }
            return bytes;
        }
    }

    private static String reason(Exception failure) {
        return "%s: %s".formatted(failure.getClass().getSimpleName(), failure.getMessage());
    }
}
