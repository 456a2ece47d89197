package io.berth.imageservice.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LayerPipeTest {
    private static final long SEED = 20_261_121;

    /** Many times what it holds, in writes of many sizes, read in others. */
    @Test
    void everyByteComesOnceAndInItsOrder() throws Exception {
        var random = new Random(SEED);
        var bytes = new byte[5 * LayerPipe.MAX_BYTES + 17];
        random.nextBytes(bytes);
        try (var pipe = new LayerPipe()) {
            var writer = CompletableFuture.runAsync(() -> write(pipe, bytes, new Random(SEED + 1)));
            var read = new byte[bytes.length];
            int at = 0;
            while (at < read.length) {
                int count = pipe.read(read, at, 1 + random.nextInt(read.length - at) % 50_000);
                assertThat(count).as("seed %d, at %d", SEED, at).isPositive();
                at += count;
            }
            writer.get(1, TimeUnit.MINUTES);
            assertThat(pipe.read()).isEqualTo(-1);
            assertThat(Arrays.mismatch(read, bytes)).as("seed %d", SEED).isEqualTo(-1);
        }
    }

    @Test
    void aReaderThatLeavesLetsTheWriterGoOn() throws Exception {
        var pipe = new LayerPipe();
        var bytes = new byte[3 * LayerPipe.MAX_BYTES];
        var writer = CompletableFuture.runAsync(() -> write(pipe, bytes, new Random(SEED)));
        assertThat(pipe.read()).isZero();
        pipe.close();
        writer.get(1, TimeUnit.MINUTES);
    }

    @Test
    void wrongBytesFailTheReaderAlsoIfSomeWait() {
        var pipe = new LayerPipe();
        pipe.write(new byte[100], 100);
        pipe.fail("not what was asked for");
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> pipe.readNBytes(100))
                .withMessage("not what was asked for");
        pipe.close();
    }

    private static void write(LayerPipe pipe, byte[] bytes, Random random) {
        int at = 0;
        while (at < bytes.length) {
            int count = Math.min(bytes.length - at, 1 + random.nextInt(300_000));
            pipe.write(Arrays.copyOfRange(bytes, at, at + count), count);
            at += count;
        }
        pipe.complete();
    }
}
