package io.berth.shimclient.ttrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Int32Value;
import io.berth.linux.foreign.ForeignKind;
import io.berth.linux.foreign.MemoryBudget;
import io.berth.linux.foreign.MemoryExhausted;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long messages take room of the budget; without it one message is refused, and nothing else. */
final class FrameMemoryTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final int LONG = 1 << 20;

    @TempDir Path folder;
    private final MemoryBudget asking = new MemoryBudget(400 << 20, Duration.ofMillis(1));
    private final MemoryBudget answering = new MemoryBudget(400 << 20, Duration.ofMillis(1));

    @SuppressWarnings("NullAway.Init")
    private TtrpcClient client;

    @BeforeEach
    void connect() throws IOException {
        var address = UnixDomainSocketAddress.of(folder.resolve("socket"));
        try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(address);
            var near = SocketChannel.open(address);
            client = TtrpcClient.over("test", near, Map.of(), asking);
            new TtrpcMethods("test", answering)
                    .handle(
                            "s",
                            "Length",
                            BytesValue.parser(),
                            (request, _) -> Int32Value.of(request.getValue().size()))
                    .handle(
                            "s",
                            "Bytes",
                            Int32Value.parser(),
                            (request, _) -> bytes(request.getValue()))
                    .serve(listener.accept(), 4, () -> {});
        }
    }

    @AfterEach
    void close() {
        client.close();
    }

    private static BytesValue bytes(int length) {
        return BytesValue.of(ByteString.copyFrom(new byte[length]));
    }

    private int length(int sent) {
        return client.call("s", "Length", bytes(sent), Int32Value.parser(), TIMEOUT).getValue();
    }

    private int received(int wanted) {
        return client.call("s", "Bytes", Int32Value.of(wanted), BytesValue.parser(), TIMEOUT)
                .getValue()
                .size();
    }

    private static MemoryBudget.Share fill(MemoryBudget memory) {
        return memory.take(ForeignKind.MESSAGES, memory.limit(ForeignKind.MESSAGES));
    }

    @Test
    void anAnswerWithoutRoomFailsItsCallAndNoOther() {
        try (var others = fill(asking)) {
            assertThatThrownBy(() -> received(LONG)).isInstanceOf(MemoryExhausted.class);
            assertThat(received(1000)).as("a short one").isEqualTo(1000);
            assertThat(asking.held(ForeignKind.MESSAGES)).isEqualTo(others.bytes());
        }
        assertThat(received(LONG)).isEqualTo(LONG);
        assertThat(asking.held(ForeignKind.MESSAGES)).isZero();
    }

    @Test
    void aRequestWithoutRoomIsRefusedAndNoOther() {
        try (var others = fill(answering)) {
            assertThatThrownBy(() -> length(LONG))
                    .isInstanceOfSatisfying(
                            TtrpcException.Refused.class,
                            refused ->
                                    assertThat(refused.code())
                                            .isEqualTo(StatusCode.RESOURCE_EXHAUSTED));
            assertThat(length(1000)).as("a short one").isEqualTo(1000);
            assertThat(others.bytes()).isPositive();
        }
        assertThat(length(LONG)).isEqualTo(LONG);
    }
}
