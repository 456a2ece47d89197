package io.berth.sandbox.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.linux.CgroupPath;
import io.berth.linux.Cgroups;
import io.berth.linux.LinuxCalls;
import io.berth.linux.Processes;
import io.berth.linux.step.Steps;
import io.berth.sandbox.operation.SystemdSlice;
import io.berth.storage.metadata.Ledger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a scripted systemctl whose loaded slices are lines of a file. */
class SliceRemoverTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String OURS = "berth-none-" + ID + ".slice";

    @TempDir Path folder;

    @Test
    void aPodsSliceIsStoppedAndOneThatIsGoneIsSuccess() throws IOException {
        load(OURS);
        var remover = remover(true);
        remove(remover, OURS);
        remove(remover, OURS);
        assertThat(remover.standing()).isEmpty();
        assertThat(calls()).contains("stop " + OURS);
    }

    @Test
    void onlyPodsSlicesStandAndNoOtherIsStopped() throws IOException {
        load(OURS, "berth-none.slice", "kubepods-pod1.slice", "berth-none-x.slice");
        var remover = remover(true);
        assertThat(remover.standing()).containsExactly(OURS);
        assertThatThrownBy(() -> remove(remover, "kubepods-pod1.slice"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not berth's");
    }

    @Test
    void aSliceThatSystemdKeepsIsNamedWithSystemdsWords() throws IOException {
        load(OURS);
        Files.createFile(folder.resolve("refuse"));
        assertThatThrownBy(() -> remove(remover(true), OURS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(OURS)
                .hasMessageContaining("no stopping");
    }

    @Test
    void nothingIsLookedForWherePodsHaveNoSlices() throws IOException {
        load(OURS);
        assertThat(remover(false).standing()).isEmpty();
        assertThat(folder.resolve("calls")).doesNotExist();
    }

    private void load(String... slices) throws IOException {
        Files.write(folder.resolve("loaded"), List.of(slices));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(folder.resolve("calls"));
    }

    private static void remove(SliceRemover remover, String slice) throws IOException {
        var entry = new Ledger.Entry("slice", slice, ID, Instant.EPOCH);
        Steps.run("slice.remove", slice, () -> remover.remove(entry));
    }

    private SliceRemover remover(boolean used) throws IOException {
        var systemctl = folder.resolve("systemctl");
        Files.writeString(
                systemctl,
                """
                #!/bin/sh
                cd "%s"
                echo "$1 $2" >> calls
                case $1 in
                list-units) while read slice; do echo "$slice loaded active active A slice"; done < loaded ;;
                stop)
                  [ ! -e refuse ] || { echo "no stopping" >&2; exit 1; }
                  grep -q -x "$2" loaded || { echo "Unit $2 not loaded." >&2; exit 5; }
                  grep -v -x "$2" loaded > rest
                  mv rest loaded ;;
                esac
                """
                        .formatted(folder));
        Files.setPosixFilePermissions(systemctl, PosixFilePermissions.fromString("rwx------"));
        return new SliceRemover(
                Optional.of(systemctl),
                new Processes(),
                Cgroups.detect(new LinuxCalls()),
                "berth-none.slice",
                slice -> new CgroupPath(new SystemdSlice(slice).path()),
                used,
                Duration.ofSeconds(60));
    }
}
