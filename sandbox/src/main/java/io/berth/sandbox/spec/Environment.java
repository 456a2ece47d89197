package io.berth.sandbox.spec;

import io.berth.cri.v1.ContainerConfig;
import io.berth.cri.v1.KeyValue;
import io.berth.imageservice.image.ImageConfig;
import io.berth.sandbox.SandboxException;
import java.util.LinkedHashMap;
import java.util.List;

/** The environment of a container's process: a later source replaces a variable in its place. */
final class Environment {
    private static final String PATH =
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private Environment() {}

    /**
     * Defaults for PATH and, at a terminal, TERM; the pod's name; then the image's variables, then
     * the request's.
     *
     * @throws SandboxException.InvalidRequest for a name or value that no environment can hold, or
     *     that JSON cannot carry; the message has the name, never the value
     */
    static List<String> of(ContainerConfig config, ImageConfig image, String hostname) {
        var variables = new LinkedHashMap<String, String>();
        variables.put("PATH", PATH);
        if (config.getTty()) {
            variables.put("TERM", "xterm");
        }
        variables.put("HOSTNAME", hostname);
        for (var entry : image.env()) {
            int equals = entry.indexOf('=');
            if (equals > 0) {
                variables.put(entry.substring(0, equals), entry.substring(equals + 1));
            }
        }
        for (int i = 0; i < config.getEnvsCount(); i++) {
            var variable = config.getEnvs(i);
            check(variable, i);
            variables.put(variable.getKey(), variable.getValue().toStringUtf8());
        }
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toList();
    }

    private static void check(KeyValue variable, int index) {
        var name = variable.getKey();
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    "config.envs[%d].key: found '%s', wanted a name without = and NUL"
                            .formatted(index, name));
        }
        var value = variable.getValue();
        if (!value.isValidUtf8() || value.toStringUtf8().indexOf('\0') >= 0) {
            throw new SandboxException.InvalidRequest(
                    ("config.envs[%d].value: that of %s is not UTF-8 or contains NUL; an OCI"
                                    + " config cannot carry it")
                            .formatted(index, name));
        }
    }
}
