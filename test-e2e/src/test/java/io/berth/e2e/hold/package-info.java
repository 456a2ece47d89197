/**
 * Foreign programs of a node that halt where a test wants it: runc, the shim, CNI plugins, criu.
 *
 * <p>{@link io.berth.e2e.hold.HeldPrograms} puts a wrapper for each program into the node's folders
 * and arms one {@link io.berth.e2e.hold.HeldPoint} at a time. Invariant: the real program runs
 * under the wrapper's own pid, so that whoever started it signals the program itself; without an
 * armed point a wrapper only becomes its program. Imported by .sweep and the tests.
 */
@NullMarked
package io.berth.e2e.hold;

import org.jspecify.annotations.NullMarked;
