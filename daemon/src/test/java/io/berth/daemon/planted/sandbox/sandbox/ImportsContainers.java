package io.berth.daemon.planted.sandbox.sandbox;

import io.berth.daemon.planted.sandbox.container.Container;
import java.util.List;

/** Against the order of the packages in sandbox. */
record ImportsContainers(List<Container> containers) {
    boolean has(Container container) {
        return containers.contains(container);
    }
}
