package io.berth.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class ResizesTest {
    private final Resizes resizes = new Resizes();

    private void take(String text) {
        resizes.data(text.getBytes(UTF_8));
    }

    @Test
    void theLatestSizeCounts() throws InterruptedException {
        take("{\"Width\":80,\"Height\":24}{\"Width\":1,\"Height\":2}");
        take("\n{\"height\":40, \"width\" : 120}");
        assertThat(resizes.next()).contains(new TerminalSize(120, 40));
        resizes.end();
        assertThat(resizes.next()).isEmpty();
    }

    @Test
    void whatIsNoSizeIsPassedOver() throws InterruptedException {
        take("{}{\"Width\":70000,\"Height\":1}{\"Width\":-1,\"Height\":1}nonsense}");
        take("{\"Width\":3,\"Height\":4}");
        assertThat(resizes.next()).contains(new TerminalSize(3, 4));
    }

    @Test
    void whatNeverEndsIsNotKept() throws InterruptedException {
        take("{" + " ".repeat(100_000));
        take("{\"Width\":3,\"Height\":4}");
        assertThat(resizes.next()).isEmpty();
    }

    @Test
    void noBytesBreakIt() throws InterruptedException {
        var random = new Random(3);
        for (int i = 0; i < 2000; i++) {
            var bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            new Resizes().data(bytes);
            resizes.data(bytes);
        }
        resizes.end();
        assertThat(resizes.next()).isEmpty();
    }
}
