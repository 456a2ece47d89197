package io.berth.imageservice.image;

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
import java.util.concurrent.locks.ReentrantLock;

/**
 * The images that have names, on disk and in memory. One change is one batch: durable first, then
 * visible, then returned. Reading takes no lock. Any thread.
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

    /** By id; replaced as a whole, under {@link #updates}. */
    private volatile Map<String, ImageRecord> records = Map.of();

    private volatile ImageView view = ImageView.EMPTY;

    private ImageRecords(Metadata metadata, Clock clock, PinnedImages pinned) {
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
        return open(metadata, snapshotters, clock, PinnedImages.NONE);
    }

    /** As the other, with names that are pinned. */
    public static ImageRecords open(
            Metadata metadata, Snapshotters snapshotters, Clock clock, PinnedImages pinned) {
        var opened = new ImageRecords(metadata, clock, pinned);
        var contents = opened.table.contents();
        for (var lost : contents.unreadable()) {
            LOG.log(System.Logger.Level.WARNING, "image record left out: {0}", lost.getMessage());
        }
        var usable = new TreeMap<String, ImageRecord>();
        var broken = new Batch();
        contents.records()
                .forEach(
                        (id, record) -> {
                            if (snapshotters.holderOf(record.chainId()).isPresent()) {
                                usable.put(id, record);
                            } else {
                                LOG.log(
                                        System.Logger.Level.WARNING,
                                        "image={0} forgotten: its snapshot {1} is gone; pull it again",
                                        id,
                                        record.chainId());
                                broken.delete(opened.table, id);
                            }
                        });
        if (!broken.isEmpty()) {
            metadata.commit(broken);
        }
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
        return Optional.ofNullable(records.get(id.toString())).map(this::image);
    }

    /**
     * Gives an image names, besides those that it has. A tag that another image had is taken from
     * it in the same moment.
     *
     * @throws io.berth.storage.metadata.MetadataException when the store refuses; nothing changed
     */
    public Image name(CompleteImage image, ImageNames names) {
        updates.lock();
        try {
            var next = new TreeMap<>(records);
            var batch = new Batch().grows();
            ImageRecord fresh = ImageRecord.of(image, names, clock.instant());
            ImageRecord older = next.get(fresh.id());
            ImageRecord record = older == null ? fresh : fresh.mergedWith(older);
            for (ImageRecord other : List.copyOf(next.values())) {
                boolean loses = other.tags().stream().anyMatch(names.tags()::contains);
                if (loses && !other.id().equals(record.id())) {
                    ImageRecord without = other.withoutTags(names.tags());
                    next.put(without.id(), without);
                    batch.put(table, without.id(), without);
                }
            }
            next.put(record.id(), record);
            metadata.commit(batch.put(table, record.id(), record));
            publish(next);
            return image(record);
        } finally {
            updates.unlock();
        }
    }

    /** Forgets an image with all of its names; says whether it was there. */
    boolean remove(Digest id) {
        updates.lock();
        try {
            var next = new TreeMap<>(records);
            if (next.remove(id.toString()) == null) {
                return false;
            }
            metadata.commit(new Batch().delete(table, id.toString()));
            publish(next);
            return true;
        } finally {
            updates.unlock();
        }
    }

    private Image image(ImageRecord record) {
        return pinned.applied(record.image());
    }

    private void publish(Map<String, ImageRecord> next) {
        view = new ImageView(next.values().stream().map(this::image).toList());
        records = next;
    }

    @Override
    public String name() {
        return "images";
    }

    /** Blobs that the collector must keep. */
    @Override
    public Set<Digest> blobs() {
        Set<Digest> kept = new HashSet<>();
        for (ImageRecord record : records.values()) {
            record.blobs().forEach(blob -> kept.add(Digest.parse(blob)));
        }
        return kept;
    }

    /** Snapshots that the collector must keep; their parents are kept by them. */
    @Override
    public Set<SnapshotName> snapshots() {
        Set<SnapshotName> kept = new HashSet<>();
        records.values().forEach(record -> kept.add(new SnapshotName(record.chainId())));
        return kept;
    }
}
