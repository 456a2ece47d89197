package io.berth.imageservice.pull;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.imageservice.image.BuiltinImage;
import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageNames;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.storage.content.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Makes an image of one program: one layer, a configuration that starts it, and a manifest. */
final class ImportBuiltin {

    private static final int EXECUTABLE = 0100555;

    private final Workshop workshop;
    private final Cancellation cancellation;

    ImportBuiltin(Workshop workshop, Cancellation cancellation) {
        this.workshop = workshop;
        this.cancellation = cancellation;
    }

    Image run(BuiltinImage builtin) {
        byte[] layer = layer(builtin);
        Digest diffId = Digest.sha256(layer);
        byte[] config = config(builtin, diffId);
        Digest id = Digest.sha256(config);
        String tag = builtin.name().repoTag().orElseThrow();
        Optional<Image> known = workshop.records().byId(id);
        if (known.isPresent() && known.get().pinned() && known.get().repoTags().contains(tag)) {
            return known.get();
        }
        String subject = "image " + builtin.name();
        try (var hold = Hold.open(workshop.leases(), Hold.newId("builtin"), subject)) {
            hold.on(List.of(diffId, id), List.of());
            workshop.store(diffId, layer);
            workshop.store(id, config);
            ImageParts parts =
                    DockerSave.synthesized(
                            workshop,
                            new Descriptor(MediaTypes.OCI_CONFIG, id, config.length),
                            List.of(new Descriptor(MediaTypes.OCI_LAYER, diffId, layer.length)),
                            ConfigDocument.read(subject, config, 1, PullRequest.LINUX_AMD64));
            hold.on(parts.blobs(), parts.snapshots());
            unpack(subject, parts);
            return workshop.records()
                    .name(parts.complete(), new ImageNames(List.of(tag), List.of(), true));
        } catch (RuntimeException failed) {
            throw Failures.of(subject, failed);
        }
    }

    private void unpack(String subject, ImageParts parts) {
        var own = cancellation.register(new Cancellation());
        try {
            var to = workshop.snapshotter(Optional.empty());
            new LayerFetch(workshop, to, subject, List.of(), own, PullProgress.NONE)
                    .run(parts.layers());
        } finally {
            cancellation.forget(own);
        }
    }

    private static byte[] layer(BuiltinImage builtin) {
        var bytes = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            byte[] program = builtin.program();
            var entry = new TarArchiveEntry(builtin.path());
            entry.setSize(program.length);
            entry.setMode(EXECUTABLE);
            entry.setIds(0, 0);
            entry.setNames("", "");
            entry.setModTime(Date.from(Instant.EPOCH));
            tar.putArchiveEntry(entry);
            tar.write(program);
            tar.closeArchiveEntry();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a tar in memory", impossible);
        }
        return bytes.toByteArray();
    }

    private static byte[] config(BuiltinImage builtin, Digest diffId) {
        ObjectNode config = ManifestWriter.object();
        config.put("created", Instant.EPOCH.toString());
        config.put("architecture", "amd64");
        config.put("os", "linux");
        ObjectNode process = config.putObject("config");
        process.put("WorkingDir", "/");
        process.putArray("Env").add("PATH=/");
        var entrypoint = process.putArray("Entrypoint").add("/" + builtin.path());
        builtin.arguments().forEach(entrypoint::add);
        ObjectNode rootfs = config.putObject("rootfs");
        rootfs.put("type", "layers");
        rootfs.putArray("diff_ids").add(diffId.toString());
        return ManifestWriter.bytes(config);
    }
}
