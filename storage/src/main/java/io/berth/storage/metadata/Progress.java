package io.berth.storage.metadata;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Keeps the {@link CommitNote} of an open store. A note that cannot be written costs no commit. */
final class Progress {
    private static final System.Logger LOG = System.getLogger(Progress.class.getName());
    private final StoreFiles files;
    private final CommitNote note;
    private long sequence;
    private @Nullable Object currentKey;
    private @Nullable Path manifest;
    private boolean warned;

    Progress(Path directory, CommitNote note) {
        this.files = new StoreFiles(directory);
        this.note = note;
    }

    /** Notes that everything up to {@code now} is in the log and synced. */
    void note(long now) {
        try {
            var key = files.currentKey();
            if (!key.equals(currentKey)) { // RocksDB has begun another MANIFEST
                currentKey = key;
                manifest = files.manifest().orElse(null);
            }
            var named = manifest;
            if (named != null) {
                note.write(
                        new CommitNote.Content(
                                now,
                                sequence == 0 ? now : sequence,
                                String.valueOf(named.getFileName()),
                                Files.size(named)));
            }
            sequence = now;
        } catch (IOException unwritten) {
            if (!warned) {
                warned = true;
                LOG.log(
                        System.Logger.Level.WARNING,
                        "metadata: how far the store has come cannot be noted: {0}",
                        unwritten.getMessage());
            }
        }
    }

    void close() {
        try {
            note.close();
        } catch (IOException unwritten) {
            LOG.log(System.Logger.Level.WARNING, "metadata: note", unwritten);
        }
    }
}
