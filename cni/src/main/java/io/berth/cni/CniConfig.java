package io.berth.cni;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where networks are configured and kept.
 *
 * @param confDirs folders with network configurations, read in this order, files by name
 * @param binDirs folders with plugin binaries, first found wins; also the plugins' CNI_PATH
 * @param cacheDir holds {@code results/}; it must outlive a reboot, since IPAM files do
 * @param netnsDir holds the pins of pod network namespaces; a tmpfs, since namespaces end at reboot
 * @param maxConfNum how many networks a pod gets: the first this many valid ones (eth0, eth1, …)
 * @param confTemplate what a network configuration is made of when the kubelet tells the pod CIDRs
 *     and there is none
 */
public record CniConfig(
        List<Path> confDirs,
        List<Path> binDirs,
        Path cacheDir,
        Path netnsDir,
        int maxConfNum,
        CniTimeouts timeouts,
        Optional<Path> confTemplate) {
    /** Without a template. */
    public CniConfig(
            List<Path> confDirs,
            List<Path> binDirs,
            Path cacheDir,
            Path netnsDir,
            int maxConfNum,
            CniTimeouts timeouts) {
        this(confDirs, binDirs, cacheDir, netnsDir, maxConfNum, timeouts, Optional.empty());
    }

    public CniConfig {
        confDirs = List.copyOf(confDirs);
        binDirs = List.copyOf(binDirs);
        if (confDirs.isEmpty() || binDirs.isEmpty()) {
            throw new IllegalArgumentException(
                    "cni folders: found %d for configurations and %d for plugins, wanted 1 of each"
                            .formatted(confDirs.size(), binDirs.size()));
        }
        if (maxConfNum < 1 || maxConfNum > 16) {
            throw new IllegalArgumentException(
                    "cni network count: found %d, wanted 1 to 16".formatted(maxConfNum));
        }
    }

    /** The folders that distributions use, for a daemon with this root and state folder. */
    public static CniConfig defaults(Path root, Path state) {
        return new CniConfig(
                List.of(Path.of("/etc/cni/net.d")),
                List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni")),
                root.resolve("cni"),
                state.resolve("netns"),
                1,
                CniTimeouts.DEFAULTS);
    }
}
