package io.berth.e2e.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.regex.Pattern;

/** What the daemon says of itself at {@code /metrics}. */
public final class NodeMetrics {
    private static final Pattern SERVED =
            Pattern.compile("metrics are served at (http://[0-9.:]+/metrics)");

    private NodeMetrics() {}

    /** The sum of a metric's values, whatever their labels. */
    public static double sum(TestNode node, String name, String... labels) throws IOException {
        double sum = 0;
        for (var line : scrape(node).lines().toList()) {
            boolean named = line.startsWith(name + " ") || line.startsWith(name + "{");
            for (var label : labels) {
                named &= line.contains(label);
            }
            if (named) {
                sum += Double.parseDouble(line.substring(line.lastIndexOf(" ") + 1));
            }
        }
        return sum;
    }

    private static String scrape(TestNode node) throws IOException {
        var log = new String(Files.readAllBytes(node.folders().daemonLog()), UTF_8);
        var served = SERVED.matcher(log);
        String last = null;
        while (served.find()) {
            last = served.group(1);
        }
        if (last == null) {
            throw new IOException("daemon: found no address of its metrics in its log");
        }
        try (var answer = URI.create(last).toURL().openStream()) {
            return new String(answer.readAllBytes(), UTF_8);
        }
    }
}
