package io.berth.e2e.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A small image: busybox, two users, a web page. Its layers are the same at each build. */
public record TestImage(List<Blob> layers, Blob config, Blob manifest) {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";
    private static final int FILES_IN_FOLDER = 50;

    /** How long noise and what repeats itself alternate. */
    private static final int RUN = 2048;

    private static final List<String> APPLETS =
            List.of(
                    "sh cat ls id hostname wget httpd nc ps kill env pwd touch true false head tail",
                    "dd seq yes mkdir rm ip awk od date mount stat sleep echo test wc grep sort tr",
                    "nslookup ping usleep printf readlink uname");

    /**
     * Builds the image with one layer; {@code mark} goes into the layer, so that other marks are
     * other images.
     */
    public static TestImage build(String mark) throws IOException {
        return of(List.of(base(mark)));
    }

    /**
     * The same with further layers on it, which have a file {@code layers/N} each and at last a
     * link {@code layers/out} that leads above the root.
     */
    public static TestImage layered(String mark, int further) throws IOException {
        var layers = new ArrayList<byte[]>();
        layers.add(base(mark));
        for (int i = 1; i <= further; i++) {
            var layer = new TarBytes().folder("layers", 0755).file("layers/" + i, i + "\n");
            if (i == further) {
                layer.link("layers/out", "../../../../../../../../../../etc");
            }
            layers.add(layer.finish());
        }
        return of(layers);
    }

    /** The same as the first, with one more layer on top, whose files replace those below. */
    public static TestImage topped(String mark, TarBytes layer) throws IOException {
        return of(List.of(base(mark), layer.finish()));
    }

    /** The same as the first, with folders that it declares as volumes. */
    public static TestImage declaring(String mark, List<String> volumes) throws IOException {
        var words = volumes.stream().map(volume -> "\"" + volume + "\":{}");
        var given =
                "\"Env\":[\"PATH=/bin\"],\"Cmd\":[\"/bin/sh\"],\"Volumes\":{%s}"
                        .formatted(words.collect(Collectors.joining(",")));
        return of(List.of(base(mark)), given);
    }

    /**
     * An image to be pulled only, the same at each build: files of which a part is noise and the
     * rest repeats itself, so that layers shrink to about half.
     */
    public static TestImage bulk(int layers, int filesInLayer, int bytesInFile) throws IOException {
        var random = new Random(layers);
        var tars = new ArrayList<byte[]>();
        for (int layer = 0; layer < layers; layer++) {
            var tar = new TarBytes();
            for (int folder = 0; folder * FILES_IN_FOLDER < filesInLayer; folder++) {
                tar.folder("bulk-%d-%d".formatted(layer, folder), 0755);
            }
            for (int file = 0; file < filesInLayer; file++) {
                var name = "bulk-%d-%d/%d".formatted(layer, file / FILES_IN_FOLDER, file);
                tar.file(name, 0644, mixed(random, bytesInFile));
            }
            tars.add(tar.finish());
        }
        return of(tars);
    }

    /**
     * An image that is not to be run: its one layer is the archive of a checkpoint, and its
     * manifest has an annotation.
     */
    public static TestImage carrying(Path archive, String annotation, String value)
            throws IOException {
        return of(List.of(Files.readAllBytes(archive)), "").annotated(annotation, value);
    }

    private TestImage annotated(String annotation, String value) {
        var plain = new String(manifest.bytes(), UTF_8).strip();
        var noted =
                "%s,\"annotations\":{\"%s\":\"%s\"}}"
                        .formatted(plain.substring(0, plain.length() - 1), annotation, value);
        return new TestImage(layers, config, new Blob(MANIFEST, noted.getBytes(UTF_8)));
    }

    private static byte[] mixed(Random random, int size) {
        var bytes = new byte[size];
        random.nextBytes(bytes);
        for (int at = 0; at < size; at++) {
            if (at / RUN % 2 == 1) {
                bytes[at] = (byte) ('a' + at % RUN % 23);
            }
        }
        return bytes;
    }

    /** An image of one program, for a runtime that has no image of its own for pods. */
    public static TestImage program(Path program, List<String> command) throws IOException {
        var tar = new TarBytes().file("pause", 0755, Files.readAllBytes(program));
        var words = command.stream().map(word -> "\"" + word + "\"");
        var given = "\"Entrypoint\":[%s]".formatted(words.collect(Collectors.joining(",")));
        return of(List.of(tar.finish()), given);
    }

    private static byte[] base(String mark) throws IOException {
        var tar =
                new TarBytes()
                        .folder("bin", 0755)
                        .folder("etc", 0755)
                        .folder("root", 0700)
                        .folder("tmp", 01777)
                        .folder("proc", 0755)
                        .folder("sys", 0755)
                        .folder("dev", 0755)
                        .folder("www", 0755)
                        .folder("home", 0755)
                        .file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX))
                        .file(
                                "etc/passwd",
                                """
                                root:x:0:0:root:/root:/bin/sh
                                web:x:1000:1000:web:/home:/bin/sh
                                """)
                        .file("etc/group", "root:x:0:\nweb:x:1000:\nextra:x:2000:web\n")
                        .file("www/index.html", "hello from " + mark + "\n");
        for (String applet : String.join(" ", APPLETS).split(" ", -1)) {
            tar.link("bin/" + applet, "busybox");
        }
        return tar.finish();
    }

    private static TestImage of(List<byte[]> tars) throws IOException {
        var given =
                """
                "Env":["PATH=/bin","IMAGE_ENV=from-image"],"Cmd":["/bin/sh"],"WorkingDir":"/tmp"
                """;
        return of(tars, given.strip());
    }

    /** An image of the layers that gives its containers the fields. */
    private static TestImage of(List<byte[]> tars, String given) throws IOException {
        var layers = new ArrayList<Blob>();
        for (var tar : tars) {
            layers.add(new Blob(LAYER, gzip(tar)));
        }
        var diffIds =
                tars.stream()
                        .map(tar -> "\"" + new Blob("", tar).digest() + "\"")
                        .collect(Collectors.joining(","));
        var history =
                String.join(
                        ",",
                        Collections.nCopies(tars.size(), "{\"created\":\"2026-01-01T00:00:00Z\"}"));
        var config =
                new Blob(
                        CONFIG,
                        """
                        {"architecture":"amd64","os":"linux",
                         "config":{%s},
                         "rootfs":{"type":"layers","diff_ids":[%s]},
                         "history":[%s]}
                        """
                                .formatted(given, diffIds, history)
                                .getBytes(UTF_8));
        var descriptors = layers.stream().map(Blob::descriptor).collect(Collectors.joining(","));
        return new TestImage(layers, config, manifest(config, descriptors));
    }

    /** The same layer as another image: for a user, with an annotation on its manifest. */
    public TestImage as(String user, String annotation) {
        var text = new String(config.bytes(), UTF_8);
        var changed = text.replace("\"config\":{", "\"config\":{\"User\":\"%s\",".formatted(user));
        var other = new Blob(CONFIG, changed.getBytes(UTF_8));
        return new TestImage(layers, other, manifest(other, layer().descriptor()))
                .annotated("org.example.note", annotation);
    }

    /** The same layers as another image: with a further variable in its environment. */
    public TestImage with(String variable, String value) {
        return with(List.of(variable + "=" + value));
    }

    /** The same layers as another image: with further variables, NAME=VALUE, in its environment. */
    public TestImage with(List<String> variables) {
        var text = new String(config.bytes(), UTF_8);
        var words = variables.stream().map(each -> "\"" + each + "\",");
        var changed = text.replace("\"Env\":[", "\"Env\":[" + words.collect(Collectors.joining()));
        var other = new Blob(CONFIG, changed.getBytes(UTF_8));
        return new TestImage(layers, other, manifest(other, layer().descriptor()));
    }

    private static Blob manifest(Blob config, String layers) {
        return new Blob(
                MANIFEST,
                """
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}
                """
                        .formatted(MANIFEST, config.descriptor(), layers)
                        .getBytes(UTF_8));
    }

    /** The same image as an OCI archive that names it {@code reference}. */
    public byte[] archive(String reference) {
        return archive(Map.of(reference, this));
    }

    /** Images as one OCI archive, by the references that it names them. */
    public static byte[] archive(Map<String, TestImage> images) {
        var entries = images.entrySet().stream().map(each -> each.getValue().entry(each.getKey()));
        var index =
                "{\"schemaVersion\":2,\"manifests\":[%s]}"
                        .formatted(entries.collect(Collectors.joining(",")));
        var tar =
                new TarBytes()
                        .file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}")
                        .file("index.json", index)
                        .folder("blobs", 0755)
                        .folder("blobs/sha256", 0755);
        var written = new HashSet<String>();
        for (var image : images.values()) {
            var blobs = new ArrayList<>(image.layers);
            blobs.addAll(List.of(image.config, image.manifest));
            for (Blob blob : blobs) {
                if (written.add(blob.digest())) {
                    tar.file("blobs/sha256/" + blob.digest().substring(7), 0644, blob.bytes());
                }
            }
        }
        return tar.finish();
    }

    private String entry(String reference) {
        return """
                {"mediaType":"%s","digest":"%s","size":%d,
                 "annotations":{"org.opencontainers.image.ref.name":"%s",
                                "io.containerd.image.name":"%s"}}"""
                .formatted(
                        MANIFEST, manifest.digest(), manifest.bytes().length, reference, reference);
    }

    /** The first layer. */
    public Blob layer() {
        return layers.getFirst();
    }

    /** CRI's id of the image: the digest of its configuration. */
    public String id() {
        return config.digest();
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}
