package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.linux.MountInfo;
import io.berth.nri.v1.Mount;
import io.berth.sandbox.SandboxException;
import io.berth.sandbox.spec.MountSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts mounts that plugins want, or want away, into an OCI config.json. */
final class SpecMounts {
    private static final String SHARED = "rshared";
    private static final String SLAVE = "rslave";

    private final ObjectNode spec;
    private final Sources sources;

    /** Says on which mount of the host something lies. */
    interface Sources {
        MountSource at(String path) throws IOException;

        /** As the host's mounts are now. */
        static Sources ofHost() {
            return path -> MountSource.at(Path.of(path).toRealPath(), MountInfo.read());
        }
    }

    SpecMounts(ObjectNode spec, Sources sources) {
        this.spec = spec;
        this.sources = sources;
    }

    /**
     * @throws SandboxException.Failed for mounts to be passed on of which the host passes none on
     */
    void apply(List<Mount> asked) {
        if (asked.isEmpty()) {
            return;
        }
        asked.forEach(this::mount);
        sort();
    }

    private void mount(Mount asked) {
        var all = spec.withArray("/mounts");
        if (asked.getDestination().startsWith(SpecAdjustment.AWAY)) {
            var gone = asked.getDestination().substring(1);
            SpecAdjustment.removeWhere(all, "destination", gone);
            return;
        }
        SpecAdjustment.removeWhere(all, "destination", asked.getDestination());
        var json = all.addObject().put("destination", asked.getDestination());
        json.put("type", asked.getType()).put("source", asked.getSource());
        var options = json.putArray("options");
        asked.getOptionsList().forEach(options::add);
        propagate(asked);
    }

    private void propagate(Mount asked) {
        var linux = spec.withObject("/linux");
        if (asked.getOptionsList().contains(SHARED)) {
            require(asked, SHARED, "a shared mount");
            linux.put("rootfsPropagation", SHARED);
        } else if (asked.getOptionsList().contains(SLAVE)) {
            require(asked, SLAVE, "a shared mount or a slave");
            if (!linux.path("rootfsPropagation").asText().equals(SHARED)) {
                linux.put("rootfsPropagation", SLAVE);
            }
        }
    }

    private void require(Mount asked, String option, String wanted) {
        MountSource source;
        try {
            source = sources.at(asked.getSource());
        } catch (IOException e) {
            throw new SandboxException.Failed(
                    "nri adjustment mounts %s: source %s cannot be looked up: %s"
                            .formatted(asked.getDestination(), asked.getSource(), e),
                    e);
        }
        if (option.equals(SHARED) ? !source.shared() : !source.sharedOrSlave()) {
            throw new SandboxException.Failed(
                    "nri adjustment mounts %s: found %s for %s, which lies on %s; wanted %s there"
                            .formatted(
                                    asked.getDestination(),
                                    option,
                                    asked.getSource(),
                                    source.place(),
                                    wanted));
        }
    }

    /** A mount over a directory comes before those inside it; on one level they stand by name. */
    private void sort() {
        var all = spec.withArray("/mounts");
        var sorted = new ArrayList<JsonNode>();
        all.forEach(sorted::add);
        sorted.sort(
                Comparator.<JsonNode>comparingInt(
                                mount ->
                                        Path.of(mount.path("destination").asText())
                                                .normalize()
                                                .getNameCount())
                        .thenComparing(mount -> mount.path("destination").asText()));
        all.removeAll();
        sorted.forEach(all::add);
    }
}
