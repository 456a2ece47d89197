/**
 * A node for tests of the core: real stores, with a kernel, shims and CNI plugins that tests have
 * in hand. It needs no root, and a pod's whole life on it takes milliseconds.
 *
 * <p>{@link io.berth.sandbox.rig.NodeRig} is the node. Invariant: everything that it stands on in
 * place of the real thing passes the contract of the real thing. Imported by all tests of this
 * module.
 */
@NullMarked
package io.berth.sandbox.rig;

import org.jspecify.annotations.NullMarked;
