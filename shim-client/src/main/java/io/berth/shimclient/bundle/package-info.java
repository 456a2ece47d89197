/**
 * The directory handed to a shim: config.json, rootfs, and what the shim writes beside them.
 *
 * <p>Main type: {@link io.berth.shimclient.bundle.Bundle}.
 *
 * <p>Invariant: the folder is named like the container, and its removal never crosses a mount.
 *
 * <p>Imported by shimclient.shim, sandbox and daemon.
 */
@NullMarked
package io.berth.shimclient.bundle;

import org.jspecify.annotations.NullMarked;
