package io.berth.imageservice.pull;

import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.registry.ResolveManifest;
import io.berth.storage.snapshot.Snapshotter;
import java.util.List;

/** Unpacks an image that is here into a snapshotter that has not got it; asks no registry. */
final class UnpackAgain {

    private final Workshop workshop;
    private final Snapshotter to;
    private final Cancellation cancellation;

    UnpackAgain(Workshop workshop, Snapshotter to, Cancellation cancellation) {
        this.workshop = workshop;
        this.to = to;
        this.cancellation = cancellation;
    }

    /** Returns when all layers are committed; a failure leaves those that were by then. */
    void run(Image image) {
        String subject = "image " + image.id();
        try (var hold = Hold.open(workshop.leases(), Hold.newId("unpack"), subject)) {
            ImageParts parts = parts(subject, image);
            hold.on(parts.blobs(), parts.snapshots());
            requireBlobs(subject, parts);
            unpack(subject, parts);
        } catch (RuntimeException failed) {
            throw Failures.of(subject, failed);
        }
    }

    private ImageParts parts(String subject, Image image) {
        var content = workshop.content();
        byte[] bytes = content.readAll(image.manifest(), ResolveManifest.MAX_MANIFEST_BYTES);
        if (!(new ManifestReader(subject).read("", bytes) instanceof Manifest.Single manifest)) {
            throw new ImageException.InvalidManifest(
                    "%s: manifest %s: found an index, wanted the manifest of one platform"
                            .formatted(subject, image.manifest()),
                    null);
        }
        byte[] config = content.readAll(image.id(), ManifestReader.MAX_CONFIG_BYTES);
        var pointer = new Descriptor(MediaTypes.OCI_MANIFEST, image.manifest(), bytes.length);
        return new ImageParts(
                List.of(),
                pointer,
                manifest,
                ConfigDocument.read(
                        subject, config, manifest.layers().size(), PullRequest.LINUX_AMD64));
    }

    /** A layer that was here unpacked already, for another image, was not downloaded once more. */
    private void requireBlobs(String subject, ImageParts parts) {
        for (LayerJob job : parts.layers()) {
            if (to.stat(job.chain().value()).isEmpty()
                    && workshop.content().find(job.blob().digest()).isEmpty()) {
                throw new ImageException.NotFound(
                        "%s: layer %s is here only as another snapshotter has it; pull the image for the runtime handler that is to run it"
                                .formatted(subject, job.blob().digest()));
            }
        }
    }

    private void unpack(String subject, ImageParts parts) {
        var own = cancellation.register(new Cancellation());
        try {
            new LayerFetch(workshop, to, subject, List.of(), own, PullProgress.NONE)
                    .run(parts.layers());
        } finally {
            cancellation.forget(own);
        }
    }
}
