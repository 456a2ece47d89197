package io.berth.daemon.cli.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.admin.v1.LayerProgress;
import io.berth.admin.v1.LayerProgress.Stage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How lists, sizes and progress look. */
final class OutputTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private Console console(boolean terminal) {
        return new Console(new PrintStream(out), new PrintStream(out), terminal);
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private static LayerProgress layer(String digest, Stage stage, long done, long total) {
        return LayerProgress.newBuilder()
                .setDigest(digest)
                .setStage(stage)
                .setDoneBytes(done)
                .setTotalBytes(total)
                .build();
    }

    @Test
    void columnsAreAlignedAndJsonHasTheValues() {
        var table = new Table("NAME", "N");
        table.add(List.of("a-long-name", "1"), Map.of("n", 1));
        table.add(List.of("b", "22"), Map.of("n", 22));
        assertThat(table.render(Table.Format.TABLE))
                .isEqualTo("NAME          N\na-long-name   1\nb             22");
        assertThat(table.render(Table.Format.JSON).replaceAll("\\s", ""))
                .isEqualTo("[{\"n\":1},{\"n\":22}]");
        assertThat(new Table("A").render(Table.Format.JSON).replaceAll("\\s", "")).isEqualTo("[]");
        assertThatThrownBy(() -> table.add(List.of("x"), Map.of()))
                .hasMessage("row: found 1 cells, wanted 2");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.0 kB",
        "12345678, 12.3 MB",
        "999999999, 1.0 GB",
        "123456789, 123 MB"
    })
    void sizesHaveThreeDigits(long bytes, String text) {
        assertThat(Sizes.bytes(bytes)).isEqualTo(text);
    }

    @Test
    void agesHaveTheirLargestUnit() {
        assertThat(Sizes.age(Duration.ofSeconds(-3))).isEqualTo("0s");
        assertThat(Sizes.age(Duration.ofSeconds(61))).isEqualTo("1m");
        assertThat(Sizes.age(Duration.ofHours(49))).isEqualTo("2d");
    }

    @Test
    void aTerminalGetsABarAndItGoesAway() {
        try (var view = new ProgressView(console(true), "pulling x")) {
            view.accept(layer("sha256:a", Stage.DONE, 500, 500));
            view.accept(layer("sha256:b", Stage.UNPACKING, 100, 500));
            assertThat(view.render())
                    .isEqualTo(
                            "pulling x [==================            ] 600 B / 1.0 kB,"
                                    + " 1 of 2 layers, unpacking");
        }
        assertThat(printed()).endsWith("\r\u001b[K");
    }

    @Test
    void aFileGetsALineForEachLayerOnceItIsDone() {
        try (var view = new ProgressView(console(false), "pulling x")) {
            view.accept(layer("sha256:0123456789abcdef", Stage.DOWNLOADING, 1, 2));
            view.accept(layer("sha256:0123456789abcdef", Stage.DONE, 2, 2));
            view.accept(layer("sha256:0123456789abcdef", Stage.DONE, 2, 2));
        }
        assertThat(printed()).isEqualTo("pulling x: layer sha256:0123456789ab 2 B done\n");
    }
}
