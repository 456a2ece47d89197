package io.berth.sandbox.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.CreateContainerRequest;
import io.berth.cri.v1.KeyValue;
import io.berth.cri.v1.LinuxSandboxSecurityContext;
import io.berth.cri.v1.PodSandboxConfig;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WireCostTest {
    @Test
    void oneLargeTextCostsWhatItIs() {
        var config = ContainerConfig.newBuilder().setLogPath("x".repeat(1_000_000)).build();
        assertThat(WireCost.of(config)).isBetween(1_000_000L, 1_001_000L);
    }

    @Test
    void manyTinyFieldsCostFarMoreThanTheirBytes() {
        var config = ContainerConfig.newBuilder();
        for (int i = 0; i < 100_000; i++) {
            config.addEnvs(KeyValue.newBuilder().setKey(Integer.toString(i, 36)));
        }
        var request = CreateContainerRequest.newBuilder().setConfig(config).build();
        assertThat(WireCost.of(request))
                .isGreaterThan(100_000L * 100)
                .isGreaterThan(9L * request.getSerializedSize());
    }

    @Test
    void anEntryOfAMapCostsMoreThanTwoTexts() {
        var config = PodSandboxConfig.newBuilder();
        for (int i = 0; i < 1000; i++) {
            config.putAnnotations(Integer.toString(i), "");
        }
        assertThat(WireCost.of(config.build())).isGreaterThan(1000L * 160);
    }

    @Test
    void packedNumbersCostEightBytesEach() {
        var groups =
                LinuxSandboxSecurityContext.newBuilder()
                        .addAllSupplementalGroups(java.util.Collections.nCopies(10_000, 1L))
                        .build();
        assertThat(WireCost.of(groups)).isGreaterThan(80_000);
    }

    @Test
    void anUnknownFieldAndBytesThatAreNoMessageCostToo() {
        var type = ContainerConfig.getDescriptor();
        var unknown = ByteString.copyFrom(new byte[] {(byte) 0xfa, 0x3f, 2, 1, 1});
        assertThat(WireCost.of(type, unknown.asReadOnlyByteBuffer())).isGreaterThan(100);
        for (var malformed : List.of(new byte[] {10, 100, 1}, new byte[] {0}, new byte[] {-1})) {
            assertThat(WireCost.of(type, ByteBuffer.wrap(malformed)))
                    .isGreaterThanOrEqualTo(96L * malformed.length);
        }
    }

    @Test
    void theBytesStayAsTheyAre() {
        var bytes =
                ByteBuffer.wrap(ContainerConfig.newBuilder().setTty(true).build().toByteArray());
        WireCost.of(ContainerConfig.getDescriptor(), bytes);
        assertThat(bytes.position()).isZero();
    }
}
