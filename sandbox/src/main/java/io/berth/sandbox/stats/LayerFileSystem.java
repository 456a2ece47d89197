package io.berth.sandbox.stats;

import io.berth.linux.StatFs;

/**
 * The file system that writable layers are on.
 *
 * @param device its block device
 */
public record LayerFileSystem(String device, StatFs space) {}
