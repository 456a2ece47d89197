/**
 * The only door to native code: system calls, namespaces, processes and cgroup files.
 *
 * <p>Each call captures its own errno and reports failure as a checked exception that names the
 * call and its subject. Imported by every module; imports nothing of ours.
 */
@NullMarked
package io.berth.linux;

import org.jspecify.annotations.NullMarked;
