package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cri.v1.PodSandboxConfig;
import org.junit.jupiter.api.Test;

class RequestHashTest {
    @Test
    void theOrderOfMapEntriesDoesNotMatterButTheirValuesDo() {
        var one = PodSandboxConfig.newBuilder().putLabels("a", "1").putLabels("b", "2").build();
        var same = PodSandboxConfig.newBuilder().putLabels("b", "2").putLabels("a", "1").build();
        var other = PodSandboxConfig.newBuilder().putLabels("b", "2").putLabels("a", "9").build();
        assertThat(RequestHash.of(one)).isEqualTo(RequestHash.of(same));
        assertThat(RequestHash.of(one)).isNotEqualTo(RequestHash.of(other));
    }
}
