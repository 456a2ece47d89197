package io.berth.sandbox.nri;

import io.berth.cri.v1.LinuxContainerResources;
import java.io.IOException;

/** What plugins ask of containers that exist. Both throw for what could not be done. */
public interface ContainerChanges {
    /** Sets those limits that are not zero; a container that is gone is left alone. */
    void update(String containerId, LinuxContainerResources resources) throws IOException;

    /** Stops a container at once; one that is gone is stopped. */
    void evict(String containerId, String reason) throws IOException;
}
