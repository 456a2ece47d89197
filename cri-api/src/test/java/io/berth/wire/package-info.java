/**
 * Holds berth's protos against what the published protocols put on the wire.
 *
 * <p>{@link io.berth.wire.WireTable} is a protocol as a set of rows, read from a table or from
 * generated descriptors; {@link io.berth.wire.GeneratedFiles} lists the latter.
 *
 * <p>Invariant: tables come from src/test/scripts/derive-wire-table.py, which never sees berth's
 * protos. Imported by: nobody, these are tests.
 */
@NullMarked
package io.berth.wire;

import org.jspecify.annotations.NullMarked;
