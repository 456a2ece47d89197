package io.berth.imageservice.pull;

import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageNames;
import io.berth.imageservice.image.PullProgress;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Loads an image archive: read and verify all of it, unpack every image, then name them. What a
 * failed load brought is collected later.
 */
final class ArchiveLoad {

    private final Workshop workshop;
    private final Cancellation cancellation;
    private final PullProgress progress;

    ArchiveLoad(Workshop workshop, Cancellation cancellation, PullProgress progress) {
        this.workshop = workshop;
        this.cancellation = cancellation;
        this.progress = progress;
    }

    List<Image> load(InputStream archive) {
        try (var hold = Hold.open(workshop.leases(), Hold.newId("load"), "archive")) {
            var reader = new ArchiveReader(workshop.content(), workshop.settings(), cancellation);
            List<LoadedParts> found = images(reader.read(archive));
            for (LoadedParts image : found) {
                hold.on(image.parts().blobs(), image.parts().snapshots());
                unpack(image);
            }
            List<Image> named = new ArrayList<>();
            for (LoadedParts image : found) {
                named.add(
                        workshop.records()
                                .name(
                                        image.parts().complete(),
                                        new ImageNames(image.tags(), List.of(), false)));
            }
            return List.copyOf(named);
        } catch (RuntimeException failed) {
            throw Failures.of("archive", failed);
        }
    }

    private List<LoadedParts> images(ArchiveMembers members) {
        Optional<byte[]> index = members.document("index.json");
        if (index.isPresent()) {
            if (members.document("oci-layout").isEmpty()) {
                throw new ImageException.InvalidArchive(
                        "archive: found index.json without oci-layout beside it", null);
            }
            return new OciLayout(workshop.content()).images(index.get());
        }
        byte[] list =
                members.document("manifest.json")
                        .orElseThrow(
                                () ->
                                        new ImageException.InvalidArchive(
                                                "archive: found neither index.json nor manifest.json,"
                                                        + " wanted an OCI archive or one of docker save",
                                                null));
        return new DockerSave(workshop, members).images(list);
    }

    private void unpack(LoadedParts image) {
        String subject =
                "archive: image "
                        + (image.tags().isEmpty()
                                ? image.parts().content().config().digest()
                                : image.tags().getFirst());
        // loads run side by side with pulls: a failure of one must not cancel the others
        var own = cancellation.register(new Cancellation());
        try {
            var to = workshop.snapshotter(Optional.empty());
            new LayerFetch(workshop, to, subject, List.of(), own, progress)
                    .run(image.parts().layers());
        } finally {
            cancellation.forget(own);
        }
    }
}
