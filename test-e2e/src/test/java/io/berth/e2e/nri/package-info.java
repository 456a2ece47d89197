/**
 * A node plugin for tests, which speaks NRI over its socket with code of its own.
 *
 * <p>Main type: {@link io.berth.e2e.nri.NodePlugin}. It shares no class with berth but the
 * messages. Imported by the tests of io.berth.e2e.
 */
@NullMarked
package io.berth.e2e.nri;

import org.jspecify.annotations.NullMarked;
