/**
 * Messages of the CRI as bytes: what they will take of the heap, and how they are kept.
 *
 * <p>{@link io.berth.sandbox.wire.WireCost} looks at bytes before they are parsed; {@link
 * io.berth.sandbox.wire.KeptMessage} is a message that lies in the store and is read when it is
 * needed; {@link io.berth.sandbox.wire.Listed} are labels and annotations in the form of a list.
 * Invariant: nothing is parsed for a request that has not paid for it. Imported by .record,
 * .sandbox, .container, .stats, .operation and daemon.
 */
@NullMarked
package io.berth.sandbox.wire;

import org.jspecify.annotations.NullMarked;
