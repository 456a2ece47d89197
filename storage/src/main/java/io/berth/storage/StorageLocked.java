package io.berth.storage;

import java.io.IOException;
import java.nio.file.Path;

/** Another process has the root or the state folder. */
public final class StorageLocked extends IOException {
    StorageLocked(String word, Path folder, String holder) {
        super(
                "%s %s: in use by %s; stop that daemon, or give this one another %s"
                        .formatted(word, folder, holder, word));
    }
}
