/**
 * Learns how the processes in shims end: from the shim, and where the shim has lost an end, from
 * the kernel.
 *
 * <p>Main types: {@link io.berth.sandbox.exit.ProcessEnds}, {@link
 * io.berth.sandbox.exit.HeldProcess}, {@link io.berth.sandbox.exit.ProcessEnd}.
 *
 * <p>Invariant: the shim's word comes first. Without it a process counts as ended only when the
 * kernel says so, by a descriptor of that very process, and a code that nobody knows is not made
 * up.
 *
 * <p>Imported by .shim, .operation and daemon.
 */
@NullMarked
package io.berth.sandbox.exit;

import org.jspecify.annotations.NullMarked;
