/**
 * Images as a node sees them: a name, an id, a configuration and an unpacked chain of layers.
 *
 * <p>Main types: {@link io.berth.imageservice.image.Images} (the façade), {@link
 * io.berth.imageservice.image.ImageRef}, {@link io.berth.imageservice.image.Image}, {@link
 * io.berth.imageservice.image.ImageException}. Invariant: an image is listed only when its blobs
 * and its snapshots are complete and synced; its id is its config digest everywhere. May be
 * imported by the registry and pull packages, sandbox and daemon; imports neither registry nor
 * pull.
 */
@NullMarked
package io.berth.imageservice.image;

import org.jspecify.annotations.NullMarked;
