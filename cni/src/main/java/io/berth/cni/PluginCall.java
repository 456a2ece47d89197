package io.berth.cni;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;

/**
 * One execution of a plugin.
 *
 * @param subject what the call is for, as messages name it: {@code pod ID: network NAME}
 * @param plugin the plugin's type
 * @param environment what the verb needs, besides the command and the plugin folders
 * @param input the plugin's stdin
 */
record PluginCall(
        Verb verb,
        String subject,
        String plugin,
        Path binary,
        Map<String, String> environment,
        ObjectNode input) {

    /** Tells a plugin, and all that it starts, which pod it works for. */
    static final String ID_VARIABLE = "CNI_CONTAINERID";

    /** The call as messages name it. */
    String name() {
        return "%s: plugin %s %s".formatted(subject, plugin, verb);
    }
}
