package io.berth.daemon.metrics;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.foreign.MemoryBudget;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a scrape gets, and what an operator reads when it cannot be served. */
final class MetricsServerTest {
    private final Metrics metrics = new Metrics("1.2.3");
    private MetricsServer server;

    MetricsServerTest() throws IOException {
        server = MetricsServer.start("127.0.0.1:0", metrics, MemoryBudget.ofThisHeap());
    }

    @BeforeEach
    void count() {
        metrics.rpc("Version", "OK", Duration.ofMillis(3));
        metrics.rpc("Version", "OK", Duration.ofMillis(5));
        metrics.rpc("RunPodSandbox", "UNKNOWN", Duration.ofSeconds(1));
        metrics.gauge(
                "berth.sandboxes", "Listed", Tags.of("ready", "true"), List.of(1, 2), List::size);
    }

    @AfterEach
    void close() {
        server.close();
        metrics.close();
    }

    @Test
    void aScrapeHasCallsGaugesAndTheBuild() throws Exception {
        var answer = ask("GET", "/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(answer.body())
                .contains("berth_cri_rpc_seconds_count{code=\"OK\",method=\"Version\"} 2")
                .contains(
                        "berth_cri_rpc_seconds_count{code=\"UNKNOWN\",method=\"RunPodSandbox\"} 1")
                .contains("berth_sandboxes{ready=\"true\"} 2.0")
                .containsPattern("berth_build_info\\{java=\"[^\"]+\",version=\"1.2.3\"} 1")
                .contains("jvm_memory_used_bytes");
    }

    @Test
    void headAndTheFrontPageAreAnswered() throws Exception {
        var head = ask("HEAD", "/metrics");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValueAsLong("Content-Length").orElse(0)).isPositive();
        assertThat(ask("GET", "/").body()).contains("/metrics");
        assertThat(ask("HEAD", "/").statusCode()).isEqualTo(200);
        assertThat(ask("GET", "/metrics?x=y").statusCode()).isEqualTo(200);
    }

    /** As any user of the node may open them: heads that never end, and answers never read. */
    @Test
    void unfinishedCallsKeepNobodyFromTheMetrics() throws Exception {
        var open = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 600; i++) {
                open.add(begin(i % 2 == 0 ? "" : "GET /metrics HTTP/1.1\r\n\r\n"));
                open.add(begin("GET /metrics HTTP/1.1\r\nX-Slow: "));
                if (i % 50 == 0) {
                    assertThat(ask("GET", "/metrics").statusCode()).isEqualTo(200);
                }
            }
            assertThat(ask("GET", "/metrics").statusCode()).isEqualTo(200);
            var oldest = open.getFirst();
            oldest.setSoTimeout(20_000);
            assertThat(oldest.getInputStream().read()).isEqualTo(-1);
        } finally {
            for (var each : open) {
                each.close();
            }
        }
    }

    @Test
    void aLongHeadIsRefusedBeforeItEnds() throws Exception {
        var header = "X: " + "a".repeat(1000) + "\r\n";
        try (var caller = begin("GET /metrics HTTP/1.1\r\n" + header.repeat(9))) {
            caller.setSoTimeout(20_000);
            var status = new String(caller.getInputStream().readNBytes(12), US_ASCII);
            assertThat(status).isEqualTo("HTTP/1.1 431");
        }
    }

    @Test
    void aCallThatDoesNotEndIsEnded() throws Exception {
        try (var caller = begin("GET /metrics HTTP/1.1\r\nX-Slow: ")) {
            caller.setSoTimeout(30_000);
            assertThat(caller.getInputStream().read()).isEqualTo(-1);
        }
    }

    private Socket begin(String request) throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
        socket.getOutputStream().write(request.getBytes(US_ASCII));
        return socket;
    }

    @Test
    void nothingElseIsServed() throws Exception {
        assertThat(ask("GET", "/metrics/more").statusCode()).isEqualTo(404);
        assertThat(ask("POST", "/metrics").statusCode()).isEqualTo(405);
    }

    @Test
    void aTakenAddressIsNamed() {
        var taken = "127.0.0.1:" + server.address().getPort();
        assertThatThrownBy(() -> MetricsServer.start(taken, metrics, MemoryBudget.ofThisHeap()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("metrics address " + taken + ": ")
                .hasMessageEndingWith("; free it, or set another metrics.address");
    }

    @Test
    void anAddressThatIsNoneIsShown() {
        assertThatThrownBy(
                        () -> MetricsServer.start("somewhere", metrics, MemoryBudget.ofThisHeap()))
                .isInstanceOf(IOException.class)
                .hasMessage("metrics address: found 'somewhere', wanted HOST:PORT");
        assertThatThrownBy(
                        () ->
                                MetricsServer.start(
                                        "127.0.0.1:70000", metrics, MemoryBudget.ofThisHeap()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("metrics address 127.0.0.1:70000: ");
    }

    private HttpResponse<String> ask(String method, String path) throws Exception {
        var port = server.address().getPort();
        var request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .timeout(Duration.ofSeconds(20))
                        .build();
        try (var client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }
}
