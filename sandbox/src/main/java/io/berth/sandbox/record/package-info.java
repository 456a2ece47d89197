/**
 * Records kept on disk first and in memory second.
 *
 * <p>{@link io.berth.sandbox.record.RecordStore} is the one mechanism under the sandboxes and the
 * containers. Invariant: its view holds what has been synced to disk, and reading it takes no lock
 * and no I/O. May be imported by .sandbox and .container.
 */
@NullMarked
package io.berth.sandbox.record;

import org.jspecify.annotations.NullMarked;
