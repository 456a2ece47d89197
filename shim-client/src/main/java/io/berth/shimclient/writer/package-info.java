/**
 * Launches and controls the native log writer, the process that takes a container's output.
 *
 * <p>Main types: {@link io.berth.shimclient.writer.LogWriters} (launch, connect), {@link
 * io.berth.shimclient.writer.LogWriter} (one running writer), {@link
 * io.berth.shimclient.writer.LogTap} (a live copy of the output), {@link
 * io.berth.shimclient.writer.NativeProgram} (the binary).
 *
 * <p>Invariant: a writer is known by the path of its control socket, which stands in its command
 * line; no call here waits without a deadline. A missing socket means that the log is complete, one
 * that refuses means that the writer was killed. Imported by sandbox and daemon.
 */
@NullMarked
package io.berth.shimclient.writer;

import org.jspecify.annotations.NullMarked;
