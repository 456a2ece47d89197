package io.berth.imageservice.pull;

import com.github.luben.zstd.Zstd;
import io.berth.imageservice.registry.ScriptedRegistry;
import io.berth.storage.content.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A small image made for a test: layers as tars, a configuration, a manifest. */
public final class SampleImage {

    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private final List<byte[]> tars = new ArrayList<>();
    private final List<byte[]> blobs = new ArrayList<>();
    private final List<String> types = new ArrayList<>();
    private String platform = "amd64";
    private String marker = "";
    private String annotations = "";

    /** A tar of files, names to contents. */
    public static byte[] tar(Map<String, String> files) {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            for (var file : files.entrySet()) {
                byte[] content = file.getValue().getBytes(StandardCharsets.UTF_8);
                var entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(content.length);
                entry.setMode(0100644);
                entry.setIds(0, 0);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return bytes.toByteArray();
    }

    /** Two layers, the first in gzip and the second in zstd, and a third in no compression. */
    public static SampleImage ordinary() {
        return new SampleImage()
                .gzip(tar(Map.of("etc/name", "first", "bin/tool", "t".repeat(50_000))))
                .zstd(tar(Map.of("etc/name", "second")))
                .plain(tar(Map.of("last", "third")));
    }

    public SampleImage gzip(byte[] tar) {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(tar);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return layer(tar, bytes.toByteArray(), LAYER + "+gzip");
    }

    public SampleImage zstd(byte[] tar) {
        return layer(tar, Zstd.compress(tar), LAYER + "+zstd");
    }

    public SampleImage plain(byte[] tar) {
        return layer(tar, tar, LAYER);
    }

    /** A layer whose parts need not fit each other. */
    public SampleImage layer(byte[] tar, byte[] blob, String mediaType) {
        tars.add(tar.clone());
        blobs.add(blob.clone());
        types.add(mediaType);
        return this;
    }

    public SampleImage platform(String architecture) {
        platform = architecture;
        return this;
    }

    /** Makes the configuration, and so the id, another. */
    public SampleImage marked(String text) {
        marker = text;
        return this;
    }

    /** Notes one thing on the manifest. */
    public SampleImage annotated(String name, String value) {
        annotations = ",\"annotations\":{\"%s\":\"%s\"}".formatted(name, value);
        return this;
    }

    public byte[] blob(int layer) {
        return blobs.get(layer).clone();
    }

    public List<byte[]> tars() {
        return List.copyOf(tars);
    }

    public byte[] config() {
        String diffIds =
                tars.stream()
                        .map(tar -> "\"" + Digest.sha256(tar) + "\"")
                        .collect(Collectors.joining(","));
        return """
        {"architecture":"%s","os":"linux",
         "config":{"User":"1000","Env":["A=b"],"Entrypoint":["/bin/tool"],"Cmd":["x"],
                   "WorkingDir":"/w","Labels":{"marker":"%s"},"StopSignal":"SIGQUIT",
                   "Volumes":{"/v":{}},"ExposedPorts":{"80/tcp":{}}},
         "rootfs":{"type":"layers","diff_ids":[%s]}}"""
                .formatted(platform, marker, diffIds)
                .getBytes(StandardCharsets.UTF_8);
    }

    public Digest id() {
        return Digest.sha256(config());
    }

    public byte[] manifest() {
        var layers = new ArrayList<String>();
        for (int i = 0; i < blobs.size(); i++) {
            layers.add(descriptor(types.get(i), blobs.get(i)));
        }
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]%s}"
                .formatted(
                        MANIFEST,
                        descriptor(CONFIG, config()),
                        String.join(",", layers),
                        annotations)
                .getBytes(StandardCharsets.UTF_8);
    }

    public static String descriptor(String mediaType, byte[] bytes) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Digest.sha256(bytes), bytes.length);
    }

    /** An index of this image for its platform and of another that nobody has. */
    public byte[] index() {
        String own = descriptor(MANIFEST, manifest());
        String other = descriptor(MANIFEST, new byte[] {1});
        return """
        {"schemaVersion":2,"mediaType":"%s","manifests":[
          %s,"platform":{"os":"linux","architecture":"s390x"}},
          %s,"platform":{"os":"linux","architecture":"%s"}}]}"""
                .formatted(INDEX, open(other), open(own), platform)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String open(String object) {
        return object.substring(0, object.length() - 1);
    }

    /** Everything by digest: layers, configuration, manifest. */
    public Map<Digest, byte[]> parts() {
        Map<Digest, byte[]> parts = new LinkedHashMap<>();
        blobs.forEach(blob -> parts.put(Digest.sha256(blob), blob));
        parts.put(id(), config());
        parts.put(Digest.sha256(manifest()), manifest());
        return parts;
    }

    /** Puts the image into a registry; returns its manifest's digest. */
    public Digest push(ScriptedRegistry registry, String repository, String... tags) {
        blobs.forEach(blob -> registry.blob(repository, blob));
        registry.blob(repository, config());
        return registry.manifest(repository, MANIFEST, manifest(), tags);
    }

    /** An OCI archive of this image under a name. */
    public byte[] ociArchive(String name) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("oci-layout", utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
        parts().forEach((digest, bytes) -> files.put("blobs/sha256/" + digest.hex(), bytes));
        files.put(
                "index.json",
                utf8(
                        "{\"schemaVersion\":2,\"manifests\":[%s,\"annotations\":{\"%s\":\"%s\"}}]}"
                                .formatted(
                                        open(descriptor(MANIFEST, manifest())),
                                        "org.opencontainers.image.ref.name",
                                        name)));
        return archive(files);
    }

    /** What docker save would write of this image under a name. */
    public byte[] dockerSave(String name) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<String> layers = new ArrayList<>();
        for (int i = 0; i < tars.size(); i++) {
            String folder = Digest.sha256(tars.get(i)).hex();
            files.put(folder + "/VERSION", utf8("1.0"));
            files.put(folder + "/layer.tar", tars.get(i));
            layers.add("\"" + folder + "/layer.tar\"");
        }
        files.put(id().hex() + ".json", config());
        files.put(
                "manifest.json",
                utf8(
                        "[{\"Config\":\"%s.json\",\"RepoTags\":[\"%s\"],\"Layers\":[%s]}]"
                                .formatted(id().hex(), name, String.join(",", layers))));
        return archive(files);
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] archive(Map<String, byte[]> files) {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            for (var file : files.entrySet()) {
                var entry = new TarArchiveEntry(file.getKey(), true);
                entry.setSize(file.getValue().length);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return bytes.toByteArray();
    }

    static byte[] damaged(byte[] bytes) {
        byte[] copy = Arrays.copyOf(bytes, bytes.length);
        copy[copy.length / 2] ^= 0x55;
        return copy;
    }
}
