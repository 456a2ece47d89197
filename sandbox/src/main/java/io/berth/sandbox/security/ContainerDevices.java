package io.berth.sandbox.security;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * The device nodes of the host that a container gets.
 *
 * @param nodes those that it has without a rule of their own
 * @param granted those that it asks for; one for a path that another has replaces it
 * @param everything whether it may use, and make, whatever device there is
 */
record ContainerDevices(
        List<HostDevice> nodes, List<HostDevices.Granted> granted, boolean everything) {
    static final ContainerDevices NONE = new ContainerDevices(List.of(), List.of(), false);

    ContainerDevices {
        nodes = List.copyOf(nodes);
        granted = List.copyOf(granted);
    }

    void write(ObjectNode linux) {
        var byPath = new LinkedHashMap<String, HostDevice>();
        nodes.forEach(device -> byPath.put(device.path(), device));
        granted.forEach(each -> byPath.put(each.device().path(), each.device()));
        if (!byPath.isEmpty()) {
            var list = linux.withArray("/devices");
            byPath.values().forEach(device -> device.node(list));
        }
        var rules = linux.withArray("/resources/devices");
        granted.forEach(each -> each.device().rule(rules, each.access()));
        if (everything) {
            rules.removeAll();
            rules.addObject().put("allow", true).put("access", "rwm");
        }
    }
}
