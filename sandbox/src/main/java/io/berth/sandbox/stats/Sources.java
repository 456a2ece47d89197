package io.berth.sandbox.stats;

import io.berth.linux.usage.CgroupUsage;
import java.nio.file.Path;

/**
 * What figures are made of.
 *
 * @param layerRoot the folder whose file system writable layers are on, as ImageFsInfo names it
 */
public record Sources(
        CgroupUsage usage,
        PodCgroups cgroups,
        CpuRates rates,
        LayerUsages layers,
        Path layerRoot) {}
