/**
 * Snapshots: file trees that build on each other, kept as directories below one root.
 *
 * <p>Main types: {@link Snapshotter} (the contract and its words), {@link OverlaySnapshotter},
 * {@link NativeSnapshotter}, {@link Snapshotters} (those of a node), {@link SnapshotException}.
 * Only {@code SnapshotFiles} knows paths:
 *
 * <pre>
 * snapshots/overlayfs/          or snapshots/native/
 *     17/fs/                    the snapshot's own files (overlay: the difference; native: all)
 *     17/work/                  overlayfs's work directory, active snapshots only
 *     draft-18/fs/              a layer being unpacked; no record names it until it is committed
 *     gone-17/                  being deleted
 * </pre>
 *
 * <p>Invariant: a record in the metadata names a complete, synced directory; a directory that no
 * record names is removed when the snapshotter is opened.
 *
 * <p>Imported by {@code storage}, {@code storage.lease}, {@code image-service} and {@code sandbox}.
 */
@NullMarked
package io.berth.storage.snapshot;

import org.jspecify.annotations.NullMarked;
