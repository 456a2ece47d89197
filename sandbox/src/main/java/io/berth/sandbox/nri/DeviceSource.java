package io.berth.sandbox.nri;

import io.berth.sandbox.SandboxException;
import io.berth.sandbox.cdi.CdiDevices;
import java.io.IOException;
import java.util.List;

/** Who knows what vendors' devices change in a spec. */
public interface DeviceSource {
    /**
     * What the devices of these names change.
     *
     * @throws SandboxException.InvalidRequest naming each that cannot be given, and why
     */
    CdiDevices resolve(List<String> names) throws IOException;
}
