package io.berth.linux;

/** The contract, on the kernel of this machine. */
class LinuxCallsTest extends LinuxContract {
    @Override
    Linux linux() {
        return new LinuxCalls();
    }
}
