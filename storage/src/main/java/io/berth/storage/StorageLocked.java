package io.berth.storage;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the root open. */
public final class StorageLocked extends IOException {
    StorageLocked(Path root, String holder) {
        super(
                "root %s: in use by %s; stop that daemon, or give this one another root"
                        .formatted(root, holder));
    }
}
