/**
 * One violation of each rule of {@link io.berth.daemon.ArchitectureTest}, which must find it.
 *
 * <p>Packages below this one repeat the real ones' names, so that the same rules hold for them.
 * Invariant: nothing here is part of berth, and nothing here is run. Imported by nobody.
 */
@NullMarked
package io.berth.daemon.planted;

import org.jspecify.annotations.NullMarked;
