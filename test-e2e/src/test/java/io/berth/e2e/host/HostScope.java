package io.berth.e2e.host;

import java.nio.file.Path;
import java.util.List;

/**
 * Where the node under test keeps its things.
 *
 * @param mark what all names of the test contain
 * @param folders root and state of the node, walked for files
 * @param ipamFolder where host-local keeps one file an address
 * @param bridge the CNI bridge of the test, which stays between pods by the plugin's design
 * @param ignoredPids processes of the harness itself: the daemon, the registry
 */
public record HostScope(
        String mark, List<Path> folders, Path ipamFolder, String bridge, List<Long> ignoredPids) {
    public HostScope {
        folders = List.copyOf(folders);
        ignoredPids = List.copyOf(ignoredPids);
    }
}
