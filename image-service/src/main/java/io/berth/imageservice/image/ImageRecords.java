package io.berth.imageservice.image;

import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.storage.content.Digest;
import io.berth.storage.lease.Roots;
import io.berth.storage.metadata.Batch;
import io.berth.storage.metadata.Family;
import io.berth.storage.metadata.Metadata;
import io.berth.storage.metadata.Table;
import io.berth.storage.snapshot.SnapshotName;
import io.berth.storage.snapshot.Snapshotters;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The images that have names, on disk and in memory; what no list needs of them is on disk alone.
 * One change is one batch: durable first, then visible, then returned. Reading takes no lock. Any
 * thread.
 */
public final class ImageRecords implements Roots {

    private static final System.Logger LOG = System.getLogger(ImageRecords.class.getName());
    static final Family<ImageRecord> FAMILY =
            new Family<>("images", 2, ImageRecord.class, List.of(new WithAnnotations()));

    private final Metadata metadata;
    private final Table<ImageRecord> table;
    private final Clock clock;
    private final PinnedImages pinned;
    private final ReentrantLock updates = new ReentrantLock();

    private final MemoryBudget budget;
    private final Map<String, MemoryBudget.Share> shares = new ConcurrentHashMap<>();

    /** By id; replaced as a whole, under {@link #updates}. */
    private volatile Map<String, Image> images = Map.of();

    private volatile ImageView view = ImageView.EMPTY;

    private ImageRecords(Metadata metadata, Clock clock, PinnedImages pinned, MemoryBudget budget) {
        this.budget = budget;
        this.pinned = pinned;
        this.metadata = metadata;
        this.table = metadata.table(FAMILY);
        this.clock = clock;
    }

    /**
     * Reads all records. One whose snapshot is nowhere any more, or that cannot be read, is named
     * in the log and forgotten, so that its image is pulled anew instead of failing for ever.
     */
    public static ImageRecords open(Metadata metadata, Snapshotters snapshotters, Clock clock) {
        return open(metadata, snapshotters, clock, PinnedImages.NONE, MemoryBudget.ofThisHeap());
    }

    /** As the other, with names that are pinned, and room for the records of all images. */
    public static ImageRecords open(
            Metadata metadata,
            Snapshotters snapshotters,
            Clock clock,
            PinnedImages pinned,
            MemoryBudget budget) {
        var opened = new ImageRecords(metadata, clock, pinned, budget);
        var usable = new TreeMap<String, Image>();
        var broken = new Batch();
        var unreadable =
                opened.table.forEachReadable(
                        (id, record) -> {
                            if (snapshotters.holderOf(record.chainId()).isPresent()) {
                                usable.put(id, opened.image(record));
                            } else {
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "image={0} forgotten: its snapshot {1} is gone; pull it again",
                                        id,
                                        record.chainId());
                                broken.delete(opened.table, id);
                            }
                        });
        for (var lost : unreadable) {
            LOG.log(System.Logger.Level.WARNING, "image record left out: {0}", lost.getMessage());
        }
        if (!broken.isEmpty()) {
            metadata.commit(broken);
        }
        usable.forEach(
                (id, image) ->
                        opened.shares.put(id, budget.force(ForeignKind.RECORDS, image.weight())));
        opened.publish(usable);
        return opened;
    }

    /** All images by id; from memory. */
    public List<Image> list() {
        return view.list();
    }

    /** See {@link Images#find}. */
    public Optional<Image> find(String text) {
        return view.find(text);
    }

    /** The image with exactly this id; from memory. */
    public Optional<Image> byId(Digest id) {
        return Optional.ofNullable(images.get(id.toString()));
    }

    /**
     * Gives an image names, besides those that it has. A tag that another image had is taken from
     * it in the same moment.
     *
     * @throws io.berth.storage.metadata.MetadataException when the store refuses; nothing changed
     * @throws io.berth.linux.foreign.MemoryExhausted when memory has no room for another image
     */
    public Image name(CompleteImage image, ImageNames names) {
        updates.lock();
        try {
            var next = new TreeMap<>(images);
            var batch = new Batch().grows();
            ImageRecord fresh = ImageRecord.of(image, names, clock.instant());
            var older = table.get(fresh.id());
            ImageRecord record = older.isEmpty() ? fresh : fresh.mergedWith(older.get());
            for (Image other : images.values()) {
                boolean loses = other.repoTags().stream().anyMatch(names.tags()::contains);
                if (loses && !other.id().toString().equals(record.id())) {
                    take(other, names.tags(), batch, next);
                }
            }
            Image named = image(record);
            var share = budget.take(ForeignKind.RECORDS, named.weight());
            next.put(record.id(), named);
            try {
                metadata.commit(batch.put(table, record.id(), record));
            } catch (RuntimeException | Error notThere) {
                share.close();
                throw notThere;
            }
            replaced(shares.put(record.id(), share));
            publish(next);
            return named;
        } finally {
            updates.unlock();
        }
    }

    private static void replaced(MemoryBudget.@Nullable Share before) {
        if (before != null) {
            before.close();
        }
    }

    /** Takes tags from an image that has them. */
    private void take(Image from, List<String> tags, Batch batch, Map<String, Image> next) {
        var id = from.id().toString();
        table.get(id)
                .map(record -> record.withoutTags(tags))
                .ifPresent(
                        without -> {
                            batch.put(table, id, without);
                            next.put(id, image(without));
                        });
    }

    /** Forgets an image with all of its names; says whether it was there. */
    boolean remove(Digest id) {
        updates.lock();
        try {
            var next = new TreeMap<>(images);
            if (next.remove(id.toString()) == null) {
                return false;
            }
            metadata.commit(new Batch().delete(table, id.toString()));
            replaced(shares.remove(id.toString()));
            publish(next);
            return true;
        } finally {
            updates.unlock();
        }
    }

    private Image image(ImageRecord record) {
        var id = record.id();
        var details =
                new ImageDetails(
                        Digest.parse(id),
                        record.cost(),
                        () ->
                                table.get(id)
                                        .map(
                                                read ->
                                                        new ImageDetails.Read(
                                                                read.config(),
                                                                read.annotations())));
        return pinned.applied(record.image(details));
    }

    private void publish(Map<String, Image> next) {
        view = new ImageView(next.values());
        images = next;
    }

    @Override
    public String name() {
        return "images";
    }

    /** Blobs that the collector must keep; read from the disk. */
    @Override
    public Set<Digest> blobs() {
        Set<Digest> kept = new HashSet<>();
        table.forEach((_, record) -> record.blobs().forEach(blob -> kept.add(Digest.parse(blob))));
        return kept;
    }

    /** Snapshots that the collector must keep; their parents are kept by them. */
    @Override
    public Set<SnapshotName> snapshots() {
        Set<SnapshotName> kept = new HashSet<>();
        images.values().forEach(image -> kept.add(image.chainId()));
        return kept;
    }
}
