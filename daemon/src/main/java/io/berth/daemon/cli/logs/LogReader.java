package io.berth.daemon.cli.logs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads one container's log from its beginning as it grows. A file that was renamed is read to its
 * end before its successor is begun. Pieces of a line are joined, up to 1 MiB. One thread.
 */
public final class LogReader implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 1 << 20;

    private enum Stream {
        OUT,
        ERR
    }

    private final Path file;
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private final Map<Stream, StringBuilder> pieces = new EnumMap<>(Stream.class);
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    private @Nullable FileChannel channel;
    private @Nullable Object key;

    public LogReader(Path file) {
        this.file = file;
    }

    /**
     * Reads what has come since the last call. A file that is not there yet is empty.
     *
     * @return whether anything has come
     */
    public boolean poll(Consumer<LogLine> lines) throws IOException {
        boolean any = false;
        while (true) {
            var reading = channel;
            if (reading == null) {
                if (!open()) {
                    return any;
                }
                continue;
            }
            any |= drain(reading, lines);
            if (!replaced(reading)) {
                return any;
            }
            any |= drain(reading, lines); // what came before the file was renamed
            reading.close();
            channel = null;
        }
    }

    /** Reads all there is and passes on the last lines of it that are whole. */
    public void pollLast(int count, Consumer<LogLine> lines) throws IOException {
        var last = new LastLines(count);
        poll(last);
        last.lines.forEach(lines);
    }

    /** Reads all there is and passes on the last lines of it, whole or not, as {@link #finish}. */
    public void finishLast(int count, Consumer<LogLine> lines) throws IOException {
        var last = new LastLines(count);
        finish(last);
        last.lines.forEach(lines);
    }

    /**
     * Reads all there is and passes it on, also the last line of each stream if it has no line
     * break. Call it once the container has ended.
     */
    public void finish(Consumer<LogLine> lines) throws IOException {
        poll(lines);
        if (unfinished.size() > 0) {
            entry(unfinished.toString(StandardCharsets.UTF_8), lines);
            unfinished.reset();
        }
        pieces.forEach(
                (stream, text) -> lines.accept(new LogLine(stream == Stream.ERR, text.toString())));
        pieces.clear();
    }

    private static final class LastLines implements Consumer<LogLine> {
        private final Deque<LogLine> lines = new ArrayDeque<>();
        private final int count;

        LastLines(int count) {
            this.count = count;
        }

        @Override
        public void accept(LogLine line) {
            lines.addLast(line);
            if (lines.size() > count) {
                lines.removeFirst();
            }
        }
    }

    private boolean open() throws IOException {
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            return true;
        } catch (NoSuchFileException _) {
            return false;
        }
    }

    /** Whether another file has taken the place of the one being read, or it was cut short. */
    private boolean replaced(FileChannel reading) throws IOException {
        try {
            var now = Files.readAttributes(file, BasicFileAttributes.class);
            return !Objects.equals(now.fileKey(), key) || now.size() < reading.position();
        } catch (NoSuchFileException _) {
            return false; // renamed, and its successor is not there yet
        }
    }

    private boolean drain(FileChannel reading, Consumer<LogLine> lines) throws IOException {
        boolean any = false;
        while (reading.read(buffer.clear()) > 0) {
            any = true;
            buffer.flip();
            while (buffer.hasRemaining()) {
                byte b = buffer.get();
                if (b == '\n') {
                    entry(unfinished.toString(StandardCharsets.UTF_8), lines);
                    unfinished.reset();
                } else if (unfinished.size() < MAX_LINE_BYTES) {
                    unfinished.write(b);
                }
            }
        }
        return any;
    }

    private void entry(String entry, Consumer<LogLine> lines) {
        var cells = entry.split(" ", 4);
        if (cells.length < 4 || !(cells[1].equals("stdout") || cells[1].equals("stderr"))) {
            lines.accept(new LogLine(false, entry));
            return;
        }
        var stream = cells[1].equals("stderr") ? Stream.ERR : Stream.OUT;
        var joined = pieces.computeIfAbsent(stream, _ -> new StringBuilder()).append(cells[3]);
        boolean partial = cells[2].equals("P") || cells[2].startsWith("P:");
        if (!partial || joined.length() >= MAX_LINE_BYTES) {
            lines.accept(new LogLine(stream == Stream.ERR, joined.toString()));
            pieces.remove(stream);
        }
    }

    @Override
    public void close() throws IOException {
        var reading = channel;
        if (reading != null) {
            reading.close();
        }
    }
}
