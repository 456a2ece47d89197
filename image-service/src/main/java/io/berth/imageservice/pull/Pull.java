package io.berth.imageservice.pull;

import io.berth.imageservice.image.Image;
import io.berth.imageservice.image.ImageException;
import io.berth.imageservice.image.ImageNames;
import io.berth.imageservice.image.ImageRef;
import io.berth.imageservice.image.PullProgress;
import io.berth.imageservice.image.PullRequest;
import io.berth.imageservice.registry.AskHosts;
import io.berth.imageservice.registry.AttemptFailed;
import io.berth.imageservice.registry.FoundManifest;
import io.berth.imageservice.registry.Registries;
import io.berth.imageservice.registry.RegistryHost.Capability;
import io.berth.imageservice.registry.RegistrySession;
import io.berth.imageservice.registry.ResolveManifest;
import io.berth.storage.content.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One pull, top to bottom: resolve → fetch → verify → apply → commit → name. Nothing has a name
 * until all of it is committed; a lease holds what has come so far.
 */
final class Pull {

    private static final int MAX_INDEX_DEPTH = 3;

    private final Workshop workshop;
    private final PullRequest request;
    private final ImageRef ref;
    private final List<RegistrySession> sessions;
    private final Cancellation cancellation;
    private final PullProgress progress;
    private final String image;

    Pull(
            Workshop workshop,
            Registries registries,
            PullRequest request,
            Cancellation cancellation,
            PullProgress progress) {
        this.workshop = workshop;
        this.request = request;
        this.ref = ImageRef.parse(request.reference());
        this.sessions = registries.sessions(ref, request.auth());
        this.cancellation = cancellation;
        this.progress = progress;
        this.image = "image " + ref;
    }

    /** The image, complete and named. */
    Image run() {
        try (var hold = Hold.open(workshop.leases(), Hold.newId("pull"), image)) {
            FoundManifest root = resolve(hold);
            ImageParts parts = parts(hold, root);
            hold.on(parts.blobs(), parts.snapshots());
            fetch(parts);
            cancellation.check(image);
            return workshop.records().name(parts.complete(), names(root.digest()));
        } catch (RuntimeException failed) {
            throw Failures.of(image, failed);
        }
    }

    /** After a failure that a retry cannot mend, nothing is kept for one. */
    private void fetch(ImageParts parts) {
        try {
            var to = workshop.snapshotter(request.snapshotter());
            new LayerFetch(workshop, to, image, sessions, cancellation, progress)
                    .run(parts.layers());
        } catch (ImageException.RegistryUnavailable | ImageException.Interrupted passing) {
            throw passing;
        } catch (ImageException lasting) {
            workshop.forgetPartial(parts.blobs());
            throw lasting;
        }
    }

    private ImageNames names(Digest resolved) {
        return new ImageNames(
                ref.repoTag().map(List::of).orElse(List.of()),
                List.of(ref.repoDigest(resolved)),
                false);
    }

    /** Asks what the reference stands for, also when it is here: the registry decides who may. */
    private FoundManifest resolve(Hold hold) {
        return new AskHosts(sessions, image)
                .first(
                        Capability.RESOLVE,
                        session -> {
                            Optional<Digest> named =
                                    new ResolveManifest(session).head(ref.target());
                            if (named.isEmpty() && ref.digest().isEmpty()) {
                                return new ResolveManifest(session).get(ref.target());
                            }
                            Digest digest = ref.digest().or(() -> named).orElseThrow();
                            if (!named.orElse(digest).equals(digest)) {
                                throw wrong(session, named.orElseThrow(), digest);
                            }
                            Optional<FoundManifest> here = here(hold, digest);
                            return here.isPresent() ? here.get() : get(session, digest);
                        });
    }

    private static FoundManifest get(RegistrySession session, Digest digest) throws AttemptFailed {
        FoundManifest found = new ResolveManifest(session).get(digest.toString());
        if (!found.digest().equals(digest)) {
            throw wrong(session, found.digest(), digest);
        }
        return found;
    }

    private static AttemptFailed wrong(RegistrySession session, Digest found, Digest wanted) {
        return new AttemptFailed(
                session.host(),
                AttemptFailed.Kind.WRONG_DIGEST,
                "manifest has digest " + found + ", wanted " + wanted,
                null);
    }

    private Optional<FoundManifest> here(Hold hold, Digest digest) {
        hold.on(Set.of(digest), Set.of());
        return workshop.content()
                .find(digest)
                .map(_ -> workshop.content().readAll(digest, ResolveManifest.MAX_MANIFEST_BYTES))
                .map(bytes -> new FoundManifest(digest, "", bytes));
    }

    /** Follows indexes down to this platform's manifest, and reads its configuration. */
    private ImageParts parts(Hold hold, FoundManifest root) {
        var reader = new ManifestReader(image);
        List<Digest> above = new ArrayList<>();
        FoundManifest at = root;
        for (int depth = 0; depth < MAX_INDEX_DEPTH; depth++) {
            Manifest manifest = reader.read(at.mediaType(), at.bytes());
            keep(hold, at);
            switch (manifest) {
                case Manifest.Index index -> {
                    above.add(at.digest());
                    at = child(hold, reader.choose(index, request.platform()));
                }
                case Manifest.Single single -> {
                    var pointer = new Descriptor(at.mediaType(), at.digest(), at.bytes().length);
                    return new ImageParts(above, pointer, single, config(hold, single));
                }
            }
        }
        throw new ImageException.InvalidManifest(
                image
                        + ": manifest: indexes point to indexes more than "
                        + MAX_INDEX_DEPTH
                        + " deep",
                null);
    }

    private void keep(Hold hold, FoundManifest found) {
        hold.on(Set.of(found.digest()), Set.of());
        workshop.store(found.digest(), found.bytes());
    }

    private FoundManifest child(Hold hold, Descriptor entry) {
        Optional<FoundManifest> here = here(hold, entry.digest());
        FoundManifest found =
                here.isPresent()
                        ? here.get()
                        : new AskHosts(sessions, image)
                                .first(Capability.PULL, session -> get(session, entry.digest()));
        return new FoundManifest(found.digest(), entry.mediaType(), found.bytes());
    }

    private ConfigDocument config(Hold hold, Manifest.Single manifest) {
        Descriptor config = manifest.config();
        hold.on(Set.of(config.digest()), Set.of());
        try (var _ = workshop.blob(config.digest())) {
            if (workshop.content().find(config.digest()).isEmpty()) {
                new LayerDownload(
                                workshop.content(), config, image, cancellation, PullProgress.NONE)
                        .run(sessions, null);
            }
        }
        byte[] bytes = workshop.content().readAll(config.digest(), ManifestReader.MAX_CONFIG_BYTES);
        return ConfigDocument.read(image, bytes, manifest.layers().size(), request.platform());
    }
}
