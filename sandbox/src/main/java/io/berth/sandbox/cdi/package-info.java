/**
 * Devices of vendors by the Container Device Interface: names such as {@code vendor.com/gpu=0}, the
 * files that describe them, and what they change in an OCI runtime spec.
 *
 * <pre>
 * /etc/cdi/vendor.yaml     cdiVersion, kind: vendor.com/gpu, devices: [{name, containerEdits}],
 * /var/run/cdi/other.json  containerEdits (for whoever gets any of the devices)
 * </pre>
 *
 * <p>Main types: {@link io.berth.sandbox.cdi.CdiRegistry} finds devices by name; {@link
 * io.berth.sandbox.cdi.CdiDevices} writes what was found into a spec, as a pure function.
 * Invariant: a file is taken as a whole or not at all, and a device that is asked for is given or
 * the request fails. May be imported by .security and .nri; imports nothing of this module but its
 * errors. Source: the Container Device Interface's SPEC.md, up to version 1.1.0.
 */
@NullMarked
package io.berth.sandbox.cdi;

import org.jspecify.annotations.NullMarked;
