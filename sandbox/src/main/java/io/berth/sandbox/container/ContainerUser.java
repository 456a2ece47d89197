package io.berth.sandbox.container;

import java.util.List;

/**
 * As whom a container's process starts, by numbers, after names have been looked up in its image.
 *
 * @param groups further groups of the process
 */
public record ContainerUser(int uid, int gid, List<Integer> groups) {
    public ContainerUser {
        groups = List.copyOf(groups);
    }
}
