package io.berth.storage.layer;

import static io.berth.storage.layer.TarBytes.directory;
import static io.berth.storage.layer.TarBytes.file;
import static io.berth.storage.layer.TarBytes.hardLink;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What members mean, without files. */
class LayerMembersTest {
    private static List<String> read(byte[] tar, LayerLimits limits) throws IOException {
        var sink = new RecordingSink();
        long _ = new LayerMembers(sink, limits).read(new ByteArrayInputStream(tar));
        return sink.calls;
    }

    private static List<String> read(TarBytes tar) throws IOException {
        return read(tar.end(), LayerLimits.DEFAULT);
    }

    @TestFactory
    Stream<DynamicTest> hostileTarsAreRefused() {
        return HostileCorpus.byForm().entrySet().stream()
                .map(
                        entry ->
                                DynamicTest.dynamicTest(
                                        entry.getKey(),
                                        () ->
                                                assertThatThrownBy(
                                                                () ->
                                                                        read(
                                                                                entry.getValue()
                                                                                        .tar(),
                                                                                HostileCorpus
                                                                                        .LIMITS))
                                                        .isInstanceOf(HostileLayer.class)
                                                        .hasMessageContaining(
                                                                entry.getValue().says())));
    }

    @Test
    void namesAreTakenFromWhereverTheyStand() throws IOException {
        String path = "d/".repeat(60) + "long";
        assertThat(
                        read(
                                new TarBytes()
                                        .add("./a//b/./c", "1")
                                        .add(file("short").pax("path", path))
                                        .gnuLong('L', path)
                                        .gnuLong('K', path + "er")
                                        .add(hardLink("short", "short"))
                                        .add(directory("./"))
                                        .add(new TarBytes.Header("v7dir/", '\0'))))
                .containsExactly(
                        "file a/b/c 1",
                        "file " + path + " ",
                        "hardLink " + path + " " + path + "er",
                        "directory v7dir");
    }

    @Test
    void whiteoutsAreToldApart() throws IOException {
        assertThat(
                        read(
                                new TarBytes()
                                        .add(".wh.a", "")
                                        .add("d/.wh.b", "")
                                        .add("d/.wh..wh..opq", "")
                                        .add(".wh..wh.aufs", "")))
                .containsExactly("whiteout a", "whiteout d/b", "opaque d");
    }

    @Test
    void archiveMayEndWithoutZeroBlocksAndBeFollowedByAnything() throws IOException {
        assertThat(read(new TarBytes().add("f", "x").withoutEnd(), LayerLimits.DEFAULT))
                .containsExactly("file f x");
        assertThat(read(new byte[0], LayerLimits.DEFAULT)).isEmpty();
        byte[] followed =
                new TarBytes().raw(new TarBytes().add("f", "x").end()).add("g", "y").end();
        assertThat(read(followed, LayerLimits.DEFAULT)).containsExactly("file f x");
    }

    @Test
    void damagedTarsAreReadOrRefusedAndNothingElse() throws IOException {
        long seed = 20261121;
        var random = new Random(seed);
        List<byte[]> good =
                Stream.concat(
                                HostileCorpus.byForm().values().stream(),
                                HostileCorpus.onDisk().values().stream())
                        .map(HostileCorpus.Hostile::tar)
                        .toList();
        for (int round = 0; round < 20_000; round++) {
            byte[] tar = good.get(random.nextInt(good.size())).clone();
            for (int i = random.nextInt(8); i >= 0 && tar.length > 0; i--) {
                tar[random.nextInt(tar.length)] = (byte) random.nextInt(256);
            }
            mendSums(tar);
            try {
                List<String> _ = read(tar, HostileCorpus.LIMITS);
            } catch (HostileLayer refused) {
                assertThat(refused.member()).as("seed %d round %d", seed, round).isNotNull();
            }
        }
    }

    /** Makes most headers pass their sum, so that what lies behind is reached. */
    private static void mendSums(byte[] tar) {
        for (int at = 0; at + 512 <= tar.length; at += 512) {
            if (tar[at + 257] != 'u') {
                continue;
            }
            long sum = 8 * ' ';
            for (int i = 0; i < 512; i++) {
                sum += i >= 148 && i < 156 ? 0 : tar[at + i] & 0xff;
            }
            byte[] digits = "%06o\0 ".formatted(sum).getBytes(US_ASCII);
            System.arraycopy(digits, 0, tar, at + 148, 8);
        }
    }
}
