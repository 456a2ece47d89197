package io.berth.sandbox.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassedAnnotationsTest {
    @ParameterizedTest
    @CsvSource({
        "run.oci.*, run.oci.keep_original_groups, true",
        "run.oci.*, run.oci.a/b, false",
        "*/*, a/b, true",
        "*, a/b, false",
        "a.b, axb, false",
        "a?c, abc, true",
        "a?c, a/c, false",
        "io.[a-k]*, io.kata, true",
        "io.[^a-k]*, io.kata, false",
        "a\\*b, a*b, true",
        "a\\*b, axb, false"
    })
    void patternsAreThoseOfGo(String pattern, String name, boolean passes) {
        assertThat(PassedAnnotations.of(List.of(pattern)).of(Map.of(name, "v")).isEmpty())
                .isNotEqualTo(passes);
    }

    @Test
    void noPatternPassesNothing() {
        assertThat(PassedAnnotations.of(List.of()).of(Map.of("a", "b"))).isEmpty();
    }

    @Test
    void noPatternPassesAConfigurationOfCriu() {
        assertThat(
                        PassedAnnotations.of(List.of("*", "org.criu.config"))
                                .of(Map.of("org.criu.config", "/tmp/x", "org.other", "v")))
                .containsOnlyKeys("org.other");
    }

    @ParameterizedTest
    @CsvSource({"a[b", "a[], a\\", "'[a&&b]'", "'[\\Q]'"})
    void aPatternWithoutMeaningIsNamed(String pattern) {
        assertThatThrownBy(() -> PassedAnnotations.of(List.of(pattern)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pattern \"" + pattern + "\": found ");
    }
}
