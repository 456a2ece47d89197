/**
 * Runtime v2 shims: starting them, finding them again after a restart, and talking to their tasks.
 *
 * <p>Main types: {@link io.berth.shimclient.shim.Shims}, {@link io.berth.shimclient.shim.Shim},
 * {@link io.berth.shimclient.shim.TaskEvent}, {@link io.berth.shimclient.shim.ShimException}.
 *
 * <p>One shim serves a pod. It is started for the sandbox; the pod's containers are created on the
 * sandbox's {@link io.berth.shimclient.shim.Shim} with bundles of their own, so no second {@code
 * start} is run for them.
 *
 * <p>Invariant: a closed connection is never taken for a death. A shim is lost only when the kernel
 * says that its process is gone (pidfd), and nothing is removed behind a live one.
 *
 * <p>Imported by sandbox and daemon.
 */
@NullMarked
package io.berth.shimclient.shim;

import org.jspecify.annotations.NullMarked;
