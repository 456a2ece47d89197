package io.berth.sandbox.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ShimTypeTest {
    @Test
    void aShimIsForWhatItsProgramIsCalled() {
        var kata = ShimType.of(Path.of("/opt/kata/bin/containerd-shim-kata-v2"));
        assertThat(kata.name()).isEqualTo("io.containerd.kata.v2");
        assertThat(kata.isRunc()).isFalse();
        var runc = ShimType.of(Path.of("/usr/bin/containerd-shim-runc-v2"));
        assertThat(runc.name()).isEqualTo("io.containerd.runc.v2");
        assertThat(runc.isRunc()).isTrue();
        assertThat(ShimType.of(Path.of("/usr/bin/containerd-shim-runsc-v1")).isRunc()).isFalse();
    }

    @Test
    void aProgramOfAnotherNameIsTakenForOneOfRuncs() {
        assertThat(ShimType.of(Path.of("/opt/my-shim")).name()).isEqualTo("io.containerd.runc.v2");
    }
}
