package io.berth.shimclient.shim;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.berth.shim.bootstrap.BootstrapResult;
import io.berth.shim.runc.Options;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BootstrapTest {
    private static final Path SOCKET = Path.of("/run/containerd/s/00ff");

    private static Bootstrap parse(String answer) {
        return Bootstrap.parse("pod", answer.getBytes(UTF_8));
    }

    private static BootstrapResult.Builder result() {
        return BootstrapResult.newBuilder()
                .setVersion(3)
                .setAddress("unix:///run/containerd/s/00ff")
                .setProtocol("ttrpc");
    }

    @Test
    void binaryAnswerNamesItsVersion() {
        assertThat(Bootstrap.parse("pod", result().build().toByteArray()))
                .isEqualTo(new Bootstrap(TaskApi.V3, SOCKET));
        assertThat(Bootstrap.parse("pod", result().setVersion(2).build().toByteArray()).version())
                .isEqualTo(TaskApi.V2);
        assertThat(Bootstrap.parse("pod", result().clearProtocol().build().toByteArray()))
                .as("ttrpc unless said otherwise")
                .isEqualTo(new Bootstrap(TaskApi.V3, SOCKET));
    }

    @Test
    void binaryAnswerThatIsNotSpokenIsRefusedButItsSocketIsKnown() {
        for (var bad :
                List.of(
                        result().setVersion(9),
                        result().clearVersion(),
                        result().setProtocol("grpc"))) {
            var answer = bad.build().toByteArray();
            assertThatThrownBy(() -> Bootstrap.parse("pod", answer))
                    .isInstanceOf(ShimException.Failed.class)
                    .hasMessageContaining("shim pod: start answered");
            assertThat(Bootstrap.namedSocket("pod", answer)).contains(SOCKET);
        }
        var nowhere = result().setAddress("tcp://127.0.0.1:1").build().toByteArray();
        assertThat(Bootstrap.namedSocket("pod", nowhere)).isEmpty();
    }

    @Test
    void onlyABinaryAnswerIsTakenForOne() {
        assertThat(Bootstrap.isBinary(result().build().toByteArray())).isTrue();
        for (var text :
                List.of("", "unix:///run/containerd/s/00ff", "/s", "{\"version\":3}", "hello")) {
            assertThat(Bootstrap.isBinary(text.getBytes(UTF_8))).as(text).isFalse();
        }
    }

    @Test
    void bytesThatAreNoTextAreNotQuotedAsTheyAre() {
        assertThatThrownBy(() -> parse("a\u001b[31mb\u0000c"))
                .hasMessageContaining("address 'a?[31mb?c'");
    }

    @Test
    void plainAddressMeansTaskV2() {
        assertThat(parse("unix:///run/containerd/s/00ff\n"))
                .isEqualTo(new Bootstrap(TaskApi.V2, SOCKET));
    }

    @Test
    void jsonNamesItsVersion() {
        var v3 =
                "{\"version\":3,\"address\":\"unix:///run/containerd/s/00ff\",\"protocol\":\"ttrpc\"}";
        assertThat(parse(v3)).isEqualTo(new Bootstrap(TaskApi.V3, SOCKET));
        assertThat(parse(v3.replace("3,", "2,")).version()).isEqualTo(TaskApi.V2);
    }

    @Test
    void whatIsKeptReadsBackTheSame() {
        for (var version : TaskApi.values()) {
            var bootstrap = new Bootstrap(version, SOCKET);
            assertThat(Bootstrap.parse("pod", bootstrap.encode())).isEqualTo(bootstrap);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tcp://127.0.0.1:1",
                "unix://relative",
                "unix:///nul\0byte",
                "{",
                "{}",
                "{\"version\":3}",
                "{\"version\":9,\"address\":\"unix:///s\",\"protocol\":\"ttrpc\"}",
                "{\"version\":3,\"address\":\"unix:///s\",\"protocol\":\"grpc\"}",
                "runc did not terminate"
            })
    void anythingElseIsRefusedByName(String answer) {
        assertThatThrownBy(() -> parse(answer))
                .isInstanceOf(ShimException.Failed.class)
                .hasMessageContaining("shim pod: start answered");
    }

    @Test
    void requestsSayWhatWasFoundAndWanted() {
        var none = Any.getDefaultInstance();
        var binary = Path.of("/usr/bin/shim");
        assertThatThrownBy(
                        () -> new ShimRequest("../x", Path.of("/b/../x"), binary, none, Map.of()))
                .hasMessageContaining("id '../x'");
        assertThatThrownBy(
                        () -> new ShimRequest("pod", Path.of("/b/other"), binary, none, Map.of()))
                .hasMessageContaining("an absolute path that ends in the id pod wanted");
        assertThatThrownBy(
                        () ->
                                new ShimRequest(
                                        "pod", Path.of("/b/pod"), Path.of("shim"), none, Map.of()))
                .hasMessageContaining("an absolute path wanted");
        assertThatThrownBy(() -> new TaskIo("", "/out", "", false))
                .hasMessageContaining("both or neither wanted");
        assertThatThrownBy(() -> new TaskIo("", "/out", "/err", true))
                .hasMessageContaining("none wanted");
        assertThatThrownBy(() -> new RootfsMount("", "x", List.of()))
                .hasMessageContaining("empty type");
    }

    @Test
    void runcOptionsCarryTheNameThatShimsLookFor() throws Exception {
        var any = new RuncOptions("/usr/sbin/runc", "/run/berth/runc", true).toAny();
        assertThat(any.getTypeUrl()).isEqualTo("containerd.runc.v1.Options");
        var options = Options.parseFrom(any.getValue());
        assertThat(options.getBinaryName()).isEqualTo("/usr/sbin/runc");
        assertThat(options.getRoot()).isEqualTo("/run/berth/runc");
        assertThat(options.getSystemdCgroup()).isTrue();
        assertThat(options.getIoUid()).isZero();
    }

    @Test
    void streamsCanBelongToAnotherThanRoot() throws Exception {
        var any = new RuncOptions("", "/r", true).ownedBy(100_000, 100_001).toAny();
        var options = Options.parseFrom(any.getValue());
        assertThat(options.getIoUid()).isEqualTo(100_000);
        assertThat(options.getIoGid()).isEqualTo(100_001);
        assertThat(options.getSystemdCgroup()).isTrue();
    }

    @Test
    void otherShimsAreToldAFileOrElseAllThatIsConfigured() throws Exception {
        var file = new GenericOptions("io.a.options", "/a/file", "a = 1").toAny();
        assertThat(file.getTypeUrl()).isEqualTo("runtimeoptions.v1.Options");
        assertThat(io.berth.shim.generic.Options.parseFrom(file.getValue()))
                .isEqualTo(
                        io.berth.shim.generic.Options.newBuilder()
                                .setTypeUrl("io.a.options")
                                .setConfigPath("/a/file")
                                .build());
        var body = new GenericOptions("", "", "a = 1").toAny();
        assertThat(io.berth.shim.generic.Options.parseFrom(body.getValue()).getConfigBody())
                .isEqualTo(ByteString.copyFromUtf8("a = 1"));
    }
}
