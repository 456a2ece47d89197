package io.berth.sandbox.security;

import io.berth.cri.v1.SELinuxOption;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The SELinux labels of pods and containers. Each pod has a level of its own, which its containers
 * share unless they ask for another. Where labels are off, in the kernel or by configuration,
 * nothing is labelled; what is asked for is still held to its form.
 */
final class SelinuxLabels {
    private static final String FIELD = "config.linux.security_context.selinux_options";

    /** How many pods can be between the choice of a level and the bundle that has it. */
    private static final int RECENT = 256;

    /** What a process and its files are labelled with. */
    record Pair(String process, String mount) {}

    private final Path root;
    private final boolean enabled;
    private final int categories;
    private final LevelsInUse inUse;
    private final ReentrantLock choosing = new ReentrantLock();
    private final Set<String> recent = new LinkedHashSet<>();

    /** Which levels the pods of this node have now. */
    interface LevelsInUse {
        Set<String> levels() throws IOException;
    }

    private SelinuxLabels(Path root, boolean enabled, int categories, LevelsInUse inUse) {
        this.root = root;
        this.enabled = enabled;
        this.categories = categories;
        this.inUse = inUse;
    }

    /**
     * As the files below {@code root} say.
     *
     * @param wanted whether the operator has turned labels on
     */
    static SelinuxLabels detect(Path root, boolean wanted, int categories, LevelsInUse inUse) {
        boolean enabled = wanted && Files.exists(root.resolve("sys/fs/selinux/enforce"));
        return new SelinuxLabels(root, enabled, categories, inUse);
    }

    boolean enabled() {
        return enabled;
    }

    /** A pod's labels: the policy's own with a level that no other pod has, or as asked. */
    Optional<Pair> ofPod(String id, SELinuxOption asked) throws IOException {
        SelinuxLabel.check(asked, FIELD);
        if (!enabled) {
            return Optional.empty();
        }
        choosing.lock();
        try {
            return Optional.of(
                    pair(asked, asked.getLevel().isEmpty() ? newLevel(id) : asked.getLevel()));
        } finally {
            choosing.unlock();
        }
    }

    /** One that no bundle has, and none that is just being made. */
    private String newLevel(String id) throws IOException {
        var used = new HashSet<String>(inUse.levels());
        used.addAll(recent);
        var level = McsLevels.free(id, categories, used);
        recent.add(level);
        if (recent.size() > RECENT) {
            recent.remove(recent.iterator().next());
        }
        return level;
    }

    /**
     * A container's labels: its pod's, or as asked. A privileged container has no label of its own
     * and gets what the policy gives to a process that a runtime starts.
     *
     * @param podProcess the label of the pod's own process, empty if it has none
     */
    Optional<Pair> ofContainer(SELinuxOption asked, String podProcess, boolean privileged)
            throws IOException {
        SelinuxLabel.check(asked, FIELD);
        var pod = SelinuxLabel.parse(podProcess);
        if (!enabled || pod.isEmpty()) {
            return Optional.empty();
        }
        var level = asked.getLevel().isEmpty() ? pod.get().level() : asked.getLevel();
        if (asked.equals(SELinuxOption.getDefaultInstance())) {
            var mount = label("file").of(pod.get().user(), level);
            return Optional.of(new Pair(privileged ? "" : pod.get().toString(), mount.toString()));
        }
        return Optional.of(pair(asked, level));
    }

    private Pair pair(SELinuxOption asked, String level) throws IOException {
        var process = label("process").at(level).with(asked);
        var file = label("file");
        var mount = file.of(asked.getUser().isEmpty() ? file.user() : asked.getUser(), level);
        return new Pair(process.toString(), mount.toString());
    }

    /** The policy's own label of a kind, from its file of container contexts (lxc_contexts). */
    private SelinuxLabel label(String kind) throws IOException {
        var path = contexts();
        var found = settings(path).get(kind);
        return Optional.ofNullable(found)
                .flatMap(SelinuxLabel::parse)
                .orElseThrow(
                        () ->
                                new SandboxException.Failed(
                                        "SELinux policy: found no label '%s' in %s"
                                                .formatted(kind, path)));
    }

    private Path contexts() throws IOException {
        var config = settings(root.resolve("etc/selinux/config"));
        var policy = config.getOrDefault("SELINUXTYPE", "targeted");
        return root.resolve("etc/selinux").resolve(policy).resolve("contexts/lxc_contexts");
    }

    /** Lines of {@code name = "value"}; others say nothing. */
    private static Map<String, String> settings(Path file) throws IOException {
        var settings = new HashMap<String, String>();
        if (!Files.exists(file)) {
            return settings;
        }
        for (var line : Files.readAllLines(file)) {
            int equals = line.indexOf('=');
            if (equals > 0 && !line.strip().startsWith("#")) {
                var value = line.substring(equals + 1).strip();
                settings.put(line.substring(0, equals).strip(), value.replace("\"", ""));
            }
        }
        return settings;
    }
}
