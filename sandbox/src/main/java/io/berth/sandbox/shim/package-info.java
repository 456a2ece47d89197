/**
 * The live connection to each pod's shim, and how a task is ended whatever state its shim is in.
 *
 * <p>{@link io.berth.sandbox.shim.PodShims} holds the connections; {@link
 * io.berth.sandbox.shim.Tasks} ends tasks. Invariant: ending goes forward only: a task or a shim
 * that is gone is success, a shim that does not answer is gone around. Imported by .operation,
 * .resource and .recovery.
 */
@NullMarked
package io.berth.sandbox.shim;

import org.jspecify.annotations.NullMarked;
