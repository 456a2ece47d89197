package io.berth.sandbox.spec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A further process in a container, as the runtime wants it described. */
public final class ExecSpec {
    private ExecSpec() {}

    /**
     * The container's own process with another command: same user, rights, environment and working
     * directory. At a terminal TERM is set if it is not.
     *
     * @param configJson the container's config.json
     * @throws IllegalStateException if config.json describes no process
     */
    public static byte[] process(byte[] configJson, List<String> command, boolean terminal) {
        if (OciJson.parse(configJson).get("process") instanceof ObjectNode process) {
            process.set("args", OciJson.array(command));
            process.put("terminal", terminal);
            if (terminal) {
                setTerm(process);
            }
            process.remove("consoleSize");
            return OciJson.bytes(process);
        }
        throw new IllegalStateException("config.json: found no process");
    }

    private static void setTerm(ObjectNode process) {
        var variables = process.withArray("env");
        for (var variable : variables) {
            if (variable.asText().startsWith("TERM=")) {
                return;
            }
        }
        variables.add("TERM=xterm");
    }
}
