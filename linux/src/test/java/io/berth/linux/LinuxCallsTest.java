package io.berth.linux;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** The contract, on the kernel of this machine. */
@Tag("root")
class LinuxCallsTest extends LinuxContract {
    @Override
    Linux linux(Path folder) {
        return new LinuxCalls();
    }
}
