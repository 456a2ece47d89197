package io.berth.imageservice.image;

import io.berth.storage.content.ContentException;
import io.berth.storage.content.ContentStore;
import java.io.Closeable;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The images of this node: what there is, and how it comes and goes. Any thread; listing and
 * finding read memory only and never wait.
 */
public final class Images implements Closeable {

    private static final System.Logger LOG = System.getLogger(Images.class.getName());

    /** What a pull allows a configuration to have, too. */
    private static final int MAX_CONFIGURATION_BYTES = 8 << 20;

    private final ImageRecords records;
    private final ImageSource source;
    private final UsageSampler usage;
    private final ContentStore content;
    private final Runnable collect;
    private final Map<String, BuiltinImage> builtins = new ConcurrentHashMap<>();

    /** Two imports of the same image at once would be one too many. */
    private final ReentrantLock importing = new ReentrantLock();

    /**
     * Images that {@code records} knows and {@code source} brings.
     *
     * @param content holds the images' configurations
     * @param collect asks for a collection of what nothing needs any more; returns at once
     */
    public Images(
            ImageRecords records,
            ImageSource source,
            UsageSampler usage,
            ContentStore content,
            Runnable collect) {
        this.records = records;
        this.source = source;
        this.usage = usage;
        this.content = content;
        this.collect = collect;
    }

    /** All images by id. */
    public List<Image> list() {
        return records.list();
    }

    /**
     * The image that {@code text} means: an id ({@code sha256:…} or its digits), a reference with
     * tag or digest, short or complete, or else the beginning of an id. What is none of these names
     * no image.
     *
     * @throws ImageException.InvalidReference when several ids begin so
     */
    public Optional<Image> find(String text) {
        return records.find(text);
    }

    /**
     * The images that a person asks to see by {@code text}: every image of the repository if it
     * names one without tag or digest, else the one that {@link #find} finds.
     */
    public List<Image> matching(String text) {
        Optional<String> repository = ImageRef.repository(text);
        List<Image> found =
                repository.isEmpty()
                        ? List.of()
                        : records.list().stream()
                                .filter(image -> image.isOf(repository.get()))
                                .toList();
        return found.isEmpty() ? find(text).map(List::of).orElse(List.of()) : found;
    }

    /**
     * The whole configuration of an image as its author wrote it, a JSON document; empty if the
     * image has gone meanwhile. Reads one small file.
     */
    public Optional<byte[]> configuration(Image image) {
        try {
            return Optional.of(content.readAll(image.id(), MAX_CONFIGURATION_BYTES));
        } catch (ContentException.NotFound removed) {
            return Optional.empty();
        }
    }

    /**
     * Pulls an image, or joins an equal pull that runs. Always asks the registry, so that a caller
     * who may not have the image does not get it from here. The pull goes on when the caller's
     * thread is interrupted.
     *
     * @throws ImageException when it cannot be had; nothing has changed then
     */
    public Image pull(PullRequest request, PullProgress progress) {
        Image image;
        try {
            image = source.pull(request, progress);
        } catch (ImageException failure) {
            collectWhatFailed(failure);
            throw failure;
        }
        usage.refresh();
        LOG.log(
                System.Logger.Level.INFO,
                "image={0} pulled as {1}",
                image.id(),
                request.reference());
        return image;
    }

    /**
     * Loads every image for this platform from an OCI archive or one of docker save. Loading the
     * same archive twice is fine.
     *
     * @param archive an uncompressed tar; read to its end and left open
     * @throws ImageException when it is no such archive; no image of it is named then
     */
    public List<Image> load(InputStream archive, PullProgress progress) {
        List<Image> loaded;
        try {
            loaded = source.load(archive, progress);
        } catch (ImageException failure) {
            collectWhatFailed(failure);
            throw failure;
        }
        for (Image image : loaded) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "image={0} loaded as {1}",
                    image.id(),
                    image.repoTags());
        }
        usage.refresh();
        return loaded;
    }

    /** What a retry cannot use goes; what it can go on with stays until the hour's collection. */
    private void collectWhatFailed(ImageException failure) {
        if (!(failure instanceof ImageException.RegistryUnavailable)
                && !(failure instanceof ImageException.Interrupted)) {
            collect.run();
        }
    }

    /**
     * Has an image's layers where they are wanted, unpacking them if it must.
     *
     * @param snapshotter a name; empty for the standard one
     * @throws ImageException if they cannot be had; a pull for that snapshotter may help
     */
    public void unpack(Image image, Optional<String> snapshotter) {
        if (source.unpack(image, snapshotter)) {
            usage.refresh();
            LOG.log(
                    System.Logger.Level.INFO,
                    "image={0} unpacked for the snapshotter {1}",
                    image.id(),
                    snapshotter.orElse("of the node"));
        }
    }

    /** Asks for a collection of what nothing needs any more; returns at once. */
    public void collect() {
        collect.run();
    }

    /** Makes a built-in image, pinned; one that is there already is only named anew. */
    public Image importBuiltin(BuiltinImage builtin) {
        builtins.put(builtin.name().canonical(), builtin);
        importing.lock();
        try {
            Image image = source.importBuiltin(builtin);
            usage.refresh();
            return image;
        } finally {
            importing.unlock();
        }
    }

    /**
     * The built-in image of this name. Whoever cleans a node up may remove it like any other; it is
     * then made again.
     *
     * @throws IllegalStateException when no image of this name is built in
     */
    public Image builtin(String reference) {
        return records.find(reference)
                .orElseGet(
                        () -> {
                            BuiltinImage known =
                                    builtins.get(ImageRef.parse(reference).canonical());
                            if (known == null) {
                                throw new IllegalStateException(
                                        "image " + reference + ": is not built in");
                            }
                            LOG.log(
                                    System.Logger.Level.INFO,
                                    "image={0} built in, was removed, made again",
                                    reference);
                            return importBuiltin(known);
                        });
    }

    /**
     * Removes the image that {@code refOrId} means, with all of its names (CRI, RemoveImage);
     * absent is success. It is not listed any more when this returns. What containers hold of it
     * stays; the rest is freed by the next collection, which this asks for.
     */
    public void remove(String refOrId) {
        records.find(refOrId)
                .ifPresent(
                        image -> {
                            if (records.remove(image.id())) {
                                LOG.log(
                                        System.Logger.Level.INFO,
                                        "image={0} removed, was {1}",
                                        image.id(),
                                        image.repoTags());
                                collect.run();
                            }
                        });
    }

    /** What images take on disk, as last sampled. */
    public ImageUsage usage() {
        return usage.latest();
    }

    /** Ends running pulls, which a retry resumes, and sampling. */
    @Override
    public void close() {
        try {
            source.close();
        } finally {
            usage.close();
        }
    }
}
