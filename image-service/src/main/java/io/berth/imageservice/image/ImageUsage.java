package io.berth.imageservice.image;

import java.time.Instant;

/**
 * What images take on disk: blobs and committed snapshots together.
 *
 * @param usedBytes bytes of the content store and of all layers
 * @param inodes files and directories of the same
 * @param sampledAt when it was counted; it is counted in the background
 */
public record ImageUsage(long usedBytes, long inodes, Instant sampledAt) {}
