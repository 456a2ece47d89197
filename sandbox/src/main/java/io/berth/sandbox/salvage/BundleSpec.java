package io.berth.sandbox.salvage;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.cri.v1.IDMapping;
import io.berth.linux.foreign.ForeignJson;
import io.berth.linux.foreign.JsonLimits;
import io.berth.linux.foreign.MalformedJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** What a bundle tells of its pod or container: its OCI config, and the pid file of its runtime. */
final class BundleSpec {
    private static final ForeignJson JSON = ForeignJson.within(JsonLimits.DOCUMENT);
    private static final String CRI = "io.kubernetes.cri.";
    private static final String OWN = "io.berth.";
    private static final int MAX_PID_CHARS = 16;

    private final Path folder;
    private final JsonNode spec;

    private BundleSpec(Path folder, JsonNode spec) {
        this.folder = folder;
        this.spec = spec;
    }

    /**
     * Reads a bundle.
     *
     * @throws IOException if its config is missing or is none that berth wrote
     */
    static BundleSpec read(Path folder) throws IOException {
        var file = folder.resolve("config.json");
        if (Files.size(file) > JSON.limits().bytes()) {
            throw new IOException("%s: found %d bytes".formatted(file, Files.size(file)));
        }
        try {
            var bundle = new BundleSpec(folder, JSON.object(Files.readAllBytes(file)));
            if (bundle.sandbox().isEmpty()) {
                throw new IOException(file + ": names no pod");
            }
            return bundle;
        } catch (MalformedJson malformed) {
            throw new IOException("%s: %s".formatted(file, malformed.getMessage()), malformed);
        }
    }

    String id() {
        return String.valueOf(folder.getFileName());
    }

    boolean isPod() {
        return cri("container-type").equals("sandbox");
    }

    /** The id of its pod. */
    String sandbox() {
        return cri("sandbox-id");
    }

    /** An annotation of those that other runtimes give as well; else empty. */
    String cri(String name) {
        return annotation(CRI + name);
    }

    /** An annotation of berth's own; an older berth gave none. */
    String own(String name) {
        return annotation(OWN + name);
    }

    private String annotation(String name) {
        return spec.path("annotations").path(name).asText("");
    }

    int attempt() {
        var text = own("attempt");
        return text.matches("[0-9]{1,10}") ? Integer.parseUnsignedInt(text) : 0;
    }

    String hostname() {
        return spec.path("hostname").asText("");
    }

    boolean terminal() {
        return spec.path("process").path("terminal").asBoolean(false);
    }

    List<String> arguments() {
        var words = new ArrayList<String>();
        spec.path("process").path("args").forEach(word -> words.add(word.asText()));
        return words;
    }

    String cgroupsPath() {
        return spec.path("linux").path("cgroupsPath").asText("");
    }

    /** Whether it has a namespace of this type that is not the host's. */
    boolean hasNamespace(String type) {
        return StreamSupport.stream(spec.path("linux").path("namespaces").spliterator(), false)
                .anyMatch(each -> each.path("type").asText().equals(type));
    }

    /** Its mapping of user or group ids, by the OCI config's name for it. */
    List<IDMapping> mapping(String name) {
        var found = new ArrayList<IDMapping>();
        for (var each : spec.path("linux").path(name)) {
            found.add(
                    IDMapping.newBuilder()
                            .setContainerId(each.path("containerID").asInt())
                            .setHostId(each.path("hostID").asInt())
                            .setLength(each.path("size").asInt())
                            .build());
        }
        return found;
    }

    /** When its config was written. */
    Instant createdAt() throws IOException {
        return Files.getLastModifiedTime(folder.resolve("config.json")).toInstant();
    }

    private Path pidFile() {
        return folder.resolve("init.pid");
    }

    /** Whether a process of it was ever made. */
    boolean hasBegun() {
        return Files.isRegularFile(pidFile());
    }

    /** When its process was made. */
    Instant begunAt() throws IOException {
        return hasBegun() ? Files.getLastModifiedTime(pidFile()).toInstant() : createdAt();
    }

    /** Its first process, in the host's pid namespace; 0 if that is not known. */
    int pid() throws IOException {
        if (!hasBegun() || Files.size(pidFile()) > MAX_PID_CHARS) {
            return 0;
        }
        var text = Files.readString(pidFile(), StandardCharsets.ISO_8859_1).strip();
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 0;
    }
}
