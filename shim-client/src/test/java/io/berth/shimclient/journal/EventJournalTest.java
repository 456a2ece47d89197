package io.berth.shimclient.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.berth.linux.step.Steps;
import io.berth.shim.events.Envelope;
import io.berth.shim.events.ForwardRequest;
import io.berth.shimclient.ttrpc.TtrpcServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native publisher, run as a shim runs it, and the journal it keeps. */
class EventJournalTest {
    private static final Path PROGRAM = Path.of(System.getProperty("berth.native"));

    @TempDir Path bundle;

    @BeforeEach
    void makeBundle() throws IOException {
        Files.writeString(bundle.resolve("config.json"), "{}");
    }

    @Test
    void aLiveDaemonGetsTheEventAndNothingIsKept() throws Exception {
        var received = new ConcurrentLinkedQueue<Envelope>();
        try (var server = TtrpcServer.bind(bundle.resolve("berth.sock.ttrpc"))) {
            server.handle(
                    "containerd.services.events.ttrpc.v1.Events",
                    "Forward",
                    ForwardRequest.parser(),
                    (request, metadata) -> {
                        received.add(request.getEnvelope());
                        return Empty.getDefaultInstance();
                    });
            server.start();
            Instant before = Instant.now();
            assertThat(publish("/tasks/exit", event("one")).exitCode()).isZero();
            assertThat(received).singleElement().satisfies(e -> checkEnvelope(e, before, "one"));
        }
        assertThat(bundle.resolve(EventJournal.FILE_NAME)).doesNotExist();
    }

    @Test
    void whileTheDaemonIsDownEventsAreKeptInOrder() throws Exception {
        Instant before = Instant.now();
        for (String id : List.of("one", "two", "three")) {
            Published published = publish("/tasks/exit", event(id));
            assertThat(published.exitCode()).isZero();
            assertThat(published.stderr()).contains("event kept in the bundle");
        }
        List<Envelope> kept = drain();
        assertThat(kept).hasSize(3);
        checkEnvelope(kept.get(0), before, "one");
        checkEnvelope(kept.get(2), before, "three");
        assertThat(drain()).isEmpty();
        assertThat(publish("/tasks/exit", event("four")).exitCode()).isZero();
        assertThat(drain()).hasSize(1);
    }

    @Test
    void aDaemonThatRefusesCountsAsDown() throws Exception {
        try (var server = TtrpcServer.bind(bundle.resolve("berth.sock.ttrpc"))) {
            server.start();
            Published published = publish("/tasks/exit", event("one"));
            assertThat(published.exitCode()).as(published.stderr()).isZero();
            assertThat(published.stderr()).contains("refused");
        }
        assertThat(drain()).hasSize(1);
    }

    @Test
    void publishersAtTheSameTimeLoseNothing() throws Exception {
        var running = new ArrayList<Process>();
        for (int i = 0; i < 12; i++) {
            running.add(start("/tasks/start", event("c" + i)));
        }
        for (Process process : running) {
            assertThat(process.waitFor()).isZero();
        }
        assertThat(drain()).hasSize(12);
    }

    @Test
    void aTakerThatFailsGetsTheEventsAgain() throws Exception {
        publish("/tasks/exit", event("one"));
        assertThatIllegalStateException()
                .isThrownBy(
                        () ->
                                Steps.run(
                                        "test.drain",
                                        "test",
                                        () ->
                                                new EventJournal(bundle)
                                                        .drain(
                                                                e -> {
                                                                    throw new IllegalStateException(
                                                                            "no room");
                                                                })));
        assertThat(drain()).hasSize(1);
    }

    @Test
    void aRecordCutShortIsIgnoredAndTheNextPublisherGoesOn() throws Exception {
        publish("/tasks/exit", event("one"));
        publish("/tasks/exit", event("two"));
        Path file = bundle.resolve(EventJournal.FILE_NAME);
        byte[] whole = Files.readAllBytes(file);
        for (int cut = 1; cut < 40; cut += 7) {
            Files.write(file, Arrays.copyOf(whole, whole.length - cut));
            assertThat(publish("/tasks/exit", event("three")).exitCode()).isZero();
            assertThat(drain())
                    .extracting(e -> e.getEvent().getValue().toStringUtf8())
                    .containsExactly("one", "three");
        }
    }

    @Test
    void anyDamageIsNeverTakenForAnEvent() throws Exception {
        long seed = Long.getLong("berth.seed", 20261121L);
        var random = new Random(seed);
        publish("/tasks/exit", event("one"));
        Path file = bundle.resolve(EventJournal.FILE_NAME);
        byte[] whole = Files.readAllBytes(file);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = whole.clone();
            damaged[8 + random.nextInt(damaged.length - 8)] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, damaged);
            assertThat(drain()).as("seed %d", seed).isEmpty();
        }
        Files.write(file, new byte[100], StandardOpenOption.TRUNCATE_EXISTING);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(this::drain)
                .withMessageContaining("no journal's first bytes");
    }

    @Test
    void lesserEventsLeaveRoomForExits() throws Exception {
        byte[] large = event("x".repeat(200_000));
        int kept = 0;
        while (publish("/tasks/exec-added", large).exitCode() == 0) {
            kept++;
            assertThat(kept).isLessThan(10);
        }
        assertThat(kept).isEqualTo(2);
        assertThat(publish("/tasks/exit", event("last")).exitCode()).isZero();
        assertThat(drain()).hasSize(3);
    }

    @Test
    void badInputIsRefusedAndNothingKept() throws Exception {
        assertThat(publish("/tasks/exit", new byte[] {1, 2, 3}))
                .satisfies(p -> assertThat(p.exitCode()).isEqualTo(2))
                .satisfies(p -> assertThat(p.stderr()).contains("wanted a google.protobuf.Any"));
        assertThat(publish("/tasks/exit", new byte[0]).exitCode()).isEqualTo(2);
        assertThat(publish("/tasks/exit", event("x".repeat(300_000))).stderr())
                .contains("larger than 262144 bytes");
        assertThat(publish("exit", event("one")).stderr()).contains("wanted --topic");
        Files.delete(bundle.resolve("config.json"));
        assertThat(publish("/tasks/exit", event("one")))
                .satisfies(p -> assertThat(p.exitCode()).isEqualTo(1))
                .satisfies(p -> assertThat(p.stderr()).contains("not in a bundle"));
        assertThat(bundle).isEmptyDirectory();
    }

    private record Published(int exitCode, String stderr) {}

    private Published publish(String topic, byte[] event) throws Exception {
        Process process = start(topic, event);
        String stderr = new String(process.getErrorStream().readAllBytes(), UTF_8);
        return new Published(process.waitFor(), stderr);
    }

    /** As a shim does: the daemon's CRI socket as address, the bundle as directory. */
    private Process start(String topic, byte[] event) throws IOException {
        Process process =
                new ProcessBuilder(
                                PROGRAM.toString(),
                                "--address",
                                bundle.resolve("berth.sock").toString(),
                                "publish",
                                "--topic",
                                topic,
                                "--namespace",
                                "k8s.io")
                        .directory(bundle.toFile())
                        .start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(event);
        } catch (IOException refused) {
            // One that refuses its arguments may be gone before it reads; its exit code tells.
            assertThat(refused).message().matches("Broken pipe|Stream closed");
        }
        return process;
    }

    private List<Envelope> drain() throws IOException {
        var events = new ArrayList<Envelope>();
        Steps.run("test.drain", "test", () -> new EventJournal(bundle).drain(events::add));
        return events;
    }

    private static byte[] event(String id) {
        return Any.newBuilder()
                .setTypeUrl("containerd.events.TaskExit")
                .setValue(ByteString.copyFromUtf8(id))
                .build()
                .toByteArray();
    }

    private static void checkEnvelope(Envelope envelope, Instant before, String id) {
        assertThat(envelope.getNamespace()).isEqualTo("k8s.io");
        assertThat(envelope.getTopic()).isEqualTo("/tasks/exit");
        assertThat(envelope.getEvent().getTypeUrl()).isEqualTo("containerd.events.TaskExit");
        assertThat(envelope.getEvent().getValue().toStringUtf8()).isEqualTo(id);
        assertThat(
                        Instant.ofEpochSecond(
                                envelope.getTimestamp().getSeconds(),
                                envelope.getTimestamp().getNanos()))
                .isBetween(before, Instant.now());
    }
}
