package io.berth.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessUseTest {
    @Test
    void timesAreFoundBehindAnyName() {
        var stat = "77 (a) S (b) 1 2) S 1 77 77 0 -1 4194560 1 0 0 0 250 50 9 9 20 0 1 0 5 6 7";
        assertThat(ProcessUse.processorSeconds(stat)).isEqualTo(3.0);
    }

    @Test
    void thisProcessHasMemoryAndOneThatIsGoneHasNone() throws IOException {
        assertThat(ProcessUse.pssMegabytes(ProcessHandle.current().pid())).isGreaterThan(1);
        assertThat(ProcessUse.pssMegabytes(Integer.MAX_VALUE)).isZero();
        assertThat(ProcessUse.processorSeconds(Integer.MAX_VALUE)).isZero();
    }

    @Test
    void processesAreFoundByProgramAndArgument() throws IOException {
        var mark = "mark-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        var process = new ProcessBuilder("/bin/sh", "-c", "read line", mark).start();
        try {
            assertThat(ProcessUse.named("/sh", List.of("other", mark)))
                    .containsExactly(process.pid());
            assertThat(ProcessUse.named("/conmon", List.of(mark))).isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }
}
