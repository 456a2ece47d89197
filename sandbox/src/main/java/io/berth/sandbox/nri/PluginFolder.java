package io.berth.sandbox.nri;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The programs that are started as plugins, and their configuration. */
final class PluginFolder {
    private static final Logger LOG = System.getLogger(PluginFolder.class.getName());
    private static final int MAX_CONFIG_BYTES = 1 << 20;

    private final Path programs;
    private final Path configs;

    PluginFolder(Path programs, Path configs) {
        this.programs = programs;
        this.configs = configs;
    }

    /** A program, and the configuration that it is handed. */
    record Found(PluginName name, Path program, String config) {}

    /** By rising index. One whose name or configuration is bad is left out, with a line why. */
    List<Found> plugins() {
        var found = new TreeMap<PluginName, Found>();
        try (var entries = Files.newDirectoryStream(programs)) {
            for (var program : entries) {
                if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                    add(found, program);
                }
            }
        } catch (NoSuchFileException none) {
            return List.of();
        } catch (IOException e) {
            LOG.log(Logger.Level.ERROR, "nri plugin folder {0}: {1}", programs, e.toString());
        }
        return List.copyOf(found.values());
    }

    private void add(Map<PluginName, Found> found, Path program) {
        try {
            var name = PluginName.ofFile(String.valueOf(program.getFileName()));
            found.put(name, new Found(name, program, config(name)));
        } catch (IOException | IllegalArgumentException bad) {
            LOG.log(Logger.Level.ERROR, "nri plugin {0} left out: {1}", program, bad.getMessage());
        }
    }

    private String config(PluginName name) throws IOException {
        for (var file : List.of(name + ".conf", name.base() + ".conf")) {
            var path = configs.resolve(file);
            if (Files.exists(path)) {
                long size = Files.size(path);
                if (size > MAX_CONFIG_BYTES) {
                    throw new IOException(
                            "%s: found %d bytes, at most %d wanted"
                                    .formatted(path, size, MAX_CONFIG_BYTES));
                }
                return new String(Files.readAllBytes(path), StandardCharsets.UTF_8);
            }
        }
        return "";
    }
}
