/**
 * What a node's operator decides about pods, and where the files of pods lie.
 *
 * <p>{@link io.berth.sandbox.settings.SandboxSettings} comes from the configuration; {@link
 * io.berth.sandbox.settings.SandboxPaths} is the only class that builds a path for a pod or a
 * container. May be imported by every package of this module and by daemon.
 */
@NullMarked
package io.berth.sandbox.settings;

import org.jspecify.annotations.NullMarked;
