package io.berth.e2e.bench;

import io.berth.e2e.image.Blob;
import io.berth.e2e.image.LocalRegistry;
import io.berth.e2e.image.TestImage;
import io.berth.e2e.run.Command;
import io.berth.e2e.run.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/** A pull of several layers into a store that has none of them. */
final class ColdPull {
    private static final String NAME = "bench/bulk";
    private static final Duration SYNC = Duration.ofMinutes(2);
    private static final Duration GONE = Duration.ofMinutes(1);

    /** Stores keep blobs no deeper than this below their root. */
    private static final int DEPTH = 5;

    private ColdPull() {}

    static void measure(Round round, LocalRegistry registry) throws IOException {
        var effort = round.effort().pull();
        var image = TestImage.bulk(effort.layers(), effort.filesInLayer(), effort.bytesInFile());
        registry.push(image, NAME, "1");
        var reference = registry.reference(NAME + ":1");
        long bytes = image.layers().stream().mapToLong(layer -> layer.bytes().length).sum();
        var figure =
                Figure.millis(
                        "PullImage, %d layers of %s MB"
                                .formatted(
                                        effort.layers(),
                                        Table.number(bytes / 1e6 / effort.layers())));
        var names =
                image.layers().stream()
                        .map(Blob::digest)
                        .map(digest -> digest.substring(digest.indexOf(':') + 1))
                        .collect(Collectors.toUnmodifiableSet());
        round.alternate(
                "cold pulls",
                effort.rounds(),
                contender -> {
                    // What the last turn wrote is not to be paid for by this one.
                    Command.need(SYNC, "sync");
                    round.timedRun(figure, contender, () -> contender.pull(reference));
                    contender.removeImage(reference);
                    awaitGone(contender, names);
                });
    }

    /** Of a runtime that others started, we know no folder: its answer has to do. */
    private static void awaitGone(Contender contender, Set<String> names) throws IOException {
        if (contender.own().isPresent()) {
            var root = contender.own().get().folders().root();
            Waiting.until("the end of all layers in " + root, GONE, () -> !holds(root, names));
        }
    }

    private static boolean holds(Path root, Set<String> names) throws IOException {
        try (var found =
                Files.find(
                        root, DEPTH, (path, _) -> names.contains(path.getFileName().toString()))) {
            return found.findAny().isPresent();
        } catch (UncheckedIOException changing) {
            if (changing.getCause() instanceof NoSuchFileException) {
                return true;
            }
            throw changing.getCause();
        }
    }
}
