package io.berth.storage.snapshot;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A layer that is being unpacked: a directory of its own that no record names yet. It ends with
 * {@link Snapshotter#commitDraft} or {@link Snapshotter#discard}; a crash ends it too, and the next
 * open removes what it left.
 *
 * @param id chosen by the caller, unique among the drafts that are open
 * @param parent the committed snapshot below, by name; it need not exist yet when whiteouts are
 *     {@link io.berth.storage.layer.WhiteoutStyle#OVERLAY}
 * @param directory where the layer's tar is applied
 */
public record LayerDraft(String id, Optional<SnapshotName> parent, Path directory) {}
