/**
 * Which root a state folder belongs to, and whether a daemon may start on both.
 *
 * <p>{@link io.berth.sandbox.claim.Claim} is the decision, {@link
 * io.berth.sandbox.claim.StateFolder} what is read and written for it.
 *
 * <pre>
 * ROOT/id          the root's id, written first
 * STATE/id         the same, once a daemon of that root has taken the state folder
 * STATE/lock       flock(2)ed while a process has the state folder
 * STATE/records    a copy of the root's records, in step with each commit
 * STATE/forget     an operator's order to end tasks that the root does not know
 * </pre>
 *
 * <p>Invariant: no daemon starts beside running tasks that its root does not know, unless it is
 * ordered to end them. Imported by daemon.
 */
@NullMarked
package io.berth.sandbox.claim;

import org.jspecify.annotations.NullMarked;
