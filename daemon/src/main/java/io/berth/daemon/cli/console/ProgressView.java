package io.berth.daemon.cli.console;

import io.berth.admin.v1.LayerProgress;
import io.berth.admin.v1.LayerProgress.Stage;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Shows how a pull or load goes on: a bar on a terminal, and elsewhere a line for each layer that
 * is done.
 */
public final class ProgressView implements Consumer<LayerProgress>, AutoCloseable {
    private static final int WIDTH = 30;
    private static final int DIGITS = "sha256:".length() + 12;

    private final Console console;
    private final String subject;
    private final Map<String, LayerProgress> layers = new LinkedHashMap<>();

    /**
     * @param subject stands before the bar, such as {@code pulling busybox}
     */
    public ProgressView(Console console, String subject) {
        this.console = console;
        this.subject = subject;
    }

    @Override
    public void accept(LayerProgress layer) {
        var before = layers.put(layer.getDigest(), layer);
        boolean done = layer.getStage() == Stage.DONE;
        if (!console.terminal() && done && (before == null || before.getStage() != Stage.DONE)) {
            var digest = layer.getDigest();
            console.line(
                    "%s: layer %s %s done"
                            .formatted(
                                    subject,
                                    digest.substring(0, Math.min(DIGITS, digest.length())),
                                    Sizes.bytes(layer.getTotalBytes())));
        }
        console.status(render());
    }

    /** The line with the bar, by what is known so far. */
    String render() {
        long total = 0;
        long done = 0;
        int ready = 0;
        boolean unpacking = false;
        for (var layer : layers.values()) {
            total += Math.max(0, layer.getTotalBytes());
            done += Math.clamp(layer.getDoneBytes(), 0, Math.max(0, layer.getTotalBytes()));
            ready += layer.getStage() == Stage.DONE ? 1 : 0;
            unpacking |= layer.getStage() == Stage.UNPACKING;
        }
        int filled = total == 0 ? 0 : (int) (WIDTH * done / total);
        return "%s [%s%s] %s / %s, %d of %d layers%s"
                .formatted(
                        subject,
                        "=".repeat(filled),
                        " ".repeat(WIDTH - filled),
                        Sizes.bytes(done),
                        Sizes.bytes(total),
                        ready,
                        layers.size(),
                        unpacking ? ", unpacking" : "");
    }

    /** Takes the bar away. */
    @Override
    public void close() {
        console.status("");
    }
}
