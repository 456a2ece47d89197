package io.berth.e2e.cases;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Any user of the node begins requests at the metrics port and never ends them, each with headers
 * of many kilobytes. A scrape has to get through all the while.
 */
public final class HeapByMetrics implements HostileCase {
    private static final int CALLS = 600;
    private static final int HEADERS = 180;
    private static final int SCRAPE_EVERY = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Pattern SERVED =
            Pattern.compile("metrics are served at (http://[0-9.:]+/metrics)");

    @Override
    public String name() {
        return "heap-by-metrics";
    }

    @Override
    public String purpose() {
        return "Unfinished requests with long headers fill the memory through the metrics port.";
    }

    @Override
    public List<String> tryOn(CaseDaemon daemon) throws IOException {
        var metrics = address(daemon);
        var head = head();
        var faults = new ArrayList<String>();
        var open = new ArrayList<Socket>();
        int calls = Attack.times(CALLS);
        try {
            for (int i = 0; i < calls; i++) {
                begin(metrics, head, open);
                if (i % SCRAPE_EVERY == 0 || i == calls - 1) {
                    scrape(metrics, i, faults);
                }
            }
        } finally {
            for (var each : open) {
                each.close();
            }
        }
        return faults;
    }

    private static URI address(CaseDaemon daemon) throws IOException {
        var served = SERVED.matcher(new String(Files.readAllBytes(daemon.log()), UTF_8));
        String last = null;
        while (served.find()) {
            last = served.group(1);
        }
        if (last == null) {
            throw new IOException("daemon: found no address of its metrics in its log");
        }
        return URI.create(last);
    }

    private static byte[] head() {
        var head = new StringBuilder("GET /metrics HTTP/1.1\r\nHost: x\r\n");
        for (int i = 0; i < HEADERS; i++) {
            head.append("X-%d: %s\r\n".formatted(i, "a".repeat(1000)));
        }
        return head.toString().getBytes(US_ASCII);
    }

    private static void begin(URI metrics, byte[] head, List<Socket> open) throws IOException {
        var socket = new Socket(metrics.getHost(), metrics.getPort());
        open.add(socket);
        try {
            socket.getOutputStream().write(head);
        } catch (IOException refused) {
            socket.close(); // it is right to refuse so much
        }
    }

    private static void scrape(URI metrics, int calls, List<String> faults) throws IOException {
        var connection = metrics.toURL().openConnection();
        connection.setConnectTimeout((int) PATIENCE.toMillis());
        connection.setReadTimeout((int) PATIENCE.toMillis());
        try (var answer = connection.getInputStream()) {
            if (!new String(answer.readAllBytes(), UTF_8).contains("berth_build_info")) {
                faults.add("after %d calls a scrape had no metrics".formatted(calls));
            }
        } catch (IOException failed) {
            faults.add("after %d calls a scrape failed: %s".formatted(calls, failed.getMessage()));
        }
    }
}
