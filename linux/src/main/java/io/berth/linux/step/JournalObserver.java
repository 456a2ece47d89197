package io.berth.linux.step;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Appends one line {@code name subject} per step to a file before its effect: how the sweep learns
 * the list of steps. A line is one write, so lines of several processes do not mix.
 */
public final class JournalObserver implements StepObserver, AutoCloseable {
    private final FileChannel file;

    private JournalObserver(FileChannel file) {
        this.file = file;
    }

    /** Opens {@code path} for appending, creating it when absent. */
    public static JournalObserver open(Path path) throws IOException {
        return new JournalObserver(
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    @Override
    public void before(String name, String subject) throws IOException {
        String oneLine = subject.replace('\n', ' ');
        var line = ByteBuffer.wrap((name + " " + oneLine + "\n").getBytes(UTF_8));
        while (line.hasRemaining()) {
            file.write(line);
        }
    }

    @Override
    public void after(String name, String subject) {}

    @Override
    public void close() throws IOException {
        file.close();
    }
}
