package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.berth.linux.Errno;
import io.berth.linux.Linux;
import io.berth.linux.LinuxException;
import io.berth.linux.foreign.ForeignFiles;
import io.berth.linux.foreign.ForeignJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The SELinux labels of what runs, from the config.json of each bundle: so they are known again
 * after a restart, and gone when the bundle is.
 */
final class BundleLabels {
    /** Far above what berth writes. */
    private static final int MAX_CONFIG_BYTES = 16 << 20;

    private final Linux linux;
    private final Path bundles;

    BundleLabels(Linux linux, Path bundles) {
        this.linux = linux;
        this.bundles = bundles;
    }

    /** The label of a task's process; empty if it has none. */
    String process(String id) throws IOException {
        return config(bundles.resolve(id)).at("/process/selinuxLabel").asText();
    }

    /** The label of a task's files; empty if they have none. */
    String mount(String id) throws IOException {
        return config(bundles.resolve(id)).at("/linux/mountLabel").asText();
    }

    /** The levels of all processes. */
    Set<String> levels() throws IOException {
        var levels = new HashSet<String>();
        if (!Files.isDirectory(bundles)) {
            return levels;
        }
        try (var folders = Files.newDirectoryStream(bundles)) {
            for (var folder : folders) {
                SelinuxLabel.parse(config(folder).at("/process/selinuxLabel").asText())
                        .ifPresent(label -> levels.add(label.level()));
            }
        }
        return levels;
    }

    /** A bundle that is just being made or removed says nothing. */
    private JsonNode config(Path bundle) throws IOException {
        try {
            var file = bundle.resolve("config.json");
            return ForeignJson.OWN.tree(new ForeignFiles(linux).read(file, MAX_CONFIG_BYTES));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return JsonNodeFactory.instance.objectNode();
            }
            throw e;
        }
    }
}
