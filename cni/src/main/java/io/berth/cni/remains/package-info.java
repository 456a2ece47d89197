/**
 * What CNI plugins keep of pods on the host, outside the pods: addresses of {@code host-local} and
 * rules of the nat table, each of which names its pod's id.
 *
 * <p>{@link io.berth.cni.remains.Remains} finds and removes it; {@link io.berth.cni.remains.Remain}
 * is one such thing. Invariant: what another runtime holds is neither named nor removed. A thing
 * counts as nobody's only if its network is configured for berth, its id is no pod's of berth,
 * libcni's cache, which other runtimes keep, does not name the id, and no process carries it.
 * Imported by sandbox and daemon; imports cni and linux.
 */
@NullMarked
package io.berth.cni.remains;

import org.jspecify.annotations.NullMarked;
