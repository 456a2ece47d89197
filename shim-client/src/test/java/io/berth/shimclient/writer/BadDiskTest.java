package io.berth.shimclient.writer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log file system that refuses or does not answer never holds up the container. */
@Tag("root")
class BadDiskTest {
    private static final Pattern LINE =
            Pattern.compile("\\S+Z (stdout F x{99}|stderr F berth: log lines dropped: .*)");
    private static final Pattern MARKER =
            Pattern.compile(
                    ".* stderr F berth: log lines dropped: stdout=(\\d+) stderr=0 bytes=(\\d+);.*");
    private static final byte[] BLOCK = ("x".repeat(99) + "\n").repeat(1000).getBytes(ISO_8859_1);

    @TempDir Path folder;

    @Test
    void onAFullDiskLinesAreDroppedCountedAndToldWhenThereIsRoom() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString());
        try (var fixture = new WriterFixture(folder)) {
            Path ballast = disk.resolve("ballast");
            Files.write(ballast, new byte[300_000]);
            LogWriter writer = fixture.launch(request(fixture, disk));
            int blocks = 20;
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                for (int i = 0; i < blocks; i++) {
                    out.write(BLOCK); // 2 MB into less than 1 MB
                }
                WriterFixture.eventually(
                        "failing", () -> writer.stats().state() == LogWriterStats.State.FAILING);
                assertThat(writer.stats().errno()).isEqualTo(28);
                Files.delete(ballast);
                WriterFixture.eventually(
                        "recovery", () -> writer.stats().state() == LogWriterStats.State.WRITING);
                out.write(BLOCK);
                err.flush();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            checkNothingIsUnaccounted(
                    WriterFixture.lines(disk.resolve("0.log")), (blocks + 1) * 1000L);
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void onADiskThatHangsTheContainerGoesOnAndNothingIsUnaccounted() throws Exception {
        Path image = folder.resolve("image");
        run("truncate", "-s", "64M", image.toString());
        run("mkfs.ext4", "-q", image.toString());
        Path disk = Files.createDirectory(folder.resolve("disk"));
        run("mount", "-o", "loop", image.toString(), disk.toString());
        try (var fixture = new WriterFixture(folder)) {
            LogWriter writer = fixture.launch(request(fixture, disk));
            int blocks = 40;
            try (var out = WriterFixture.open(fixture.stdout);
                    var err = WriterFixture.open(fixture.stderr)) {
                out.write(BLOCK);
                run("fsfreeze", "-f", disk.toString());
                try {
                    for (int i = 1; i < blocks; i++) {
                        out.write(BLOCK); // 4 MB: more than the FIFO and the writer's buffers hold
                    }
                    WriterFixture.eventually(
                            "all read",
                            () -> writer.stats().stdout().bytes() == (long) blocks * BLOCK.length);
                    assertThat(writer.stats().state()).isEqualTo(LogWriterStats.State.STALLED);
                    assertThat(writer.stats().stdout().droppedLines()).isPositive();
                } finally {
                    run("fsfreeze", "-u", disk.toString());
                }
                WriterFixture.eventually(
                        "recovery", () -> writer.stats().state() == LogWriterStats.State.WRITING);
                out.write(BLOCK);
                err.flush();
            }
            writer.waitDrained(WriterFixture.LIMIT);
            checkNothingIsUnaccounted(
                    WriterFixture.lines(disk.resolve("0.log")), (blocks + 1) * 1000L);
        } finally {
            run("umount", disk.toString());
        }
    }

    private static LogWriterRequest request(WriterFixture fixture, Path disk) {
        return new LogWriterRequest(
                new LogStreams.Separate(fixture.stdout, fixture.stderr),
                new LogTarget.LogFile(disk.resolve("0.log")),
                fixture.control,
                1024);
    }

    /** Every line is whole; those written and those that markers tell of are all there were. */
    private static void checkNothingIsUnaccounted(List<String> lines, long produced) {
        long dropped = 0;
        long written = 0;
        for (String line : lines) {
            assertThat(line).matches(LINE);
            var marker = MARKER.matcher(line);
            if (marker.matches()) {
                dropped += Long.parseLong(marker.group(1));
                assertThat(Long.parseLong(marker.group(2)))
                        .isEqualTo(99 * Long.parseLong(marker.group(1)));
            } else {
                written++;
            }
        }
        assertThat(dropped).isPositive();
        assertThat(written + dropped).isEqualTo(produced);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), ISO_8859_1);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
    }
}
