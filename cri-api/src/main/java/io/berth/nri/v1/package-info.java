/**
 * The Node Resource Interface, 0.12, as generated messages; it travels over ttrpc.
 *
 * <p>The services Plugin and Runtime: what plugins of a node are told of pods and containers, and
 * what they may change of them.
 *
 * <p>Invariant: wire-compatible with {@code nri.pkg.api.v1alpha1}. Imported by: sandbox.nri, and
 * test-e2e, whose plugins speak it.
 */
@NullMarked
package io.berth.nri.v1;

import org.jspecify.annotations.NullMarked;
