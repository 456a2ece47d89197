package io.berth.storage.metadata;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The main class of a process that {@link CrashTest} kills: commits pairs of records from several
 * threads and appends each pair's number to a file after it was acknowledged.
 */
final class KilledWriter {
    static final int THREADS = 4;
    static final Family<Half> LEFT = new Family<>("left", 1, Half.class);
    static final Family<Half> RIGHT = new Family<>("right", 1, Half.class);

    record Half(long number, String filling) {}

    private KilledWriter() {}

    /** Directory of the store, file of acknowledgements, first number. */
    public static void main(String[] args) throws Exception {
        var metadata = Metadata.open(Path.of(args[0]));
        var left = metadata.table(LEFT);
        var right = metadata.table(RIGHT);
        long first = Long.parseLong(args[2]);
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            Thread.ofPlatform()
                    .start(
                            () -> {
                                try (var acknowledged =
                                        Files.newOutputStream(
                                                Path.of(args[1]),
                                                StandardOpenOption.CREATE,
                                                StandardOpenOption.APPEND)) {
                                    for (long n = first + thread; ; n += THREADS) {
                                        write(metadata, left, right, n);
                                        tell(acknowledged, n);
                                    }
                                } catch (IOException failed) {
                                    throw new java.io.UncheckedIOException(failed);
                                }
                            });
        }
    }

    private static void write(Metadata metadata, Table<Half> left, Table<Half> right, long number) {
        var half = new Half(number, "x".repeat((int) (number % 977)));
        var key = Long.toString(number);
        metadata.commit(new Batch().put(left, key, half).put(right, key, half));
    }

    private static void tell(OutputStream acknowledged, long number) throws IOException {
        acknowledged.write((number + "\n").getBytes(StandardCharsets.US_ASCII));
    }
}
