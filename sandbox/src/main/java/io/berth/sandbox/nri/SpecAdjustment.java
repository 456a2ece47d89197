package io.berth.sandbox.nri;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.nri.v1.CDIDevice;
import io.berth.nri.v1.ContainerAdjustment;
import io.berth.nri.v1.Hook;
import io.berth.nri.v1.Hooks;
import io.berth.nri.v1.KeyValue;
import io.berth.sandbox.SandboxException;
import java.io.IOException;
import java.util.List;

/** Puts what plugins want changed into an OCI config.json (runtime-spec, config.md). */
final class SpecAdjustment {
    static final String AWAY = "-";

    private final ObjectNode spec;
    private final Creation.Changes changes;

    SpecAdjustment(ObjectNode spec, Creation.Changes changes) {
        this.spec = spec;
        this.changes = changes;
    }

    /**
     * @throws SandboxException.Failed for what cannot be honoured, by name
     */
    void apply(ContainerAdjustment adjust) {
        refuse(adjust);
        adjust.getAnnotationsMap()
                .forEach((key, value) -> entry(spec.withObject("/annotations"), key, value));
        var process = spec.withObject("/process");
        if (adjust.getEnvCount() > 0) {
            environment(process, adjust.getEnvList());
        }
        if (adjust.getArgsCount() > 0) {
            var args = process.putArray("args");
            adjust.getArgsList().forEach(args::add);
        }
        hooks(adjust.getHooks());
        vendorDevices(adjust);
        for (var limit : adjust.getRlimitsList()) {
            var all = process.withArray("/rlimits");
            removeWhere(all, "type", limit.getType());
            all.addObject()
                    .put("type", limit.getType())
                    .put("hard", SpecSeccomp.unsigned(limit.getHard()))
                    .put("soft", SpecSeccomp.unsigned(limit.getSoft()));
        }
        new SpecMounts(spec, changes.mounts()).apply(adjust.getMountsList());
        if (adjust.hasLinux()) {
            new SpecLinuxAdjustment(spec, changes.limits()).apply(adjust.getLinux());
        }
    }

    private static void refuse(ContainerAdjustment adjust) {
        var blockIo = adjust.getLinux().getResources().getBlockioClass().getValue();
        if (!blockIo.isEmpty()) {
            throw refused("linux.resources.blockio_class", blockIo);
        }
    }

    private void vendorDevices(ContainerAdjustment adjust) {
        if (adjust.getCDIDevicesCount() == 0) {
            return;
        }
        var names = adjust.getCDIDevicesList().stream().map(CDIDevice::getName).toList();
        try {
            changes.devices().resolve(names).write(spec);
        } catch (IOException | SandboxException.InvalidRequest failure) {
            throw new SandboxException.Failed(
                    "nri adjustment CDI_devices: " + failure.getMessage(), failure);
        }
    }

    private static SandboxException refused(String field, String found) {
        return new SandboxException.Failed(
                "nri adjustment %s: found '%s'; berth does not honour it".formatted(field, found));
    }

    /** Sets an entry, or takes it away if its key says so. */
    static void entry(ObjectNode object, String key, String value) {
        if (key.startsWith(AWAY)) {
            object.remove(key.substring(1));
        } else {
            object.put(key, value);
        }
    }

    static void removeWhere(ArrayNode array, String field, String value) {
        for (int i = array.size() - 1; i >= 0; i--) {
            if (array.get(i).path(field).asText().equals(value)) {
                array.remove(i);
            }
        }
    }

    /** A variable that exists keeps its place. */
    private static void environment(ObjectNode process, List<KeyValue> asked) {
        var variables = SpecView.list(process.path("env"));
        for (var each : asked) {
            boolean away = each.getKey().startsWith(AWAY);
            var key = away ? each.getKey().substring(1) : each.getKey();
            int at = -1;
            for (int i = 0; i < variables.size(); i++) {
                if (variables.get(i).startsWith(key + "=")) {
                    at = i;
                }
            }
            if (away && at >= 0) {
                variables.remove(at);
            } else if (!away && at >= 0) {
                variables.set(at, key + "=" + each.getValue());
            } else if (!away) {
                variables.add(key + "=" + each.getValue());
            }
        }
        var env = process.putArray("env");
        variables.forEach(env::add);
    }

    private void hooks(Hooks asked) {
        hooks("prestart", asked.getPrestartList());
        hooks("createRuntime", asked.getCreateRuntimeList());
        hooks("createContainer", asked.getCreateContainerList());
        hooks("startContainer", asked.getStartContainerList());
        hooks("poststart", asked.getPoststartList());
        hooks("poststop", asked.getPoststopList());
    }

    private void hooks(String time, List<Hook> asked) {
        for (var hook : asked) {
            var json = spec.withObject("/hooks").withArray("/" + time).addObject();
            json.put("path", hook.getPath());
            if (hook.getArgsCount() > 0) {
                hook.getArgsList().forEach(json.putArray("args")::add);
            }
            if (hook.getEnvCount() > 0) {
                hook.getEnvList().forEach(json.putArray("env")::add);
            }
            if (hook.hasTimeout()) {
                json.put("timeout", hook.getTimeout().getValue());
            }
        }
    }
}
