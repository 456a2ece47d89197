/**
 * What happens after a restart: records are served at once, and this finds out what became of each.
 *
 * <p>{@link io.berth.sandbox.recovery.Recovery} is all of it; its Javadoc states what it assumes.
 * Invariant: no record is dropped or told an end because something is unknown, as it is when this
 * daemon ends in the middle of its look; and nothing is removed that does not carry berth's mark.
 * Imported by daemon.
 */
@NullMarked
package io.berth.sandbox.recovery;

import org.jspecify.annotations.NullMarked;
