package io.berth.storage.content;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A blob being written: write all bytes from {@link #offset} on, then {@link #commit}. One thread
 * at a time. Closing without commit keeps what was written, for the next ingest of the same ref.
 */
public final class Ingest implements WritableByteChannel, Closeable {
    private static final int BUFFER_BYTES = 1 << 18;
    private final ContentStore store;
    private final Expectation expectation;
    private final FileChannel data;
    private final MessageDigest hash;
    private long offset;
    private boolean open = true;

    /**
     * @param id name of the ingest's directory
     * @param limit no more bytes than this are accepted
     */
    record Expectation(
            String ref, String id, OptionalLong size, Optional<Digest> digest, long limit) {}

    private Ingest(ContentStore store, Expectation expectation, FileChannel data) {
        this.store = store;
        this.expectation = expectation;
        this.data = data;
        this.hash = Digest.newSha256();
    }

    /** Opens the data file and hashes what is in it. */
    static Ingest open(ContentStore store, Expectation expectation) throws IOException {
        var data =
                FileChannel.open(
                        store.files().data(expectation.id()),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try {
            var ingest = new Ingest(store, expectation, data);
            if (data.size() > expectation.limit()) {
                data.truncate(0);
            }
            ingest.hashPartial();
            return ingest;
        } catch (IOException | RuntimeException failed) {
            data.close();
            throw failed;
        }
    }

    private void hashPartial() throws IOException {
        var buffer = ByteBuffer.allocate(BUFFER_BYTES);
        while (data.read(buffer) >= 0) {
            offset += buffer.position();
            hash.update(buffer.flip());
            buffer.clear();
        }
    }

    /** The caller's name for it. */
    public String ref() {
        return expectation.ref();
    }

    /** How many bytes are written: where a resumed download goes on. */
    public long offset() {
        return offset;
    }

    /** Forgets all bytes, for a source that cannot go on at an offset. */
    public void restart() {
        try {
            data.truncate(0);
            data.position(0);
            hash.reset();
            offset = 0;
        } catch (IOException failed) {
            throw new ContentException.Failed(expectation.ref(), failed);
        }
    }

    /**
     * Appends all of {@code source}.
     *
     * @throws ContentException.SizeMismatch when more comes than was expected; all is deleted
     * @throws ContentException.NoSpace when the disk is full; what was written is kept
     */
    @Override
    public int write(ByteBuffer source) {
        int length = source.remaining();
        if (offset + length > expectation.limit()) {
            abandon();
            throw new ContentException.SizeMismatch(
                    expectation.ref(), offset + length, "at most " + expectation.limit());
        }
        try {
            while (source.hasRemaining()) {
                var hashed = source.duplicate();
                int written = data.write(source);
                hash.update(hashed.limit(hashed.position() + written));
                offset += written;
            }
        } catch (IOException failed) {
            throw translate(failed);
        }
        return length;
    }

    /**
     * Makes the bytes a blob: when this returns, it is durable. A blob that is there already is
     * replaced by these same bytes, and counts as committed now.
     *
     * @throws ContentException.DigestMismatch when the bytes are others; they are deleted
     * @throws ContentException.SizeMismatch when bytes are missing; they are kept for a resume
     */
    public Blob commit() {
        if (!open) {
            throw new IllegalStateException("ingest %s: closed".formatted(expectation.ref()));
        }
        if (expectation.size().isPresent() && offset != expectation.size().getAsLong()) {
            throw new ContentException.SizeMismatch(
                    expectation.ref(), offset, Long.toString(expectation.size().getAsLong()));
        }
        var found = Digest.ofHash(hash.digest());
        var wanted = expectation.digest();
        if (wanted.isPresent() && !wanted.get().equals(found)) {
            abandon();
            throw new ContentException.DigestMismatch(expectation.ref(), found, wanted.get());
        }
        try {
            return store.commit(this, found);
        } catch (IOException failed) {
            throw translate(failed);
        } finally {
            close();
        }
    }

    /** Deletes what was written. */
    public void abandon() {
        if (open) {
            closeData();
            open = false;
            store.abandoned(this);
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** Keeps what was written; does nothing after commit or abandon. */
    @Override
    public void close() {
        if (open) {
            closeData();
            open = false;
            store.closed(this);
        }
    }

    Expectation expectation() {
        return expectation;
    }

    /** fsync(2): called on a platform thread. */
    void sync() throws IOException {
        data.force(true);
    }

    private void closeData() {
        try {
            data.close();
        } catch (IOException afterSync) {
            // What counts was synced before; what was not is hashed again on resume.
            System.getLogger(Ingest.class.getName())
                    .log(System.Logger.Level.WARNING, "ingest " + expectation.ref(), afterSync);
        }
    }

    private ContentException translate(IOException failed) {
        var message = String.valueOf(failed.getMessage());
        if (message.contains("No space left on device")
                || message.contains("Disk quota exceeded")) {
            return new ContentException.NoSpace(
                    expectation.ref(), offset, expectation.size(), store.files().root(), failed);
        }
        return new ContentException.Failed(expectation.ref(), failed);
    }
}
