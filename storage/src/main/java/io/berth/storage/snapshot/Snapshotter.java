package io.berth.storage.snapshot;

import io.berth.storage.layer.LayerApplied;
import io.berth.storage.layer.WhiteoutStyle;
import java.util.List;
import java.util.Optional;

/**
 * Keeps file trees that build on each other, and says how to mount them.
 *
 * <p><b>Words.</b> A <i>snapshot</i> is a state of a file tree. It has at most one <i>parent</i>,
 * whose content it starts with; following parents gives its <i>chain</i>. An <i>active</i> snapshot
 * is written through its mounts and goes by a <i>key</i>. A <i>view</i> is read through its mounts
 * and goes by a key too. A <i>committed</i> snapshot is fixed for ever and goes by a <i>name</i>;
 * only it may be a parent. Keys and names are one space: no two snapshots share one. A <i>draft</i>
 * is a layer being unpacked, which no list shows.
 *
 * <p><b>Lifecycle.</b> {@code prepare} makes an active snapshot, {@code view} a view. {@code
 * commit} turns an active one into a committed one: the key is gone, the name is there. {@code
 * remove} ends any of them, a committed one only when nothing builds on it. An image is made layer
 * by layer: {@code draft}, apply the tar in its directory, {@code commitDraft}. A container gets
 * {@code prepare(key, the image's top layer)}; the mounts are the shim's to make and undo, and
 * {@code remove} comes after they are gone.
 *
 * <p><b>What holds.</b> Each method is atomic: after a failure or a crash the snapshot is as it was
 * before, or the work is done; leftovers have names that the next open recognises and removes. What
 * has been committed is on disk before its name is visible. Methods may be called from any thread;
 * those that change a key or name exclude each other on it. Methods that change files open a step
 * ({@code snapshot.prepare}, {@code snapshot.commit}, {@code snapshot.remove}, {@code
 * snapshot.draft}, …) on the key.
 *
 * @see SnapshotException the refusals; an I/O failure is its {@code Failed}
 */
public interface Snapshotter {
    /**
     * Makes an active snapshot and returns its mounts, in the order in which to mount them.
     *
     * @throws SnapshotException.AlreadyExists when the key is taken
     * @throws SnapshotException.ParentMissing when the parent is not a committed snapshot
     */
    List<MountSpec> prepare(SnapshotKey key, Optional<SnapshotName> parent);

    /** Makes a view of {@code parent}, otherwise as {@link #prepare}; its mounts are read-only. */
    List<MountSpec> view(SnapshotKey key, Optional<SnapshotName> parent);

    /**
     * The mounts of an active snapshot or a view: what {@link #prepare} returned, also after a
     * restart.
     *
     * @throws SnapshotException.NotFound when there is none
     * @throws SnapshotException.WrongKind when it is committed
     */
    List<MountSpec> mounts(SnapshotKey key);

    /**
     * Turns an active snapshot, unmounted by now, into a committed one. Its files are synced first.
     *
     * @throws SnapshotException.AlreadyExists when the name is taken
     * @throws SnapshotException.NotFound when the key is unknown
     * @throws SnapshotException.WrongKind when it is a view
     */
    void commit(SnapshotName name, SnapshotKey key);

    /**
     * Ends a snapshot and deletes its files; absent is success. The key is free when this returns;
     * should deleting be cut short, the next open finishes it.
     *
     * @throws SnapshotException.InUse when it is the parent of another
     */
    void remove(String keyOrName);

    /** What is known of a snapshot; from memory. */
    Optional<SnapshotInfo> stat(String keyOrName);

    /** All snapshots, drafts left out; from memory, never waits. */
    List<SnapshotInfo> list();

    /**
     * What a snapshot occupies by itself. Fixed at commit; an active one is walked, which takes
     * time in proportion to its files.
     *
     * @throws SnapshotException.NotFound when there is none
     */
    Usage usage(String keyOrName);

    /**
     * How layers must be applied. {@code OVERLAY}: drafts are independent, unpack them in parallel.
     * {@code DELETE}: a draft starts as a copy of its parent, unpack them in order.
     */
    WhiteoutStyle whiteoutStyle();

    /**
     * Opens a draft: an empty directory (OVERLAY) or a copy of the parent (DELETE; it must be
     * committed by now).
     *
     * @throws SnapshotException.AlreadyExists when a draft of that id is open
     * @throws SnapshotException.ParentMissing when a parent is needed now and is not committed
     */
    LayerDraft draft(String id, Optional<SnapshotName> parent);

    /**
     * Commits a draft under {@code name} on top of its parent, which must be committed by now:
     * directories that the layer only implies take their attributes from the parents, the files are
     * synced, then the name becomes visible. When the name is committed already, the draft is
     * discarded and that is success: equal chain ids are equal content.
     *
     * @return {@code name}
     * @throws SnapshotException.ParentMissing when the parent is not committed; the draft stays
     *     open
     */
    SnapshotName commitDraft(LayerDraft draft, SnapshotName name, LayerApplied applied);

    /** Ends a draft and deletes its files; absent is success. */
    void discard(LayerDraft draft);
}
