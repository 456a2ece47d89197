package io.berth.sandbox.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SystemdSliceTest {
    @Test
    void aDashIsALevel() {
        var slice = new SystemdSlice("kubepods-burstable-pod1_2.slice");
        assertThat(slice.path())
                .isEqualTo(
                        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice");
        assertThat(new SystemdSlice("system.slice").path()).isEqualTo("/system.slice");
    }

    @Test
    void aLeafIsAScopeOfBerths() {
        var slice = new SystemdSlice("kubepods-pod1.slice");
        assertThat(slice.cgroupsPath("ab")).isEqualTo("kubepods-pod1.slice:berth:ab");
        assertThat(slice.scopePath("ab"))
                .isEqualTo("/kubepods.slice/kubepods-pod1.slice/berth-ab.scope");
    }

    @Test
    void ofAPathOfSlicesTheLastCounts() {
        assertThat(new SystemdSlice("/kubepods.slice/kubepods-pod1.slice"))
                .hasToString("kubepods-pod1.slice");
    }

    @Test
    void aPathOfCgroupfsBecomesASlice() {
        assertThat(SystemdSlice.ofPath("/berth")).hasToString("berth.slice");
        assertThat(SystemdSlice.ofPath("/a-b/c")).hasToString("a_b-c.slice");
        assertThat(SystemdSlice.ofPath("pods.slice")).hasToString("pods.slice");
        assertThat(SystemdSlice.ofPath("/berth").child("ab").path())
                .isEqualTo("/berth.slice/berth-ab.slice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".slice",
                "-.slice",
                "a--b.slice",
                "-a.slice",
                "a-.slice",
                "/kubepods/pod1",
                "a.slice/",
                "a b.slice",
                "a.scope"
            })
    void whatIsNoSliceIsRefused(String given) {
        assertThatThrownBy(() -> new SystemdSlice(given))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wanted a slice such as");
    }

    @Test
    void aNameThatNoUnitCanHaveIsRefused() {
        assertThatThrownBy(() -> new SystemdSlice("a".repeat(10_000) + ".slice"))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .hasSizeLessThan(500);
    }
}
