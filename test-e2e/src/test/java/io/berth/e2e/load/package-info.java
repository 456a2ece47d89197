/**
 * Many commands, and what they cost: {@link io.berth.e2e.load.ExecLoad} runs them, {@link
 * io.berth.e2e.load.Footprint} is what daemon and shim hold, {@link io.berth.e2e.load.ExecSoak} is
 * the long run outside of CI. Imported by the tests of the node.
 */
@NullMarked
package io.berth.e2e.load;

import org.jspecify.annotations.NullMarked;
