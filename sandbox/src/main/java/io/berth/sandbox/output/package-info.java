/**
 * What commands write, held until their callers have it.
 *
 * <p>{@link io.berth.sandbox.output.Spools} collects, {@link io.berth.sandbox.output.AnswerRoom}
 * lets large answers out. Invariant: however many commands write however much to callers that read
 * however slowly, memory and disk stay within fixed limits, and a file ends with the daemon.
 * Imported by .operation.
 */
@NullMarked
package io.berth.sandbox.output;

import org.jspecify.annotations.NullMarked;
