package io.berth.linux;

import java.io.IOException;
import java.nio.file.Path;

/** The contract, on the kernel that tests without root have. */
class FakeLinuxTest extends LinuxContract {
    @Override
    Linux linux(Path folder) throws IOException {
        return new LinuxFaults(new FakeLinux(folder)).port();
    }
}
