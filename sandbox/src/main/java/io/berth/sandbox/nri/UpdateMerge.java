package io.berth.sandbox.nri;

import io.berth.nri.v1.ContainerUpdate;
import io.berth.nri.v1.LinuxResources;
import io.berth.sandbox.SandboxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The updates of containers that plugins ask for in one hook, put together by container. */
final class UpdateMerge {
    private final Owners owners;
    private final Map<String, ContainerUpdate.Builder> updates = new LinkedHashMap<>();

    UpdateMerge(Owners owners) {
        this.owners = owners;
    }

    /** Begins with what is asked of a container anyway. */
    void begin(String containerId, LinuxResources asked) {
        update(containerId, false).getLinuxBuilder().setResources(asked);
    }

    /**
     * Adds one plugin's updates.
     *
     * @param creating the container that is being made, if one is: it is adjusted, not updated
     * @throws SandboxException.Failed if two plugins set the same
     */
    void add(List<ContainerUpdate> asked, String creating, String plugin) {
        for (var each : asked) {
            var id = each.getContainerId();
            if (id.equals(creating)) {
                throw new SandboxException.Failed(
                        "nri plugin %s: asks for an update of container %s, which is being created"
                                .formatted(plugin, id));
            }
            try {
                ResourceMerge.claim(owners, id, each.getLinux().getResources(), plugin);
            } catch (SandboxException.Failed conflict) {
                if (each.getIgnoreFailure()) {
                    continue;
                }
                throw conflict;
            }
            var merged = update(id, each.getIgnoreFailure());
            merged.setIgnoreFailure(merged.getIgnoreFailure() && each.getIgnoreFailure());
            ResourceMerge.overlay(
                    each.getLinux().getResources(), merged.getLinuxBuilder().getResourcesBuilder());
        }
    }

    private ContainerUpdate.Builder update(String id, boolean ignoreFailure) {
        return updates.computeIfAbsent(
                id,
                _ ->
                        ContainerUpdate.newBuilder()
                                .setContainerId(id)
                                .setIgnoreFailure(ignoreFailure));
    }

    /** What has been put together for a container so far. */
    LinuxResources of(String containerId) {
        var update = updates.get(containerId);
        return update == null
                ? LinuxResources.getDefaultInstance()
                : update.getLinux().getResources();
    }

    /** What has been put together for a container; it is no longer among {@link #all}. */
    LinuxResources take(String containerId) {
        var taken = updates.remove(containerId);
        return taken == null
                ? LinuxResources.getDefaultInstance()
                : taken.getLinux().getResources();
    }

    List<ContainerUpdate> all() {
        return updates.values().stream().map(ContainerUpdate.Builder::build).toList();
    }
}
