/**
 * Much at once, and what it costs: {@link io.berth.e2e.load.ExecLoad} runs commands, {@link
 * io.berth.e2e.load.AbandonedSessions} clients that leave, {@link io.berth.e2e.load.Footprint} is
 * what daemon and shim hold, {@link io.berth.e2e.load.Leftovers} what sessions left; {@link
 * io.berth.e2e.load.ExecSoak}, {@link io.berth.e2e.load.StreamSoak} and {@link
 * io.berth.e2e.load.HostileSoak} are long runs outside of CI. Imported by the tests of the node.
 */
@NullMarked
package io.berth.e2e.load;

import org.jspecify.annotations.NullMarked;
