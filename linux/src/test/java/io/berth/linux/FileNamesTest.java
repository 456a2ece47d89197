package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FileNamesTest {
    @Test
    void textIsUtf8() {
        for (String text : new String[] {"", "plain", "ä€😀", "a\uFFFDb"}) {
            assertThat(FileNames.encode(text)).isEqualTo(text.getBytes(UTF_8));
            assertThat(FileNames.decode(text.getBytes(UTF_8))).isEqualTo(text);
        }
    }

    @Test
    void anyBytesComeBackAsTheyWere() {
        long seed = 20_261_121L;
        var random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            var bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            assertThat(FileNames.encode(FileNames.decode(bytes)))
                    .as("seed %d, name %d", seed, i)
                    .isEqualTo(bytes);
        }
    }

    @Test
    void otherSurrogatesAreRefused() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> FileNames.encode("a\uD800b"));
    }
}
