/**
 * What the CRI asks for, one class an RPC, named as the RPC is.
 *
 * <p>{@link io.berth.sandbox.operation.Operations} runs each on its own thread, so that a caller's
 * deadline never cuts one in half and a retry joins it. {@link
 * io.berth.sandbox.operation.Sandboxes} is the façade. Invariant: what an operation makes outside
 * the store stands in the ledger first, and is struck out after it is gone. Imported by .recovery
 * and by daemon.
 */
@NullMarked
package io.berth.sandbox.operation;

import org.jspecify.annotations.NullMarked;
