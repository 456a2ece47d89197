package io.berth.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Fails a test that leaves a mount, a cgroup of ours or a descriptor behind. */
final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
    /** What the names of our tests' mount points and cgroups begin with. */
    static final String PREFIX = "berth-linux-test-";

    private int descriptors;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        descriptors = descriptors();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        assertThat(mounts()).as("mounts").isEmpty();
        assertThat(cgroups()).as("cgroups").isEmpty();
        assertThat(descriptors()).as("descriptors").isLessThanOrEqualTo(descriptors + 8);
    }

    private static List<Path> mounts() throws IOException {
        return MountInfo.read().stream()
                .map(MountEntry::mountPoint)
                .filter(mount -> mount.toString().contains(PREFIX))
                .toList();
    }

    private static Set<Path> cgroups() throws IOException {
        var found = new TreeSet<Path>();
        for (Path root : CgroupLayout.detect(MountInfo.read()).roots()) {
            try (var entries = Files.newDirectoryStream(root, PREFIX + "*")) {
                entries.forEach(found::add);
            }
        }
        return found;
    }

    /** The virtual machine opens a few of its own, lazily. */
    private static int descriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return (int) entries.count();
        }
    }
}
