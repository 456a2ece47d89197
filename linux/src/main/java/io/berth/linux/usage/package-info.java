/**
 * What a cgroup has used, read from its files; the same questions for cgroup v1 and v2.
 *
 * <p>{@link io.berth.linux.usage.CgroupUsage} asks; the records are its answers, in bytes,
 * nanoseconds and counts that only grow. Invariant: nothing is changed and nothing is guessed: what
 * the kernel does not say is absent. A cgroup that goes away meanwhile is absent too. Imported by
 * sandbox and daemon.
 */
@NullMarked
package io.berth.linux.usage;

import org.jspecify.annotations.NullMarked;
