/**
 * Bytes that others wrote: requests, answers to them, streams, and the files of images, of
 * containers and of whoever may write on the node.
 *
 * <p>{@link io.berth.linux.foreign.ForeignFiles} opens and reads such files; {@link
 * io.berth.linux.foreign.ForeignFileRefused} names a file that is not one to be read. {@link
 * io.berth.linux.foreign.ForeignJson} reads JSON within {@link io.berth.linux.foreign.JsonLimits}.
 * {@link io.berth.linux.foreign.MemoryBudget} counts the foreign bytes that are in memory and
 * refuses what does not fit, {@link io.berth.linux.foreign.ForeignOutput} among them what programs
 * print. Invariant: what a foreign byte says of itself is never believed: kind and size are the
 * kernel's answer, and a limit applies before memory is taken, for each item and for all items
 * together. Imported by every module.
 */
@NullMarked
package io.berth.linux.foreign;

import org.jspecify.annotations.NullMarked;
