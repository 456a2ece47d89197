package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract on real shims with the real runc, and what takes a kernel besides. */
@Tag("root")
abstract class RuncShimContract extends ShimContract {
    abstract Path shimBinary();

    @Override
    ShimRig rig(Path folder, ShimTimeouts timeouts) throws IOException {
        return new ShimRig(folder, shimBinary(), timeouts);
    }

    /** From the environment, or where the installers put it. */
    static Path find(String variable, String... places) {
        var named = System.getenv(variable);
        if (named != null) {
            return Path.of(named);
        }
        for (var place : places) {
            if (Files.isExecutable(Path.of(place))) {
                return Path.of(place);
            }
        }
        throw new AssertionError(
                "containerd-shim-runc-v2: neither %s is set nor is it at %s; test-e2e/run installs it"
                        .formatted(variable, String.join(" or ", places)));
    }

    @Test
    void terminalPassesThroughFifos() throws Exception {
        rig.bundle("pod", "exec sleep 1000");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        var in = rig.fifo("in");
        var out = rig.fifo("out");
        var screen = ShimRig.async(() -> ShimRig.readAll(out));
        var terminal = new TaskIo(in.toString(), out.toString(), "", true);
        ShimRig.step(() -> shim.exec("pod", "tty", rig.exec("read line; stty size", terminal)));
        ShimRig.step(() -> shim.startExec("pod", "tty"));
        ShimRig.step(() -> shim.resize("pod", "tty", 100, 30));
        Files.writeString(in, "go\n");
        assertThat(shim.waitFor("pod", "tty").status()).isZero();
        ShimRig.step(() -> shim.delete("pod", "tty"));
        assertThat(screen.get(60, TimeUnit.SECONDS)).contains("30 100");
        rig.end(shim, "pod");
    }

    @Test
    void lackOfMemoryIsTold() throws IOException {
        rig.bundle("pod", "exec sleep 1000");
        var go = rig.fifo("image/go"); // what dies before its start is answered, a shim may miss
        rig.bundle(
                "hungry",
                "read go < /go; x=0123456789; while true; do x=$x$x$x; done",
                "{\"memory\": {\"limit\": 16777216}}",
                "");
        var shim = rig.startShim("pod");
        rig.run(shim, "pod");
        rig.run(shim, "hungry");
        Files.writeString(go, "go\n");
        assertThat(shim.waitFor("hungry", "").status()).isEqualTo(137);
        rig.event(TaskEvent.Oom.class, e -> e.containerId().equals("hungry"));
        rig.end(shim, "hungry", "pod");
    }
}
