package io.berth.linux;

/** A process held by descriptor: its id cannot come to mean another process while this is open. */
public record Pidfd(int pid, LinuxFd fd) implements AutoCloseable {
    @Override
    public void close() {
        fd.close();
    }
}
