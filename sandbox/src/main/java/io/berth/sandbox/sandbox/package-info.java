/**
 * The pod sandbox: the world that a pod's containers share, its record and its states.
 *
 * <p>{@link io.berth.sandbox.sandbox.PodSandbox} is an immutable value; {@link
 * io.berth.sandbox.sandbox.SandboxStore} holds all of them, on disk first and then in memory.
 * Invariant: what the store's view shows has been synced to disk. May be imported by every other
 * package of this module; imports none of them.
 */
@NullMarked
package io.berth.sandbox.sandbox;

import org.jspecify.annotations.NullMarked;
