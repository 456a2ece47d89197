/**
 * Pods as a kubelet drives them.
 *
 * <p>{@link io.berth.e2e.pod.Kubelet} makes the calls of a pod's life with names that are used
 * once, {@link io.berth.e2e.pod.Checkpoints} those that save pods and go on from them; {@link
 * io.berth.e2e.pod.LogLine} reads and checks its logs. May be imported by every package of the
 * end-to-end tests above it.
 */
@NullMarked
package io.berth.e2e.pod;

import org.jspecify.annotations.NullMarked;
