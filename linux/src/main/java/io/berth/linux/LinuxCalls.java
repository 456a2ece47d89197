package io.berth.linux;

/** The kernel of this machine: x86-64 Linux, 5.8 or later. Has no state; any thread may call. */
public final class LinuxCalls
        implements Linux,
                KernelMountCalls,
                KernelFileCalls,
                KernelXattrCalls,
                KernelProcessCalls,
                KernelSocketCalls {
    /** Makes no call yet; the native handle is linked on first use. */
    public LinuxCalls() {}
}
