package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The live copy of a container's output. */
class LogTapTest {
    @TempDir Path folder;

    @Test
    void givesBothStreamsAsTheyComeAndTheirEnd() throws IOException {
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            var out = WriterFixture.open(fixture.stdout);
            var err = WriterFixture.open(fixture.stderr);
            out.write("before\n".getBytes(ISO_8859_1));
            WriterFixture.eventually("read", () -> writer.stats().stdout().bytes() == 7);
            try (LogTap tap = writer.tap()) {
                out.write("no newline".getBytes(ISO_8859_1));
                assertThat(tap.next(WriterFixture.LIMIT))
                        .isInstanceOfSatisfying(
                                LogTap.Stdout.class,
                                frame ->
                                        assertThat(frame.bytes())
                                                .asString()
                                                .isEqualTo("no newline"));
                err.write(new byte[] {0, -1, '\n'});
                assertThat(tap.next(WriterFixture.LIMIT))
                        .isInstanceOfSatisfying(
                                LogTap.Stderr.class,
                                frame -> assertThat(frame.bytes()).containsExactly(0, -1, '\n'));
                out.close();
                err.close();
                assertThat(tap.next(WriterFixture.LIMIT)).isEqualTo(new LogTap.End());
            }
            writer.waitDrained(WriterFixture.LIMIT);
        }
    }

    @Test
    void aSlowReaderLosesOutputAndIsToldHowMuch() throws IOException {
        int chunk = 100_000;
        int chunks = 60;
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(1024);
            try (LogTap tap = writer.tap()) {
                try (var out = WriterFixture.open(fixture.stdout);
                        var err = WriterFixture.open(fixture.stderr)) {
                    var line = "x".repeat(99) + "\n";
                    byte[] bytes = line.repeat(chunk / 100).getBytes(ISO_8859_1);
                    for (int i = 0; i < chunks; i++) {
                        out.write(bytes); // the tap is not read: this must not wait for it
                    }
                    err.flush();
                }
                WriterFixture.eventually(
                        "all read", () -> writer.stats().stdout().bytes() == (long) chunk * chunks);
                long got = 0;
                long lost = 0;
                int gaps = 0;
                for (var frame = tap.next(WriterFixture.LIMIT);
                        !(frame instanceof LogTap.End);
                        frame = tap.next(WriterFixture.LIMIT)) {
                    switch (frame) {
                        case LogTap.Stdout(byte[] bytes) -> got += bytes.length;
                        case LogTap.Gap(long bytes) -> {
                            lost += bytes;
                            gaps++;
                        }
                        case LogTap.Stderr _, LogTap.End _ -> throw new AssertionError(frame);
                    }
                }
                assertThat(gaps).isPositive();
                assertThat(got).isPositive();
                assertThat(got + lost).isEqualTo((long) chunk * chunks);
            }
            writer.waitDrained(WriterFixture.LIMIT);
            assertThat(fixture.lines()).hasSize(chunk / 100 * chunks);
        }
    }
}
