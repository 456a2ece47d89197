package io.berth.shimclient.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A shim that is started as containerd 2.3's is: the real one where BERTH_SHIM_BINARY names it,
 * else {@link ScriptedShim} before the 2.x shim.
 */
class BinaryBootstrapShimTest extends RuncShimContract {
    @Override
    Path shimBinary() {
        return System.getenv("BERTH_SHIM_BINARY") != null
                ? find("BERTH_SHIM_BINARY")
                : scripted("v2.3.4");
    }

    private Path scripted(String version) {
        try {
            return ScriptedShim.write(
                    directory.resolve("program"),
                    find("BERTH_SHIM_V3", "/usr/local/lib/berth/shims/v3/containerd-shim-runc-v2"),
                    version);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    TaskApi version() {
        return TaskApi.V3;
    }

    /** Its version says nothing, so it is started in the wrong form first. */
    @Test
    void shimThatMisunderstoodItsStartIsEndedAndStartedAgain() throws IOException {
        rig.close();
        rig = new ShimRig(directory.resolve("other"), scripted("unknown"), ShimTimeouts.DEFAULT);
        rig.bundle("pod", "exec sleep 1000");
        var options = new RuncOptions("/usr/sbin/runc", "/r", false).toAny();
        var plain = rig.request("pod");
        var request = new ShimRequest("pod", plain.bundle(), plain.shimBinary(), options, Map.of());
        var shim = ShimRig.step(() -> rig.shims.start(request));
        rig.run(shim, "pod");
        assertThat(rig.socketExists(options.getTypeUrl())).isFalse();
        rig.end(shim, "pod");
    }
}
