package io.berth.imageservice.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChallengeTest {

    @Test
    void bearerParametersAreRead() {
        assertThat(
                        Challenge.parse(
                                List.of(
                                        "Bearer realm=\"https://auth.example/token\","
                                                + "service=\"registry.example\",scope=\"repository:a/b:pull,push\"")))
                .containsExactly(
                        new Challenge(
                                "bearer",
                                Map.of(
                                        "realm",
                                        "https://auth.example/token",
                                        "service",
                                        "registry.example",
                                        "scope",
                                        "repository:a/b:pull,push")));
    }

    @Test
    void severalSchemesInOneHeaderAreToldApart() {
        assertThat(
                        Challenge.parse(
                                List.of("Negotiate, Basic realm=\"a \\\"b\\\"\", Bearer realm=x")))
                .containsExactly(
                        new Challenge("negotiate", Map.of()),
                        new Challenge("basic", Map.of("realm", "a \"b\"")),
                        new Challenge("bearer", Map.of("realm", "x")));
    }

    @Test
    void damagedHeadersEndWithoutHarm() {
        long seed = 20261121;
        var random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(24); i > 0; i--) {
                text.append("Basic realm=\"x, \t\\=".charAt(random.nextInt(19)));
            }
            assertThat(Challenge.parse(List.of(text.toString()))).as("seed %d", seed).isNotNull();
        }
    }
}
