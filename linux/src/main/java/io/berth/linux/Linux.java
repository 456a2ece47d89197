package io.berth.linux;

/**
 * What the daemon asks of the kernel, and nothing more.
 *
 * <p>Each method is its man page; its Javadoc adds what it needs. A call that is interrupted by a
 * signal is made again. A call that changes anything outside an open descriptor must run within a
 * step ({@link io.berth.linux.step.Steps}). Calls pin the carrier of a virtual thread while they
 * last: those that may block go through {@link BlockingCalls}.
 */
public interface Linux extends MountCalls, FileCalls, XattrCalls, ProcessCalls, SocketCalls {}
