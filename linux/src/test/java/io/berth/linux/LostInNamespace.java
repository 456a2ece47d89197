package io.berth.linux;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A program whose second setns fails: it can enter a namespace, and not leave it. */
final class LostInNamespace {
    private LostInNamespace() {}

    private static final class OneWay
            implements Linux,
                    KernelMountCalls,
                    KernelFileCalls,
                    KernelXattrCalls,
                    KernelProcessCalls,
                    KernelSocketCalls {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public void setns(LinuxFd namespace, int type) throws LinuxException {
            if (calls.incrementAndGet() > 1) {
                throw new LinuxException("setns", Errno.EPERM, namespace);
            }
            KernelProcessCalls.super.setns(namespace, type);
        }
    }

    public static void main(String[] arguments) throws IOException {
        var linux = new OneWay();
        var stdout = new LinuxFd(1, "stdout");
        new Namespaces(linux)
                .callInNetns(
                        Path.of(arguments[0]),
                        () -> linux.write(stdout, ByteBuffer.wrap("entered".getBytes(UTF_8))));
        linux.writeFully(stdout, ByteBuffer.wrap("published".getBytes(UTF_8)));
    }
}
