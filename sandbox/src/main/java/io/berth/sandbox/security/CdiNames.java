package io.berth.sandbox.security;

import io.berth.cri.v1.CDIDevice;
import io.berth.cri.v1.ContainerConfig;
import io.berth.sandbox.SandboxException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Which CDI devices a container asks for: in its field, and in annotations of older plugins. */
final class CdiNames {
    private static final String ANNOTATION = "cdi.k8s.io/";

    private CdiNames() {}

    /** The field's first, then those of the annotations in the order of their keys. */
    static List<String> of(ContainerConfig config) {
        var names = new ArrayList<String>();
        for (int i = 0; i < config.getCDIDevicesCount(); i++) {
            CDIDevice device = config.getCDIDevices(i);
            if (device.getName().isEmpty()) {
                throw new SandboxException.InvalidRequest(
                        "config.CDI_devices[%d].name: found none".formatted(i));
            }
            names.add(device.getName());
        }
        new TreeMap<>(config.getAnnotationsMap())
                .forEach(
                        (key, value) -> {
                            if (key.startsWith(ANNOTATION)) {
                                names.addAll(List.of(value.split(",", -1)));
                            }
                        });
        return names;
    }
}
