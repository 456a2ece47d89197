package io.berth.storage.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.berth.storage.content.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class LayerStreamsTest {
    private static final String OCI = "application/vnd.oci.image.layer.v1.tar";
    private static final String DOCKER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    private static final byte[] TAR = new TarBytes().add("f", "content".repeat(500)).end();

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    private static byte[] read(byte[] compressed, String type) throws IOException {
        try (var stream = LayerStreams.open(new Dripping(compressed), type, LIMITS)) {
            byte[] tar = stream.readAllBytes();
            assertThat(stream.diffId()).isEqualTo(Digest.sha256(tar));
            return tar;
        }
    }

    private static final LayerLimits LIMITS =
            new LayerLimits(
                    4 << 20, 100, 1 << 20, 50, 300, 20, 8192, LayerLimits.AbsoluteNames.REFUSE);

    /** Gives a few bytes at a time, and admits to none beforehand, as a socket does. */
    private static final class Dripping extends InputStream {
        private final ByteArrayInputStream bytes;

        Dripping(byte[] bytes) {
            this.bytes = new ByteArrayInputStream(bytes);
        }

        @Override
        public int read() {
            return bytes.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            return bytes.read(into, offset, Math.min(length, 7));
        }
    }

    @Test
    void tarGzipAndZstdAreKnownByTheirFirstBytes() throws IOException {
        assertThat(read(TAR, OCI)).isEqualTo(TAR);
        assertThat(read(gzip(TAR), OCI + "+gzip")).isEqualTo(TAR);
        assertThat(read(gzip(TAR), DOCKER)).isEqualTo(TAR);
        assertThat(read(Zstd.compress(TAR), OCI + "+zstd")).isEqualTo(TAR);
        assertThat(read(gzip(TAR), "")).isEqualTo(TAR);
        assertThat(read(new byte[0], OCI)).isEmpty();
    }

    @Test
    void membersAndFramesAreReadToTheLast() throws IOException {
        byte[] head = Arrays.copyOf(TAR, 700);
        byte[] tail = Arrays.copyOfRange(TAR, 700, TAR.length);
        assertThat(read(join(gzip(head), gzip(tail)), "")).isEqualTo(TAR);
        assertThat(read(join(Zstd.compress(head), Zstd.compress(tail)), "")).isEqualTo(TAR);
    }

    @Test
    void mediaTypeMustAgreeWithTheBytes() throws IOException {
        byte[] zipped = gzip(TAR);
        assertThatThrownBy(() -> read(zipped, OCI + "+zstd"))
                .isInstanceOf(HostileLayer.class)
                .hasMessageContaining("gzip")
                .hasMessageContaining("zstd");
        assertThatThrownBy(() -> read(TAR, DOCKER)).isInstanceOf(HostileLayer.class);
        assertThatThrownBy(() -> read(zipped, OCI + "+gzip+encrypted"))
                .isInstanceOf(HostileLayer.class)
                .hasMessageContaining("encrypted");
    }

    @Test
    void damageIsHostile() throws IOException {
        byte[] zipped = gzip(TAR);
        for (int cut : new int[] {5, 12, zipped.length / 2, zipped.length - 3}) {
            assertThatThrownBy(() -> read(Arrays.copyOf(zipped, cut), ""))
                    .isInstanceOf(HostileLayer.class);
        }
        byte[] wrong = zipped.clone();
        wrong[zipped.length - 6] ^= 1; // the sum
        assertThatThrownBy(() -> read(wrong, "")).isInstanceOf(HostileLayer.class);
        byte[] frame = Zstd.compress(TAR);
        assertThatThrownBy(() -> read(Arrays.copyOf(frame, frame.length - 5), ""))
                .isInstanceOf(HostileLayer.class);
    }

    @Test
    void bombsAreStoppedByRatioAndBySize() throws IOException {
        byte[] zeros = gzip(new byte[3 << 20]);
        assertThatThrownBy(() -> read(zeros, ""))
                .isInstanceOf(HostileLayer.class)
                .hasMessageContaining("at most 100 for each");
        byte[] frame = Zstd.compress(new byte[3 << 20]);
        assertThatThrownBy(() -> read(frame, ""))
                .isInstanceOf(HostileLayer.class)
                .hasMessageContaining("at most 100 for each");
        byte[] noise = new byte[5 << 20];
        new Random(7).nextBytes(noise);
        byte[] large = gzip(noise);
        assertThatThrownBy(() -> read(large, ""))
                .isInstanceOf(HostileLayer.class)
                .hasMessageContaining("more than");
    }

    @Test
    void smallLayersOfZerosAreNoBombs() throws IOException {
        byte[] zeros = new byte[1 << 20];
        assertThat(read(gzip(zeros), "")).isEqualTo(zeros);
    }

    @Test
    void failureOfTheSourceStaysWhatItIs() throws IOException {
        var half = new ByteArrayInputStream(gzip(TAR), 0, 30);
        var breaking =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        byte[] one = new byte[1];
                        int _ = read(one, 0, 1);
                        return one[0] & 0xff;
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) throws IOException {
                        int read = half.read(into, offset, length);
                        if (read < 0) {
                            throw new EOFException("connection closed");
                        }
                        return read;
                    }
                };
        assertThatThrownBy(() -> LayerStreams.open(breaking, "").readAllBytes())
                .isInstanceOf(EOFException.class)
                .hasMessage("connection closed");
    }

    @Test
    void diffIdWaitsForTheEnd() throws IOException {
        var stream = LayerStreams.open(new ByteArrayInputStream("not read".getBytes(UTF_8)), "");
        assertThatThrownBy(stream::diffId).isInstanceOf(IllegalStateException.class);
    }
}
