package io.berth.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.berth.e2e.run.Print;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How far a long run has come, in a file from which the next one goes on, and how long this one may
 * take.
 *
 * <p>Properties: {@code soak.count} in all, {@code soak.shard} which part of how many such as
 * {@code 0/4}, {@code soak.state} the file, {@code soak.minutes} the time of one run.
 */
final class SoakState {
    private final Path file;
    private final int count;
    private final Instant until;
    private final double begin;
    private int done;

    private SoakState(Path file, int count, Instant until, double begin, int done) {
        this.file = file;
        this.begin = begin;
        this.count = count;
        this.until = until;
        this.done = done;
    }

    /** The state that the properties say. */
    static SoakState read(String name, int all) throws IOException {
        var shard = System.getProperty("soak.shard", "0/1").split("/", -1);
        int number = Integer.parseInt(shard[0]);
        int shards = Integer.parseInt(shard[1]);
        int count = Integer.getInteger("soak.count", all);
        int share = count / shards + (number < count % shards ? 1 : 0);
        var file = Path.of(System.getProperty("soak.state", "soak-" + name + ".state"));
        var minutes = Duration.ofMinutes(Integer.getInteger("soak.minutes", 25));
        int done = Files.exists(file) ? Integer.parseInt(Files.readString(file, UTF_8).strip()) : 0;
        Print.line("soak: %d of %d %s are done".formatted(done, share, name));
        var until = Instant.now().plus(minutes);
        return new SoakState(file, share, until, (double) number / shards, done);
    }

    /** Which of so many things this shard begins with, so that no two begin with the same. */
    int first(int things) {
        return (int) (begin * things);
    }

    int done() {
        return done;
    }

    /** How many to do next: so many, fewer at the end, none when the time is over. */
    int next(int portion) {
        return Instant.now().isBefore(until) ? Math.min(portion, count - done) : 0;
    }

    /** So many more are done. */
    void did(int portion) throws IOException {
        done += portion;
        Files.writeString(file, done + "\n", UTF_8);
    }

    /** Says how it went, and ends this process. */
    void end(List<String> grown) {
        grown.forEach(Print::line);
        Print.line(
                "%d of %d are done; %s"
                        .formatted(
                                done, count, grown.isEmpty() ? "nothing grew" : "something grew"));
        System.exit(grown.isEmpty() ? 0 : 1);
    }
}
