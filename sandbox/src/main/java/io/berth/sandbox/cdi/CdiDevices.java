package io.berth.sandbox.cdi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the devices that a container asks for change in its spec.
 *
 * @param edits those of each file, then of each device, in the order of the request; device nodes
 *     have type and numbers
 */
public record CdiDevices(List<ObjectNode> edits) {
    public static final CdiDevices NONE = new CdiDevices(List.of());

    public CdiDevices {
        edits = List.copyOf(edits);
    }

    /** Changes {@code spec}, which has process, mounts and linux already. */
    public void write(ObjectNode spec) {
        for (var edit : edits) {
            for (var variable : CdiFields.list(edit, "env")) {
                setVariable(spec.withObject("/process").withArray("env"), variable.asText());
            }
            for (var device : CdiFields.list(edit, "deviceNodes")) {
                device(spec, (ObjectNode) device);
            }
            for (var mount : CdiFields.list(edit, "mounts")) {
                mount(spec, mount);
            }
            for (var hook : CdiFields.list(edit, "hooks")) {
                var copy = ((ObjectNode) hook).deepCopy();
                var name = copy.remove("hookName").asText();
                spec.withObject("/hooks").withArray(name).add(copy);
            }
            if (edit.get("intelRdt") instanceof ObjectNode rdt) {
                spec.withObject("/linux").set("intelRdt", rdt);
            }
            for (var gid : CdiFields.list(edit, "additionalGids")) {
                addGroup(spec.withObject("/process/user").withArray("additionalGids"), gid);
            }
        }
    }

    private static void setVariable(ArrayNode environment, String variable) {
        var prefix = variable.substring(0, variable.indexOf('=') + 1);
        for (int i = 0; i < environment.size(); i++) {
            if (environment.get(i).asText().startsWith(prefix)) {
                environment.set(i, variable);
                return;
            }
        }
        environment.add(variable);
    }

    private static void device(ObjectNode spec, ObjectNode device) {
        var type = device.get("type").asText();
        var node = spec.objectNode();
        for (var name : List.of("path", "type", "major", "minor", "fileMode", "uid", "gid")) {
            if (device.has(name)) {
                node.set(name, device.get(name));
            }
        }
        for (var owner : List.of("uid", "gid")) {
            var own = spec.at("/process/user/" + owner);
            if (!node.has(owner) && own.asLong() > 0) {
                node.set(owner, own);
            }
        }
        var linux = spec.withObject("/linux");
        var nodes = linux.withArray("/devices");
        remove(nodes, "path", device.get("path").asText());
        nodes.add(node);
        var access = device.path("permissions").asText();
        if ((type.equals("b") || type.equals("c")) && !access.equals("none")) {
            linux.withArray("/resources/devices")
                    .addObject()
                    .put("allow", true)
                    .put("type", type)
                    .put("major", device.path("major").asLong())
                    .put("minor", device.path("minor").asLong())
                    .put("access", access.isEmpty() ? "rwm" : access);
        }
    }

    private static void mount(ObjectNode spec, JsonNode mount) {
        var mounts = spec.withArray("/mounts");
        var destination = mount.get("containerPath").asText();
        remove(mounts, "destination", destination);
        var added = mounts.addObject().put("destination", destination);
        if (!mount.path("type").asText().isEmpty()) {
            added.set("type", mount.get("type"));
        }
        added.set("source", mount.get("hostPath"));
        var options = added.putArray("options");
        mount.path("options").forEach(options::add);
        if (hasUserNamespace(spec)) {
            shift(mount.path("type").asText(), options);
        }
        var sorted = new ArrayList<JsonNode>();
        mounts.forEach(sorted::add);
        sorted.sort(Comparator.comparingInt(CdiDevices::depth));
        mounts.removeAll();
        mounts.addAll(sorted);
    }

    /** In a user namespace, owners of what is bound in are shown as the container's own ids. */
    private static void shift(String type, ArrayNode options) {
        var names = new ArrayList<String>();
        options.forEach(option -> names.add(option.asText()));
        if (names.contains("idmap") || names.contains("ridmap")) {
            return;
        }
        if (names.contains("rbind")) {
            options.add("ridmap");
        } else if (names.contains("bind") || type.equals("bind")) {
            options.add("idmap");
        }
    }

    private static boolean hasUserNamespace(ObjectNode spec) {
        for (var namespace : spec.at("/linux/namespaces")) {
            if (namespace.path("type").asText().equals("user")) {
                return true;
            }
        }
        return false;
    }

    private static int depth(JsonNode mount) {
        return Path.of(mount.get("destination").asText()).normalize().getNameCount();
    }

    private static void remove(ArrayNode list, String field, String value) {
        list.removeIf(each -> each.path(field).asText().equals(value));
    }

    private static void addGroup(ArrayNode groups, JsonNode gid) {
        for (var group : groups) {
            if (group.asLong() == gid.asLong()) {
                return;
            }
        }
        if (gid.asLong() != 0) {
            groups.add(gid.asLong());
        }
    }
}
