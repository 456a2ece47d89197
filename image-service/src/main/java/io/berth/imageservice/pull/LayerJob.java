package io.berth.imageservice.pull;

import io.berth.storage.content.Digest;
import io.berth.storage.snapshot.SnapshotName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One layer that an image needs.
 *
 * @param index from the lowest layer, 0, up
 * @param diffId digest of its tar
 * @param chain the snapshot that it becomes
 * @param parent the snapshot below
 */
record LayerJob(
        int index,
        Descriptor blob,
        Digest diffId,
        SnapshotName chain,
        Optional<SnapshotName> parent) {

    /** All layers of an image, from the lowest up. */
    static List<LayerJob> of(Manifest.Single manifest, ConfigDocument config) {
        List<SnapshotName> chain = config.chainIds();
        List<LayerJob> jobs = new ArrayList<>();
        for (int i = 0; i < chain.size(); i++) {
            jobs.add(
                    new LayerJob(
                            i,
                            manifest.layers().get(i),
                            config.diffIds().get(i),
                            chain.get(i),
                            i == 0 ? Optional.empty() : Optional.of(chain.get(i - 1))));
        }
        return jobs;
    }
}
