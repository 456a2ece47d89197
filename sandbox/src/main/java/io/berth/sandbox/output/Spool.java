package io.berth.sandbox.output;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.berth.linux.LinuxFd;
import io.berth.linux.foreign.MemoryBudget;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one output in their order: its beginning in memory, the rest in a file. A failure to
 * write leaves what was there before. Not for several threads at once.
 */
public final class Spool implements AutoCloseable {
    /** In memory, in bytes, if all others leave room for it. */
    static final int MEMORY_BYTES = 256 << 10;

    private final Spools all;
    private final String name;
    private final MemoryBudget.Share memory;
    private final ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private @Nullable LinuxFd file;
    private int inFile;

    Spool(Spools all, String name) {
        this.all = all;
        this.name = name;
        this.memory = all.share();
    }

    /**
     * Appends the first {@code length} bytes of {@code chunk}.
     *
     * @throws IOException if all outputs together hold as much as they may, or the file system
     *     takes no more
     */
    public void write(byte[] chunk, int length) throws IOException {
        if (file == null
                && beginning.size() + length <= MEMORY_BYTES
                && all.leavesRoom(length)
                && memory.tryGrow(length)) {
            beginning.write(chunk, 0, length);
            return;
        }
        if (!all.disk().take(length)) {
            throw new IOException(
                    "its output does not fit beside that of other commands: at most %d bytes are kept"
                            .formatted(all.disk().limit()));
        }
        try {
            append(chunk, length);
        } catch (IOException | RuntimeException failure) {
            all.disk().giveBack(length);
            throw failure;
        }
        inFile += length;
    }

    private void append(byte[] chunk, int length) throws IOException {
        if (file == null) {
            file = all.file(name);
        }
        var buffer = ByteBuffer.wrap(chunk, 0, length);
        while (buffer.hasRemaining()) {
            var _ = all.linux().pwrite(file, buffer, inFile + (long) buffer.position());
        }
    }

    /** How many bytes were written. */
    public int size() {
        return beginning.size() + inFile;
    }

    /** The first so many bytes, or all if they are fewer. */
    public ByteString first(int limit) throws IOException {
        var bytes = ByteBuffer.allocate(Math.min(limit, size()));
        bytes.put(beginning.toByteArray(), 0, Math.min(beginning.size(), bytes.capacity()));
        while (bytes.hasRemaining()) {
            read(bytes);
        }
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    private void read(ByteBuffer bytes) throws IOException {
        var from = file;
        if (from == null
                || all.linux().pread(from, bytes, bytes.position() - (long) beginning.size())
                        == 0) {
            throw new EOFException(
                    "%s: found %d bytes of output, wanted %d"
                            .formatted(name, bytes.position(), bytes.capacity()));
        }
    }

    /** Forgets everything, and gives back what it held. */
    @Override
    public void close() {
        memory.close();
        all.disk().giveBack(inFile);
        beginning.reset();
        inFile = 0;
        if (file != null) {
            var closing = file;
            file = null;
            closing.close();
        }
    }
}
