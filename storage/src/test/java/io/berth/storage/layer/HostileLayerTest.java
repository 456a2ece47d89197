package io.berth.storage.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.LinuxCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Hostile layers on a real directory: refused, and nothing outside it is touched. */
@Tag("root")
class HostileLayerTest {
    @TempDir Path temporary;

    @TestFactory
    Stream<DynamicTest> nothingIsWrittenOutside() {
        Map<String, HostileCorpus.Hostile> corpus = new LinkedHashMap<>(HostileCorpus.byForm());
        corpus.putAll(HostileCorpus.onDisk());
        return corpus.entrySet().stream()
                .map(
                        entry ->
                                DynamicTest.dynamicTest(
                                        entry.getKey(), () -> refuse(entry.getValue())));
    }

    private void refuse(HostileCorpus.Hostile hostile) throws IOException {
        for (WhiteoutStyle style : WhiteoutStyle.values()) {
            Path outside = Files.createTempDirectory(temporary, "outside");
            Path layer = Files.createDirectories(outside.resolve("a/layer"));
            Path victim = Files.createDirectory(outside.resolve("victim-directory"));
            Files.writeString(victim.resolve("secret"), "secret");
            Map<Path, String> before = state(outside, layer);
            assertThatThrownBy(
                            () ->
                                    new LayerApplier(new LinuxCalls())
                                            .apply(
                                                    new ByteArrayInputStream(hostile.tar()),
                                                    layer,
                                                    style,
                                                    HostileCorpus.LIMITS))
                    .isInstanceOf(HostileLayer.class)
                    .hasMessageContaining(hostile.says());
            assertThat(state(outside, layer)).isEqualTo(before);
        }
    }

    private static Map<Path, String> state(Path outside, Path layer) throws IOException {
        var state = new TreeMap<Path, String>();
        try (var files = Files.walk(outside, new FileVisitOption[0])) {
            for (Path file : files.filter(f -> !f.startsWith(layer)).toList()) {
                state.put(file, Files.readAttributes(file, "unix:mode,nlink,ino").toString());
            }
        }
        return state;
    }
}
