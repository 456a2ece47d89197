package io.berth.shimclient.shim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/** The contract, on the shim that tests without root have. */
class ScriptedShimTest extends ShimContract {
    private final List<ScriptedShims> made = new ArrayList<>();

    @Override
    ShimRig rig(Path folder, ShimTimeouts timeouts) throws IOException {
        var shims =
                new ScriptedShims(
                        folder.resolve("shims"), UnaryOperator.identity(), Optional.empty());
        made.add(shims);
        return new ShimRig(
                folder, shims.program(), timeouts, folder.resolve("s"), folder.resolve("image"));
    }

    @Override
    TaskApi version() {
        return TaskApi.V3;
    }

    @AfterEach
    void closeShims() {
        for (var shims : made) {
            try {
                shims.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
